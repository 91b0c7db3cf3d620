"""What must hold of every case, whatever has happened to it."""

from __future__ import annotations

from handlers.commands import button_token
from handlers.views import AccessEnded, CaseAlert, Digest, Receipt
from policy.case import ESCALATE, LADO_CLOCK, NEXT_ACTION, Case, CaseState, Due
from policy.case_digest import by_digest
from policy.routing import Resolver, excluded, readers
from tests.stateful.model import Report
from tests.stateful.phones import about
from tests.stateful.playing import Playing


class Checking(Playing):
    """The school, with eyes on what it remembers and on what stands in people's messages."""

    async def check_cases(self) -> None:
        cases, school = await self.look()
        pending = await self.pending()
        for report in self.everything:
            if report.record is None:
                continue
            case, names = cases[report.record], self.staff.name
            assert {names(one) for one in excluded(case)} == report.excluded, f"{report}: who is left out"
            mine = [one for one in pending if one.record == case.id]
            due = [one for one in mine if one.kind == ESCALATE]
            self._check_clocks(report, case, mine)
            if case.state is CaseState.WAITING:
                assert {one.round for one in due} == {case.round}, f"{report}: steps of an old round"
                assert [one.step for one in due if one.step > case.step] == [case.step + 1], f"{report}: no next step"
                resolver = Resolver(case, school, self.clock.at)
                may_read = readers(case, school, self.clock.at).keys()
                assert case.asked.keys() & may_read or not resolver.recipients(), (
                    f"{report}: nobody is asked, and somebody could be"
                )
            else:
                assert due == [], f"{report}: steps of a case that somebody has"
            await self._check_history(report)

    def _check_clocks(self, report: Report, case: Case, due: list[Due]) -> None:
        lado = [one.round for one in due if one.kind == LADO_CLOCK]
        assert lado == ([case.lado_clocks] if case.lado_open else []), f"{report}: the LADO clock"
        action = case.next_action
        waits = action is not None and not action.overdue
        actions = [one.round for one in due if one.kind == NEXT_ACTION]
        assert actions == ([case.next_actions] if waits else []), f"{report}: the reminder of what is next"

    async def _check_history(self, report: Report) -> None:
        assert report.record is not None
        async with self.database.reading() as uow:
            case = await uow.case(report.record)
            assert case is not None
            known = self.before.get(case.id)
            if known is not None and known[0] == case:
                return
            entries = await uow.chronology(case.id)
        if known is not None:
            was, old = known
            assert entries[: len(old)] == old, f"{report}: the chronology has changed"
            assert case.version > was.version, f"{report}: a change without a version"
            assert (case.turn, case.round) >= (was.turn, was.round)
            undone = was.named_late.keys() - case.named_late.keys()
            assert case.concerned >= was.concerned - undone
        self.before[case.id] = case, entries

    def check_what_stands_there(self) -> None:
        """All is delivered: what stands in people's messages is what should."""
        cases, school = self.run(self.look())
        for report in self.everything:
            if report.record is None:
                continue
            case = cases[report.record]
            listed = {
                self.staff.name_at(one.email)
                for one in self.phones.standing.values()
                if isinstance(one.card, Digest) and report.reference in repr(one.card)
            }
            assert not report.excluded & listed, f"a digest lists {report} to somebody who is left out"
            there = {
                self.staff.name_at(one.email): one.card
                for message, one in self.phones.standing.items()
                if about(one.card) == report.reference
                and message not in self.phones.lost
                and not isinstance(one.card, Receipt)
            }
            for name in report.excluded & there.keys():
                assert isinstance(there[name], AccessEnded), f"a card about {report} stands with {name}"
            if case.state is not CaseState.WAITING:
                continue
            may_read = readers(case, school, self.clock.at)
            for person in case.asked:
                name = self.staff.name(person)
                if person in may_read and name not in self.never_reached:
                    card = there.get(name)
                    if card is None and by_digest(case, school):
                        assert name in listed, f"{name} is asked about {report} by nothing"
                        continue
                    assert isinstance(card, CaseAlert), f"{name} is asked about {report}, and has no card"
                    assert card.buttons[0].token == button_token(case.id, case.turn), f"{name}'s card is an old one"
