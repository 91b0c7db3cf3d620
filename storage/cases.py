"""Cases and their chronologies: each sealed with a key of its own, bound to its version or sequence number."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy import Row, Select, bindparam, func, select

from policy.case import Case, CaseState, Entry, RecordId
from policy.people import PersonId
from storage.codec import case_bytes, entry_bytes, read_case, read_entry
from storage.errors import CannotOpen, NoSuchRecord, StaleRecord, StorageError, Unreadable
from storage.sealing import random_id
from storage.search import SearchIndex, Wanted
from storage.tables import cases, chronology, tombstones, unindexed

log = structlog.get_logger()

ALPHABET = "3456789CDFHJKMNPQRTVWX"
"""What references are made of: nothing that looks like something else, and no vowels, so that no word appears."""

_LENGTH = 5
_ID_LENGTH = 32
_TRIES = 20

_OPEN_STATES = tuple(state.value for state in CaseState if state is not CaseState.FINISHED)
DRILL, DRILL_OVER = "drill", "drill-over"
"""What stands as the state of a drill: whatever looks for reports by their state finds none."""
_COLUMNS = select(cases.c.id, cases.c.version, cases.c.data_key, cases.c.body)
_BY_ID = _COLUMNS.where(cases.c.id == bindparam("case"))
_BY_REFERENCE = _COLUMNS.where(cases.c.reference == bindparam("reference"))
_OPEN = _COLUMNS.where(cases.c.state.in_(_OPEN_STATES)).order_by(cases.c.received_at, cases.c.id)
_REPORTED = (
    _COLUMNS.where(cases.c.reporter == bindparam("person"), cases.c.state.not_in((DRILL, DRILL_OVER)))
    .order_by(cases.c.received_at.desc(), cases.c.id.desc())
    .limit(bindparam("most"))
)
_DRILLS = (
    _COLUMNS.where(cases.c.state.in_((DRILL, DRILL_OVER)))
    .order_by(cases.c.received_at.desc(), cases.c.id.desc())
    .limit(bindparam("most"))
)
_OPEN_DRILLS = _COLUMNS.where(cases.c.state == DRILL)
_AFTER = (
    _COLUMNS.where(cases.c.id > bindparam("after"), cases.c.state.not_in((DRILL, DRILL_OVER)))
    .order_by(cases.c.id)
    .limit(bindparam("most"))
)
_LINES = (
    select(chronology)
    .where(chronology.c.record.in_(bindparam("of", expanding=True)))
    .order_by(chronology.c.record, chronology.c.seq)
)
_KEY = select(cases.c.version, cases.c.data_key).where(cases.c.id == bindparam("case"))
_TAKEN_REFERENCE = (
    select(cases.c.id)
    .where(cases.c.reference == bindparam("reference"))
    .union_all(select(tombstones.c.record).where(tombstones.c.reference == bindparam("reference")))
)
_ADD = cases.insert()
_SAVE = (
    cases.update()
    .where(cases.c.id == bindparam("case"), cases.c.version == bindparam("before"))
    .values(
        {
            "state": bindparam("new_state"),
            "level": bindparam("new_level"),
            "version": bindparam("new_version"),
            "finished_at": bindparam("new_finished_at"),
            "body": bindparam("new_body"),
        }
    )
)
_RECEIVED = select(cases.c.received_at, cases.c.state).where(cases.c.id == bindparam("case"))
_THESE = _COLUMNS.where(cases.c.id.in_(bindparam("these", expanding=True)), cases.c.state.not_in((DRILL, DRILL_OVER)))
_UNINDEXED = select(unindexed.c.record).order_by(unindexed.c.record).limit(bindparam("most"))
_INDEXED = unindexed.delete().where(unindexed.c.record == bindparam("done"))
_LAST_ENTRY = select(func.max(chronology.c.seq)).where(chronology.c.record == bindparam("case"))
_APPEND = chronology.insert()
_CHRONOLOGY = select(chronology).where(chronology.c.record == bindparam("case")).order_by(chronology.c.seq)


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that was written in one case, and the ids of its people; without a case it cannot be read."""

    id: RecordId
    case: Case | None
    texts: frozenset[str]


