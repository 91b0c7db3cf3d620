"""What the machine plays with: the real handlers, on a real database, with the real delivery; and what it looks at."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Coroutine, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from bot.profiles import load_profile
from bot.sandbox.world import A_TUESDAY
from bot.worker.delivery import Delivery
from handlers.cases.access import decides
from handlers.cases.apply import CASE_CARD
from handlers.cases.cards import build_card
from handlers.commands import TOKEN, Command, SendCorrection, SendName, SendPassOn, SendUnname
from handlers.handlers import Handlers
from handlers.ports import Reply
from handlers.views import AccessEnded, Card, CaseDetail, Digest, Form, Notice, Receipt, Unanswered
from policy.case import Case, Due, Entry, RecordId
from policy.people import PersonId
from policy.routing import readers
from policy.school import School
from storage.database import Database
from tests.stateful.model import ENTRIES, Report, StaffList
from tests.stateful.phones import Luck, Phones, about

T = TypeVar("T")
PROFILE = load_profile("astor")
NOBODY = PersonId("somebody who has nothing to do with it")
THE_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class Clock:
    """School time and real time, which pass together here."""

    def __init__(self) -> None:
        self.at = A_TUESDAY

    def now(self) -> datetime:
        """The moment that the machine has set."""
        return self.at


class Template:
    """A database with the people of the school in it, made once and copied for every example."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop, key: str) -> None:
        self.folder = folder
        self.loop = loop
        self.key = key
        self.ids = loop.run_until_complete(self._make())

    async def _make(self) -> Mapping[str, PersonId]:
        database = await Database.open(self.url(self.folder), [self.key], clock=Clock())
        handlers = Handlers(database, PROFILE)
        await handlers.sync_people(list(ENTRIES.values()))
        ids = {name: await handlers.find_person(entry.email) for name, entry in ENTRIES.items()}
        await database.close()
        return {name: person for name, person in ids.items() if person is not None}

    def copy(self) -> Path:
        """A folder with a database of one's own."""
        folder = Path(mkdtemp(dir=self.folder))
        shutil.copy(self.folder / "staffroom.db", folder)
        return folder

    @staticmethod
    def url(folder: Path) -> str:
        """The address of the database in the folder."""
        return f"sqlite+aiosqlite:///{folder / 'staffroom.db'}"


