"""The one door to the use cases: a command in, a reply out, one transaction between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter

from handlers import audit_head
from handlers import commands as c
from handlers.cases import escalate, retention
from handlers.cases.apply import CASE_CARD, DIGEST_CARD, FILES_CARD, HEAD_CARD, RECEIPT_CARD, RETENTION_CARD, apply
from handlers.cases.cards import Built, build_card
from handlers.cases.drafts import KEPT_FOR, forget_what_has_served
from handlers.cases.triage_form import UNLISTED
from handlers.digest import build_digest
from handlers.errors import Refused
from handlers.ports import Reply
from handlers.use_cases import FIRES, HOME, SENT_ONCE, USE_CASES, only_looks
from handlers.views import AccessEnded, Card, CaseDetail, Dialog, Notice, Option
from policy.case import Due, RecordId
from policy.case_files import file_ended
from policy.evidence import EvidenceFile
from policy.people import PersonEntry, PersonId
from policy.profile import Profile
from policy.school import School
from storage.cards import CardJob
from storage.database import Database
from storage.errors import AlreadyAccepted, KeyBelongsToAnother, StaleRecord, WriteConflict
from storage.evidence import FileJob
from storage.messages import Conversation
from storage.people import PeopleChanges
from storage.unit_of_work import UnitOfWork

NOT_KEPT = "It is not kept any more. Nothing more for you to do."
TELL_OF_FILES = frozenset({RECEIPT_CARD, FILES_CARD})
ON_RECEIPTS = (c.StartAddition, c.StartCorrection, c.StartSupport)
"""Buttons that stand on a receipt; all others about a record stand on a case's card."""
TRIES = 5
"""How often a command that met another one on the same record is run again."""
INDEXED_AT_ONCE = 25
"""Cases that are indexed in one transaction: people's clicks wait for it on SQLite."""
MOST_PEOPLE = 99
"""People offered by a picker at once (Slack: 100 options), leaving room for "not in this list"."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a repeated command is given again: sealed in the inbox."""

    kind: str
    view: Dialog | None
    replaces: bool


_STORED = TypeAdapter(Stored)