class Cases(SearchIndex):
    """What was reported, and what became of it."""

    def new_record_id(self) -> RecordId:
        """128 random bits: what buttons carry."""
        return RecordId(random_id())

    async def new_reference(self) -> str:
        """Five random characters that no case has or had, such as R7K4Q: what people read."""
        for _ in range(_TRIES):
            reference = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
            if (await self._read(_TAKEN_REFERENCE, {"reference": reference})).first() is None:
                return reference
        raise StorageError("No free reference was found.")

    async def add_case(self, case: Case) -> None:
        """Stores a new case, under a data key of its own."""
        wrapped = self._keyring.new_data_key(case.id)
        row = {
            "id": case.id,
            "reference": case.reference,
            "reporter": case.reporter,
            "received_at": case.received_at,
            "data_key": wrapped,
            **self._columns(case, wrapped),
        }
        await self._write(_ADD, row)
        self._seen[case.id] = case.version, wrapped
        await self._index_case(case)

    async def case(self, record: RecordId) -> Case | None:
        """The case of this id. In a write transaction nobody else can change it until the end."""
        return await self._one(_BY_ID, {"case": record})

    async def case_by_reference(self, reference: str) -> Case | None:
        """The case of this reference, in any case of letters; a drill is none. Locked as by `case`."""
        case = await self._one(_BY_REFERENCE, {"reference": reference.strip().upper()})
        return None if case is not None and case.drill else case

    async def save_case(self, case: Case) -> None:
        """Stores a case in the place of its older version.

        Raises:
            StaleRecord: the stored version is as new, or newer than what was read in this transaction.
            NoSuchRecord: it was never added.
        """
        before, wrapped = await self._version_and_key(case.id)
        if case.version > before:
            stored = (await self._read(_BY_ID, {"case": case.id})).one()
            new = {f"new_{name}": value for name, value in self._columns(case, wrapped).items()}
            values = {"case": case.id, "before": before, **new}
            if (await self._write(_SAVE, values)).rowcount == 1:
                self._seen[case.id] = case.version, wrapped
                await self._index_case(case, before=self._open_case(stored))
                return
        raise StaleRecord("The record has changed since it was read.")

    async def open_cases(self) -> tuple[Case, ...]:
        """Everything that is not finished, oldest first. One that cannot be read does not hide the others."""
        found = []
        for row in await self._read(_OPEN):
            try:
                found.append(self._open_case(row))
            except (CannotOpen, Unreadable):
                log.critical("a case cannot be read", record=row.id)
        return tuple(found)

    async def open_drills(self) -> tuple[Case, ...]:
        """Drills that are under way: they are never among the open cases."""
        return tuple(self._open_case(row) for row in await self._read(_OPEN_DRILLS))

    async def drills(self, limit: int) -> tuple[Case, ...]:
        """Drills, under way or over, newest first."""
        return tuple(self._open_case(row) for row in await self._read(_DRILLS, {"most": limit}))

    async def cases_reported_by(self, person: PersonId, limit: int = 20) -> tuple[Case, ...]:
        """What a person reported, newest first."""
        return tuple(self._open_case(row) for row in await self._read(_REPORTED, {"person": person, "most": limit}))

    async def append(self, record: RecordId, entries: Sequence[Entry]) -> None:
        """Adds lines to the end of a case's chronology.

        Raises:
            NoSuchRecord: the case was never added.
        """
        if not entries:
            return
        _, wrapped = await self._version_and_key(record)
        sealer = self._keyring.record_sealer(wrapped, record)
        last = (await self._read(_LAST_ENTRY, {"case": record})).scalar() or 0
        rows = [
            {"record": record, "seq": seq, "at": entry.at, "body": sealer.seal("chronology", seq, entry_bytes(entry))}
            for seq, entry in enumerate(entries, start=last + 1)
        ]
        await self._write(_APPEND, rows)
        row = (await self._read(_RECEIVED, {"case": record})).one()
        if row.state not in (DRILL, DRILL_OVER):
            await self._index_entries(record, row.received_at, entries)

    async def chronology(self, record: RecordId) -> tuple[Entry, ...]:
        """The chronology of a case, in the order in which it was written; empty for an unknown one.

        Raises:
            CannotOpen: a line was changed, moved or taken out.
        """
        rows = (await self._read(_CHRONOLOGY, {"case": record})).all()
        if not rows:
            return ()
        _, wrapped = await self._version_and_key(record)
        sealer = self._keyring.record_sealer(wrapped, record)
        return tuple(read_entry(sealer.open("chronology", seq, row.body)) for seq, row in enumerate(rows, start=1))

    async def written_after(self, after: str, most: int) -> tuple[Written, ...]:
        """The next cases in the order of their ids, with everything that was written in them.

        One that cannot be read is told in the log, and hides none of the others.
        """
        rows = (await self._read(_AFTER, {"after": after, "most": most})).all()
        if not rows:
            return ()
        lines: dict[str, list[Row[Any]]] = {row.id: [] for row in rows}
        for line in await self._read(_LINES, {"of": list(lines)}):
            lines[line.record].append(line)
        # Opening hundreds of seals takes its time: clicks are answered meanwhile.
        return await asyncio.to_thread(lambda: tuple(self._written(row, lines[row.id]) for row in rows))

    def _written(self, row: Row[Any], lines: Sequence[Row[Any]]) -> Written:
        sealer = self._keyring.record_sealer(row.data_key, row.id)
        try:
            case = self._open_case(row)
            texts = set(_texts(json.loads(case_bytes(case))))
            for line in lines:
                entry = read_entry(sealer.open("chronology", line.seq, line.body))
                texts |= {entry.text, *entry.people}
        except (CannotOpen, Unreadable):
            log.critical("a case cannot be read", record=row.id)
            return Written(row.id, None, frozenset())
        return Written(row.id, case, frozenset(texts))

    async def find_cases(self, wanted: Wanted, most: int) -> tuple[tuple[Case, ...], Wanted | None]:
        """At most so many cases that have what is wanted, newest first, and where to go on; None: there are no more.

        Who may read them is not asked here: whoever asks filters.
        """
        found = await self._found(wanted, most)
        cases_by_id = {}
        for row in await self._read(_THESE, {"these": [record for _, record in found]}):
            try:
                cases_by_id[row.id] = self._open_case(row)
            except (CannotOpen, Unreadable):
                log.critical("a case cannot be read", record=row.id)
        more = replace(wanted, after=found[-1]) if len(found) == most else None
        return tuple(cases_by_id[record] for _, record in found if record in cases_by_id), more

    async def index_older(self, most: int) -> int:
        """Indexes at most so many cases from before there was an index; returns how many. 0: all of them are."""
        self._must_write()
        waiting = _UNINDEXED.with_for_update(skip_locked=True) if self._postgres else _UNINDEXED
        records = (await self._read(waiting, {"most": most})).scalars().all()
        for record in records:
            try:
                case = await self.case(record)
                if case is not None and not case.drill:
                    await self._index_case(case)
                    await self._index_entries(record, case.received_at, await self.chronology(record))
            except (CannotOpen, Unreadable):
                log.critical("a case cannot be read, and is not found by words", record=record)
            await self._write(_INDEXED, {"done": record})
        return len(records)

    async def is_indexed(self) -> bool:
        """Whether every case is found by its words."""
        return (await self._read(_UNINDEXED, {"most": 1})).first() is None

    async def _one(self, statement: Select[Any], values: dict[str, object]) -> Case | None:
        if self._writing:
            statement = statement.with_for_update()
        row = (await self._read(statement, values)).first()
        if row is None:
            return None
        self._seen[row.id] = row.version, row.data_key
        return self._open_case(row)

    async def _version_and_key(self, record: RecordId) -> tuple[int, bytes]:
        seen = self._seen.get(record)
        if seen is None:
            statement = _KEY.with_for_update() if self._writing else _KEY
            row = (await self._read(statement, {"case": record})).first()
            if row is None:
                raise NoSuchRecord("There is no record of this id.")
            seen = self._seen[record] = row.version, row.data_key
        return seen

    def _columns(self, case: Case, wrapped: bytes) -> dict[str, object]:
        sealer = self._keyring.record_sealer(wrapped, case.id)
        return {
            "state": _state(case),
            "level": case.level.value,
            "version": case.version,
            "finished_at": case.finished_at,
            "body": sealer.seal("cases", case.version, case_bytes(case)),
        }

    def _open_case(self, row: Row[Any]) -> Case:
        sealer = self._keyring.record_sealer(row.data_key, row.id)
        return read_case(sealer.open("cases", row.version, row.body))


def _state(case: Case) -> str:
    if case.drill:
        return DRILL if case.open else DRILL_OVER
    return case.state.value


def _texts(value: object) -> Iterator[str]:
    """Every text in what JSON held; keys are texts too where they are ids."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_texts(inner)) if len(key) == _ID_LENGTH else _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