class Playing(RuleBasedStateMachine):
    """The school while people play in it. Every reply and every card passes `_check_reply` or `_check_card`."""

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template
        self.folder = template.copy()
        self.clock = Clock()
        self.staff = StaffList(template.ids)
        self.everything: list[Report] = []
        self.history: list[Command] = []
        self.before: dict[RecordId, tuple[Case, tuple[Entry, ...]]] = {}
        self.never_reached: set[str] = set()
        self.counted = 0
        self.wrong: list[AssertionError] = []
        self.phones = Phones(self._watch)
        self.run(self._open())

    # --- the house ---

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Runs it to its end on the machine's event loop."""
        return self.template.loop.run_until_complete(doing)

    async def _open(self) -> None:
        self.database = await Database.open(
            Template.url(self.folder), [self.template.key], clock=self.clock, wall=self.clock.now
        )
        self.handlers = Handlers(self.database, PROFILE)
        self.delivery = Delivery(
            self.database, self.handlers, {"phones": self.phones}, wall=self.clock.now, pace=timedelta(0)
        )

    async def _close(self) -> None:
        await self.database.close()

    @property
    def day(self) -> date:
        """The day on the school's calendar."""
        return PROFILE.school_calendar.local(self.clock.at).date()

    def fresh_key(self) -> str:
        """A click of its own."""
        return secrets.token_hex(8)

    # --- what people do ---

    def do(self, name: str, command: Command) -> Reply | None:
        """Somebody asks for something, as an adapter passes it on; None where they are not on the staff list."""
        return self.run(self._do(name, command))

    async def _do(self, name: str, command: Command) -> Reply | None:
        if await self.handlers.find_person(ENTRIES[name].email) is None:
            assert name not in self.staff.entries
            return None
        before, _ = await self.look()
        reply = await self.handlers.handle(command)
        self.history.append(command)
        await self._find_new_records()
        self._learn(name, command, reply)
        if isinstance(command, SendName | SendUnname):
            after, _ = await self.look()
            self._learn_who(command, reply, {one for one, case in before.items() if case.version < after[one].version})
        await self._check_reply(name, reply)
        return reply

    def _learn(self, name: str, command: Command, reply: Reply) -> None:
        """What the machine knows from now on, because somebody was told that it is so."""
        if not isinstance(command, SendPassOn | SendCorrection) or not isinstance(reply.view, Notice):
            return
        for report in self.everything:
            if report.record is None or not command.token.startswith(report.record):
                continue
            if reply.view.title == "Passed on" and command.answers["why"] == "too_close":
                report.recused.add(name)
            if reply.view.text.startswith("It is kept from"):
                named = self.staff.name(PersonId(str(command.answers["person"])))
                report.concerns({named})
                report.triage |= {"concerns": "colleague", "colleague": named}

    def _learn_who(self, command: SendName | SendUnname, reply: Reply, changed: set[RecordId]) -> None:
        """Somebody was named late, or not after all; a repetition of that has changed nothing."""
        for report in self.everything:
            if report.record not in changed or not isinstance(reply.view, Notice):
                continue
            person = self.staff.name(PersonId(str(command.answers["person"])))
            if isinstance(command, SendName):
                report.concerned.add(person)
                report.named_late.add(person)
            else:
                assert person in report.named_late
                report.concerned.discard(person)
                report.named_late.discard(person)

    async def _find_new_records(self) -> None:
        async with self.database.reading() as uow:
            for report in self.everything:
                if report.record is None:
                    draft = await uow.draft(report.form)
                    if draft is not None and draft.record is not None:
                        case = await uow.case(draft.record)
                        assert case is not None
                        report.record, report.reference = case.id, case.reference

    def words(self, name: str, report: Report) -> str:
        """Words that nobody has said before, and that only some may ever read."""
        self.counted += 1
        words = f"secret-{self.counted}-of-{name}"
        report.secrets[words] = name
        return words

    # --- what must hold of everything that reaches somebody ---

    async def look(self) -> tuple[Mapping[RecordId, Case], School]:
        """Every case as it is remembered now, and the school."""
        async with self.database.reading() as uow:
            found = [await uow.case(report.record) for report in self.everything if report.record is not None]
            return {case.id: case for case in found if case is not None}, School(PROFILE, await uow.staff())

    def _may_read(self, name: str, report: Report, case: Case, school: School) -> bool:
        may = self.staff.ids[name] in readers(case, school, self.clock.at)
        assert not (may and name in report.excluded), f"{name} may read {report}, and must not"
        assert not (may and name not in self.staff.entries), f"{name} may read {report}, and has left"
        return may

    def _decides(self, name: str, reply: Reply, case: Case, school: School) -> bool:
        """Whether somebody who decides about the record at its end, without reading it, is asked, or told that not now.

        They know references, and nothing else of it; whoever it is kept from decides about nothing.
        """
        form = isinstance(reply.view, Form) and reply.view.id.startswith("retention.")
        return (form or isinstance(reply.view, Notice)) and decides(case, self.staff.ids[name], school, self.clock.at)

    async def _check_reply(self, name: str, reply: Reply) -> None:
        text = repr(reply.view)
        cases, school = await self.look()
        for report in self.everything:
            if report.record is None:
                continue
            if not self._may_read(name, report, cases[report.record], school):
                for words, author in report.secrets.items():
                    assert author == name or words not in text, f"{name} reads what {author} wrote about {report}"
                assert not (isinstance(reply.view, CaseDetail) and report.reference in text), f"{name} opens {report}"
                if name != report.reporter and not self._decides(name, reply, cases[report.record], school):
                    assert report.record not in text, f"{name} gets a button of {report}"
                    assert name in report.knows or report.reference not in text, f"{name} learns of {report}"
            if report.reference in text:
                report.knows.add(name)
            self._keep_tokens(report, text)

    def _keep_tokens(self, report: Report, text: str) -> None:
        for found in TOKEN.finditer(text):
            if found["record"] == report.record and found[0] not in report.tokens:
                report.tokens.append(found[0])

    async def _watch(self, email: str, card: Card, rings: bool) -> None:
        try:
            await self._check_card(email, card, rings)
        except AssertionError as error:
            self.wrong.append(error)  # the delivery would take it for a fault of the platform, and try again

    async def _check_card(self, email: str, card: Card, rings: bool) -> None:
        name = self.staff.name_at(email)
        if isinstance(card, Digest):
            await self._check_digest(name, card)
            return
        report = next(one for one in self.everything if one.reference == about(card))
        assert report.record is not None
        text = repr(card)
        for one in self.everything:
            assert not any(words in text for words in one.secrets), "words that somebody wrote stand on a card"
        out = report.excluded
        cases, school = await self.look()
        case = cases[report.record]
        if isinstance(card, Receipt):
            assert name == report.reporter, f"{name} gets the receipt of {report}"
            assert name in self.staff.entries, f"{name} has left and gets a receipt"
        elif isinstance(card, AccessEnded):
            if name in out:
                assert not rings, f"the phone of {name} rings about {report}"
                same = build_card(CASE_CARD, NOBODY, case, school, self.clock.at).card
                assert card == same, f"{name} reads other words than somebody who handed {report} over"
        else:
            assert name not in out, f"{name} gets a card about {report}"
            assert name in self.staff.entries, f"{name} has left and gets a card about {report}"
            assert self.staff.entries[name].duties, f"{name} has no duty any more and gets a card about {report}"
            if not isinstance(card, Unanswered):
                assert self._may_read(name, report, case, school), (
                    f"{name} gets a card about {report}, and may not read it"
                )
        report.knows.add(name)
        self._keep_tokens(report, text)

    async def _check_digest(self, name: str, card: Digest) -> None:
        cases, school = await self.look()
        for report in self.everything:
            if report.record is not None and report.reference in repr(card):
                assert self._may_read(name, report, cases[report.record], school), f"{name} is listed {report}"
                report.knows.add(name)
                self._keep_tokens(report, repr(card))

    # --- what time and the worker do ---

    async def fire_what_is_due(self) -> None:
        """As the worker does at every tick."""
        while due := await self.handlers.due():
            for one in due:
                await self.handlers.fire(one)

    async def deliver(self, luck: Mapping[str, Luck]) -> None:
        """Until nothing is left to deliver; `luck` is what goes wrong first, by people's names."""
        self.phones.have({ENTRIES[name].email: what for name, what in luck.items()})
        for _ in range(200):
            await self.fire_what_is_due()
            delivered = await self.delivery.run_once()
            for error in self.wrong:
                raise error
            if delivered:
                continue
            async with self.database.reading() as uow:
                at = await uow.next_card_at()
            if at is None:
                await self.delivery.close(timedelta(seconds=5))
                return
            # Only seconds: school time goes with it.
            self.clock.at = max(self.clock.at, at)
        raise AssertionError("it delivers for ever")

    async def pending(self) -> tuple[Due, ...]:
        """Everything that time will bring."""
        now, self.clock.at = self.clock.at, THE_END_OF_TIME
        try:
            async with self.database.reading() as uow:
                return await uow.due_now(100_000)
        finally:
            self.clock.at = now