class Handlers:
    """Runs commands, due rows and card building against one database and one profile."""

    def __init__(
        self,
        database: Database,
        profile: Profile,
        *,
        platforms: Mapping[str, str] | None = None,
        public_url: str = "",
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`platforms` are those that people of this school are on, and what people call them.

        `public_url` is where their browsers reach Staffroom, without a slash at its end.
        """
        self._public_url = public_url
        self._database = database
        self._profile = profile
        self._platforms = platforms or {}
        self._wake = wake

    async def handle(self, command: c.Command) -> Reply:
        """Does what the command asks, once, and returns what to show.

        People's mistakes, and clicks that may not do what they ask, are replies. Only faults are raised, and
        then nothing has been accepted.
        """
        for _ in range(TRIES):
            try:
                return await self._once(command)
            except Refused as refused:
                return await self._refuse(command, refused)
            except KeyBelongsToAnother:
                notice = Notice(title="Not yours", text="That click was somebody else's. Nothing was changed.")
                return await self._refuse(command, Refused(notice, reason="foreign-key"))
            except (AlreadyAccepted, StaleRecord, WriteConflict):
                continue  # another process was quicker; run again on what it left
        raise RuntimeError("a record that others keep changing")

    async def _once(self, command: c.Command) -> Reply:
        if isinstance(command, c.SendSearch):
            # It reads everything, so it takes no turn at the writer; that it is done is written before.
            async with self._database.transaction() as uow:
                await uow.audit("subject-search", actor=command.actor)
        if only_looks(command):
            async with self._database.reading() as uow:
                reply = await self._run(command, uow)
                copy = isinstance(command, c.PressButton) and await self._is_copy(command, uow)
            if reply.hits is not None:
                async with self._database.transaction() as uow:
                    await uow.audit("searched", actor=command.actor, hits=reply.hits)
            if copy:
                async with self._database.transaction() as uow:
                    await self._adopt(command, uow)
                self._wake()
            return reply
        keys = [command.key]
        if isinstance(command, c.SendForm) and type(command) in SENT_ONCE:
            keys.append(_once_key(command))
        async with self._database.transaction() as uow:
            for key in keys:
                stored = await uow.replay(key, command.actor)
                if stored is not None:
                    again = _STORED.validate_json(stored)
                    return Reply(view=again.view, replaces=again.replaces)
            reply = await self._run(command, uow)
            await self._adopt(command, uow)
            if reply.accepted:
                stored_reply = Stored(type(command).__name__, reply.again or reply.view, reply.replaces)
                for key in keys:
                    await uow.accept(key, command.actor, _STORED.dump_json(stored_reply))
        self._wake()
        return reply

    async def _run(self, command: c.Command, uow: UnitOfWork) -> Reply:
        school = await self.school(uow)
        if isinstance(command, c.ShowHome | c.OpenHome | c.PreferPlatform):
            return await HOME[type(command)](command, uow, school, self._platforms)
        reply = await USE_CASES[type(command)](command, uow, school)
        if isinstance(reply.view, CaseDetail | Notice) and reply.view.link is not None:
            link = replace(reply.view.link, url=self._public_url + reply.view.link.url)
            return replace(reply, view=replace(reply.view, link=link))
        return reply

    async def _refuse(self, command: c.Command, refused: Refused) -> Reply:
        async with self._database.transaction() as uow:
            await uow.audit(
                "refused",
                actor=command.actor,
                record=refused.record,
                reason=refused.reason,
                command=type(command).__name__,
            )
            await self._adopt(command, uow)
        self._wake()
        return Reply(view=refused.notice, replaces=isinstance(command, c.SendForm), accepted=False)

    async def _is_copy(self, command: c.PressButton, uow: UnitOfWork) -> bool:
        """Whether the button stands on a card of the person's that we have no receipt of: its answer was lost."""
        try:
            about, _ = c.read_token(command.token)
        except c.BadToken:
            return False
        known = await uow.card_messages(command.actor, about)
        if command.seen_on is None or command.seen_on in known:
            return False
        if await uow.has_message(command.actor, command.seen_on):
            return False  # another card of theirs: the digest that lists it, or what a made-up token was pressed on
        # Only in the person's own conversation: a copy that was carried elsewhere is not ours to edit.
        return not known or command.seen_on.conversation in {message.conversation for message in known}

    async def _adopt(self, command: c.Command, uow: UnitOfWork) -> None:
        """A card that we have no receipt of follows from now on, too."""
        if not isinstance(command, c.PressButton) or not await self._is_copy(command, uow):
            return
        about, _ = c.read_token(command.token)
        if command.seen_on is not None:
            kind = RECEIPT_CARD if isinstance(command, ON_RECEIPTS) else CASE_CARD
            kind = RETENTION_CARD if isinstance(command, c.StartReview) else kind
            await uow.adopt_message(command.actor, about, command.seen_on, kind)

    async def school(self, uow: UnitOfWork) -> School:
        """The school as the rules see it now."""
        return School(self._profile, await uow.staff())

    async def build(self, kind: str, person: PersonId, record: RecordId) -> Built | None:
        """The card as it is to stand now; None where there is nothing to show of the record."""
        async with self._database.reading() as uow:
            if kind == DIGEST_CARD:
                return await build_digest(person, uow, await self.school(uow))
            if kind == RETENTION_CARD:
                return await retention.build_retention_card(person, uow, await self.school(uow))
            if kind == HEAD_CARD:
                return await audit_head.build_head_card(person, record, uow, await self.school(uow))
            case = await uow.case(record)
            if case is None:
                stone = await uow.tombstone(record)
                return (
                    None
                    if stone is None
                    else Built(AccessEnded(reference=stone.reference, status=NOT_KEPT), ended=True)
                )
            files = await uow.evidence(record) if kind in TELL_OF_FILES else ()
            now = await uow.collecting(person) if kind == FILES_CARD else None
            collects = now is not None and now.record == record
            school = await self.school(uow)
            return build_card(kind, person, case, school, uow.now, files=files, collects=collects)

    def now(self) -> datetime:
        """School time, in UTC."""
        return self._database.now()

    async def file_ended(self, job: FileJob, file: EvidenceFile) -> bool:
        """A file was kept, refused or lost: remembered, and the cards that tell of it follow. False where it is held,
        in quarantine, or another worker's, meanwhile: then nothing was remembered."""
        for _ in range(TRIES):
            try:
                async with self._database.transaction(patient=True) as uow:
                    case = await uow.case(file.record)
                    if case is None or not await uow.file_changed(job, file):
                        return False
                    await apply(uow, case, file_ended(case), action=f"file-{file.state.value}")
            except (StaleRecord, WriteConflict):
                continue  # files of one report end at once: a hundred megabytes are not fetched again for that
            self._wake()
            return True
        raise WriteConflict("The record of a file keeps changing.")

    async def file_is_wanted(self, job: FileJob) -> bool:
        """Whether the file is still to be fetched, by whoever has this job: not once imagery was marked."""
        async with self._database.reading() as uow:
            return await uow.file_is_wanted(job)

    async def card(self, person: PersonId, token: str) -> Card | None:
        """The person's card about the record of a button that they have just pressed, for those who may read it."""
        try:
            record, _ = c.read_token(token)
        except c.BadToken:
            return None
        built = await self.build(CASE_CARD, person, record)
        return built.card if built is not None and not built.ended else None

    async def emails(self, person: PersonId) -> tuple[str, ...]:
        """Where to find the person in chat, the address they are known by first; none for somebody who has left."""
        async with self._database.reading() as uow:
            found = (await uow.staff()).get(person)
            return found.emails if found is not None else ()

    async def remember(self, platform: str, email: str, conversation: str, extra: str) -> None:
        """Keeps where the person with this e-mail address has their own chat with the bot."""
        async with self._database.transaction() as uow:
            found = (await uow.staff()).by_email(email)
            if found is not None:
                known = Conversation(address=found.email, id=conversation, extra=extra)
                await uow.remember_conversation(platform, found.id, known)

    async def conversation(self, platform: str, email: str) -> tuple[str, str] | None:
        """What was remembered of whoever has this e-mail address now: the conversation, and `extra`."""
        async with self._database.reading() as uow:
            found = (await uow.staff()).by_email(email)
            known = await uow.conversation(platform, found.id) if found is not None else None
        if found is None or known is None or known.address != found.email:
            return None
        return known.id, known.extra

    async def see(self, person: PersonId, platform: str) -> None:
        """The person has just acted on this platform: what is not urgent goes there from now on."""
        async with self._database.transaction() as uow:
            await uow.see(person, platform)

    async def platform_of(self, person: PersonId) -> str | None:
        """The platform on which to write to the person first: the one they have chosen, or acted on last."""
        async with self._database.reading() as uow:
            return (await uow.whereabouts(person)).first

    async def find_person(self, email: str) -> PersonId | None:
        """Who at the school has this e-mail address."""
        async with self._database.reading() as uow:
            found = (await uow.staff()).by_email(email)
            return found.id if found is not None else None

    async def find_people(self, _actor: PersonId, typed: str) -> Sequence[Option]:
        """People whose name holds what was typed, for a picker; two of one name are told apart."""
        async with self._database.reading() as uow:
            staff = await uow.staff()
        wanted = typed.strip().casefold()
        names = [person.name for person in staff]
        found = [
            Option(person.id, person.name if names.count(person.name) == 1 else f"{person.name} ({person.email})")
            for person in sorted(staff, key=lambda person: person.name.casefold())
            if wanted in person.name.casefold()
        ]
        return [*found[:MOST_PEOPLE], UNLISTED]

    async def due(self) -> tuple[Due, ...]:
        """What time has brought by now."""
        async with self._database.reading() as uow:
            return await uow.due_now()

    async def fire(self, due: Due) -> bool:
        """Fires a due row; False where somebody else did already."""
        async with self._database.transaction() as uow:
            fired = await FIRES.get(due.kind, escalate.fire)(due, uow, await self.school(uow))
        self._wake()
        return fired

    async def cannot_reach(self, job: CardJob) -> None:
        """A card cannot be delivered to its person: it is given up, and the next in the chain is asked."""
        async with self._database.transaction() as uow:
            await uow.card_given_up(job)
            await escalate.cannot_reach(job.person, job.record, uow, await self.school(uow))
        self._wake()

    async def sync_people(self, entries: Sequence[PersonEntry]) -> PeopleChanges:
        """Takes over the school's list of people, and moves cases that somebody may not have any more."""
        async with self._database.transaction() as uow:
            changes = await uow.sync_people(entries)
        if changes.joined or changes.left or changes.changed:
            async with self._database.transaction() as uow:
                await escalate.review_cases(uow, await self.school(uow))
        self._wake()
        return changes

    async def begin(self) -> None:
        """What is to happen every day begins; what has begun before goes on as it was."""
        async with self._database.transaction() as uow:
            await uow.schedule([audit_head.next_head(uow.now, await self.school(uow))])

    async def index_older(self) -> int:
        """Indexes some of the cases from before there was an index; returns how many. 0: all of them are."""
        async with self._database.transaction(patient=True) as uow:
            return await uow.index_older(INDEXED_AT_ONCE)

    async def purge(self) -> None:
        """Removes drafts and stored replies that have served."""
        async with self._database.transaction() as uow:
            await forget_what_has_served(uow)
            await uow.purge_passes()
            await uow.purge_collecting(uow.now - KEPT_FOR)


def _once_key(command: c.SendForm) -> str:
    answers = {key: list(value) if isinstance(value, tuple) else value for key, value in command.answers.items()}
    files = [f"{file.platform} {file.file_id}" for file in command.files]
    content = json.dumps([type(command).__name__, command.token, answers, files], sort_keys=True)
    return "form:" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
