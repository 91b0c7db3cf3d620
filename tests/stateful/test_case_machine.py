"""Whatever people do, in whatever order: nobody reads, receives or infers what is about them, and nothing is lost.

Hypothesis plays: it picks what happens next, from what people can do, what they can forge, what time and Slack
bring and how the staff list changes. After every step the school is looked at. What fails is shrunk to the
shortest story; STAFFROOM_STATEFUL_EXAMPLES says how many stories are told.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from structlog.testing import capture_logs

from handlers import commands as c
from handlers.commands import ACTIONS, FORMS, button_token
from handlers.ports import Reply
from handlers.views import Form, Home, Notice
from policy.people import Duty, Leave
from storage.audit import verify
from storage.sealing import new_master_key
from tests.stateful.checking import Checking
from tests.stateful.model import ENTRIES, NAMES, Report
from tests.stateful.phones import Luck
from tests.stateful.playing import Template

EXAMPLES = int(os.environ.get("STAFFROOM_STATEFUL_EXAMPLES", "40"))
PHASES = [Phase.generate] if os.environ.get("NOSHRINK") else list(Phase)
MOST_REPORTS = 3

somebody = st.sampled_from(NAMES)
parts = st.sampled_from(("whoever is asked", "the holder", "whoever is left out", "the reporter"))
anybody = st.one_of(parts, parts, somebody)
"""People by the part that they have in a report, or by name."""
tokens = st.sampled_from(("now", "now", "now", "first", "last", "next", "another report's", "made up", "nonsense"))
"""Which token a click carries: what stands on the card now, an old one, one of another record, a forged one."""
FirstScreen = tuple[str, str, str, bool, bool]
kinds = st.sampled_from(("friend_request", "hurtful_posts", "child_told_me", "something_else"))
concerning = st.sampled_from(("colleague", "colleague", "headteacher", "myself", "pupil", "parent", "dont_know"))
first_screens = st.tuples(kinds, concerning, somebody, st.booleans(), st.booleans())
"""What is it, whom does it concern, which colleague if it is one, danger, imagery."""
few = st.frozensets(somebody, max_size=2)
reasons = st.sampled_from(("busy", "too_close", "other"))
questions = st.sampled_from(("q_nature", "q_police", "q_lado", "q_threshold", "q_safe"))
MORE = ("hand_over", "name", "name", "unname", "link", "unlink", "imagery", "next", "reopen", "note")
holders = st.sampled_from(("the holder", "the holder", "the holder", "whoever is asked", "whoever is left out"))
passing = st.sampled_from(
    [timedelta(minutes=5), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=7), timedelta(days=1)]
)
lucks = st.dictionaries(somebody, st.sampled_from([luck for luck in Luck if luck is not Luck.GOOD]), max_size=3)


class CaseMachine(Checking):
    """People report, ask, take, pass on, meddle and forge."""

    reports: Bundle[Report] = Bundle("reports")

    # --- reporting ---

    @initialize(target=reports, name=somebody, answers=first_screens, must_not_see=few, whole=st.booleans())
    def begins_with_a_report(
        self, name: str, answers: FirstScreen, must_not_see: frozenset[str], whole: bool
    ) -> Report:
        """Somebody has sent a report, or only its first screen, and everybody has been told."""
        report = self._begun(name)
        self._sends_triage(report, answers)
        if whole:
            self._sends_details(report, must_not_see)
        self.messages_go_out({})
        return report

    @precondition(lambda self: len(self.everything) < MOST_REPORTS)
    @rule(target=reports, name=somebody, answers=first_screens)
    def reports_something(self, name: str, answers: FirstScreen) -> Report | MultipleResults[Report]:
        """Somebody sends the first screen of a new report."""
        if name not in self.staff.entries:
            return multiple()
        report = self._begun(name)
        self._sends_triage(report, answers)
        return report

    def _begun(self, name: str) -> Report:
        report = Report(number=len(self.everything) + 1, reporter=name, form=self.fresh_form())
        self.everything.append(report)
        return report

    @rule(report=reports, answers=first_screens)
    def goes_back_and_changes_the_answers(self, report: Report, answers: FirstScreen) -> None:
        """The reporter goes back to the first screen, and sends other answers."""
        if report.form_gone:
            return
        typed: dict[str, c.Answer] = {"what_happened": self.words(report.reporter, report)}
        self._press(report.reporter, c.BackToTriage, report.form, typed)
        self._sends_triage(report, answers)

    def _sends_triage(self, report: Report, screen: FirstScreen) -> None:
        kind, concerns, colleague, danger, imagery = screen
        answers: dict[str, object] = {"kind": kind, "concerns": concerns, "danger": danger, "imagery": imagery}
        answers["colleague"] = colleague if concerns == "colleague" else None
        if answers["colleague"] == report.reporter:
            answers |= {"concerns": "myself", "colleague": None}
        sent: dict[str, c.Answer] = {
            "kind": kind,
            "concerns": concerns,
            "danger": "yes" if danger else "no",
            "imagery": "yes" if imagery else "no",
            "colleague": (self.staff.ids[colleague],) if concerns == "colleague" else (),
        }
        there = report.record is not None
        reply = self._send(report.reporter, c.SendTriage, report.form, sent)
        if reply is None or not isinstance(reply.view, Form) or reply.view.id != "report.details":
            return
        if there:
            # What was raised stays raised (danger, imagery, a child's own words); all else is as answered last.
            told = report.triage["kind"] == "child_told_me"
            answers["kind"] = report.triage["kind"] if told else answers["kind"]
            answers["danger"] = answers["danger"] or report.triage["danger"]
            answers["imagery"] = answers["imagery"] or report.triage["imagery"]
        if answers == report.triage:
            return
        report.triage = answers
        if report.record is not None:
            report.concerns(report.about(answers, self.staff))

    @rule(report=reports, must_not_see=few, other_words=st.booleans())
    def sends_what_happened(self, report: Report, must_not_see: frozenset[str], other_words: bool) -> None:
        """The reporter sends the second screen; some more than once, with the same words or others."""
        if not report.form_gone:
            self._sends_details(report, must_not_see, other_words=other_words)

    def _sends_details(self, report: Report, must_not_see: frozenset[str], *, other_words: bool = True) -> None:
        if other_words or not report.account:
            report.account = {
                "what_happened": self.words(report.reporter, report),
                "source": "saw_it",
                "date": "2026-11-16",
                "time": "09:00",
                "must_not_see": tuple(self.staff.ids[name] for name in sorted(must_not_see)),
            }
            report.account_leaves_out = set(must_not_see)
        there = report.record is not None
        reply = self._send(report.reporter, c.SendDetails, report.form, report.account)
        if reply is None or not isinstance(reply.view, Notice):
            return
        if reply.view.title == "Received" and not report.sent:
            report.sent = True
            if not there:
                report.concerns(report.about(report.triage, self.staff))
            report.leave_out(report.account_leaves_out - {report.reporter}, self.staff, self.day)
        elif reply.view.title == "Added" and other_words:
            there_now = report.account_leaves_out & self.staff.entries.keys()
            report.leave_out(there_now - {report.reporter}, self.staff, self.day)

    @rule(name=somebody, words=st.booleans())
    def types_the_command(self, name: str, words: bool) -> None:
        """/report-incident: the form opens where it was left."""
        self.do(name, c.StartReport(actor=self.staff.ids[name], key=self.fresh_key(), words="hello" if words else ""))

    @rule(report=reports)
    def starts_afresh(self, report: Report) -> None:
        """The reporter throws the form away."""
        if not report.form_gone:
            self._press(report.reporter, c.StartAfresh, report.form)
            report.form_gone = not report.sent

    # --- handling ---

    @rule(report=reports, who=anybody, token=tokens)
    def takes(self, report: Report, who: str, token: str) -> None:
        """I'll take it."""
        self._press(self._who(who, report), c.TakeCase, self._token(report, token))

    @rule(report=reports, who=anybody, token=tokens)
    def opens(self, report: Report, who: str, token: str) -> None:
        """Open."""
        self._press(self._who(who, report), c.OpenCase, self._token(report, token))

    @rule(report=reports, who=anybody, why=reasons)
    def passes_on(self, report: Report, who: str, why: str) -> None:
        """I shouldn't handle this."""
        name = self._who(who, report)
        form = self._opened(self._press(name, c.StartPassOn, self._token(report, "now")))
        if form is not None:
            self._send(name, c.SendPassOn, form.token, {"why": why, "words": self.words(name, report)})

    @rule(report=reports, who=anybody)
    def notes(self, report: Report, who: str) -> None:
        """Add to the chronology."""
        name = self._who(who, report)
        form = self._opened(self._press(name, c.StartNote, self._token(report, "now")))
        if form is not None:
            self._send(name, c.SendNote, form.token, {"text": self.words(name, report)})

    @rule(report=reports, who=anybody)
    def finishes(self, report: Report, who: str) -> None:
        """Finish."""
        name = self._who(who, report)
        form = self._opened(self._press(name, c.StartFinish, self._token(report, "now")))
        if form is not None:
            answers: dict[str, c.Answer] = {"outcome": "recorded", "note": self.words(name, report), "q_nature": "no"}
            for needed in ("q_police", "q_threshold", "q_lado"):
                answers[needed] = self.words(name, report)
            self._send(name, c.SendFinish, form.token, answers)

    @rule(report=reports, who=anybody, questions=st.sets(questions, max_size=3), note=st.booleans())
    def records(self, report: Report, who: str, questions: set[str], note: bool) -> None:
        """Record what was done: some of what the policy asks."""
        name = self._who(who, report)
        form = self._opened(self._press(name, c.StartRecord, self._token(report, "now")))
        if form is not None:
            answers: dict[str, c.Answer] = {one: self.words(name, report) for one in sorted(questions)}
            answers["q_nature"] = "yes" if "q_nature" in questions else ""
            answers["note"] = self.words(name, report) if note else ""
            self._send(name, c.SendRecord, form.token, answers)

    @rule(report=reports, who=holders, what=st.sampled_from(MORE), other=somebody, days=st.integers(0, 3))
    def does_more(self, report: Report, who: str, what: str, other: str, days: int) -> None:
        """More…: hands over, names somebody or takes that back, links, marks imagery, says what is next, reopens."""
        name = self._who(who, report)
        self._more(report, name, what, other, days)

    @rule(report=reports, other=somebody, undo=st.booleans())
    def is_found_out_to_be_about_somebody(self, report: Report, other: str, undo: bool) -> None:
        """Whoever has it names somebody; everybody is told; perhaps it is undone."""
        self.takes(report, "whoever is asked", "now")
        self.messages_go_out({})
        self._more(report, self._who("the holder", report), "name", other, 0)
        self.messages_go_out({})
        if undo:
            self._more(report, self._who("the holder", report), "unname", other, 0)
            self.messages_go_out({})

    def _more(self, report: Report, name: str, what: str, other: str, days: int) -> None:
        menu = self._opened(self._press(name, c.StartMore, self._token(report, "now")))
        if menu is None:
            return
        form = self._opened(self._send(name, c.SendMore, menu.token, {"what": what}))
        if form is not None and form.id != "case.more":
            self._send(name, FORMS[form.id], form.token, self._answers(name, report, other, days))

    def _answers(self, name: str, report: Report, other: str, days: int) -> dict[str, c.Answer]:
        """Something for every field that a form about a case has."""
        words, another = self.words(name, report), self.everything[report.number % len(self.everything)]
        # Guessed, in small letters: so what they typed, and get back, is not what Staffroom would tell them.
        typed = another.reference.lower()
        if typed == another.reference:
            another.knows.add(name)
        return {
            **dict.fromkeys(("text", "note", "words", "where", "what_happened"), words),
            "why": words,
            "to": self.staff.ids[other],
            "person": self.staff.ids[other],
            "reference": typed,
            "other": another.record or "",
            "by": (self.day + timedelta(days=days)).isoformat(),
            "done": ("yes",) if days == 0 else (),
        }

    @rule(report=reports, then=st.sampled_from(("finishes it", "notes", "busy", "too_close")))
    def is_asked_and_handles_it(self, report: Report, then: str) -> None:
        """Whoever is asked takes it; everybody is told; then they do the next thing."""
        self.takes(report, "whoever is asked", "now")
        self.messages_go_out({})
        if then == "finishes it":
            self.finishes(report, "the holder")
        elif then == "notes":
            self.notes(report, "the holder")
        else:
            self.passes_on(report, "the holder", then)

    @rule(
        report=reports,
        who=anybody,
        what=st.sampled_from(("add", "correct", "concerns", "withdraw", "support")),
        named=somebody,
    )
    def writes_more(self, report: Report, who: str, what: str, named: str) -> None:
        """The reporter, or somebody with the reporter's button, adds, corrects, names somebody, withdraws …"""
        name, token = self._who(who, report), self._token(report, "now")
        start, send = {
            "add": (c.StartAddition, c.SendAddition),
            "support": (c.StartSupport, c.SendSupport),
        }.get(what, (c.StartCorrection, c.SendCorrection))
        form = self._opened(self._press(name, start, token))
        if form is not None:
            answers: dict[str, c.Answer] = {"text": self.words(name, report), "which": what}
            answers["person"] = self.staff.ids[named] if what == "concerns" else ()
            self._send(name, send, form.token, answers)

    # --- meddling ---

    @rule(report=reports, who=anybody, action=st.sampled_from(sorted(ACTIONS)), token=tokens, seen=st.booleans())
    def presses_anything(self, report: Report, who: str, action: str, token: str, seen: bool) -> None:
        """Any button with any token, also on a card that stands there twice."""
        name = self._who(who, report)
        if action == "report.afresh" and name == report.reporter:
            return
        carried = self._token(report, token)
        # The platform says which message a button stands on, and the message is ours: the two belong together.
        here = self.phones.standing_with(ENTRIES[name].email, self._about(carried, report).reference)
        command = ACTIONS[action](
            actor=self.staff.ids[name], key=self.fresh_key(), token=carried, seen_on=here[0] if seen and here else None
        )
        self.do(name, command)

    @rule(report=reports, who=anybody, form=st.sampled_from(sorted(FORMS)), token=tokens, why=reasons, other=somebody)
    def sends_anything(self, report: Report, who: str, form: str, token: str, why: str, other: str) -> None:
        """Any form with any token, made up on somebody's own machine."""
        name = self._who(who, report)
        carried = self._token(report, token)
        if form.startswith("report.") and carried == report.form and name == report.reporter:
            return
        text = self.words(name, self._about(carried, report))
        answers = self._answers(name, self._about(carried, report), other, 1)
        answers |= {"text": text, "note": text, "outcome": "recorded", "which": "correct", "what": "name"}
        if form == "report.correct":
            del answers["person"]
        more: dict[str, c.Answer] = {"why": why, "words": text, "what_happened": text, "source": "saw_it"}
        self._send(name, FORMS[form], carried, answers | more)

    @rule(report=reports, who=somebody, form=st.sampled_from((c.SendTriage, c.SendDetails)))
    def uses_somebody_elses_form(self, report: Report, who: str, form: type[c.SendForm]) -> None:
        """Somebody sends a form of a report that is not theirs."""
        if who != report.reporter and not report.form_gone:
            reply = self._send(who, form, report.form, {"what_happened": self.words(who, report)})
            assert reply is None or self._said(reply, "Start again")

    @rule(
        kind=st.sampled_from((c.TakeCase, c.OpenCase, c.Command)),
        ago=st.integers(0, 3),
        same_key=st.booleans(),
    )
    def does_it_again(self, kind: type[c.Command], ago: int, same_key: bool) -> None:
        """The platform repeats a click, or somebody presses again on an old screen."""
        once = [command for command in self.history if isinstance(command, kind)]
        if not once:
            return
        old = once[-1 - ago % len(once)]
        if not isinstance(old, c.StartAfresh | c.SendTriage | c.SendDetails):  # they have rules of their own
            self.do(self.staff.name(old.actor), old if same_key else replace(old, key=self.fresh_key()))

    # --- what time, Slack and the office bring ---

    @rule(by=passing, then_deliver=st.booleans())
    def time_passes(self, by: timedelta, then_deliver: bool) -> None:
        """What is due fires; what is old is cleared away."""
        self.clock.at += by
        self.run(self.fire_what_is_due())
        if by >= timedelta(hours=1):
            self.run(self.handlers.purge())
            self.run(self._find_gone_forms())
        if then_deliver:
            self.messages_go_out({})

    @rule(luck=lucks)
    def messages_go_out(self, luck: dict[str, Luck]) -> None:
        """The worker delivers everything; with some people something goes wrong first."""
        self.run(self.deliver(luck))
        self.check_what_stands_there()

    @rule(name=somebody)
    def loses_the_account(self, name: str) -> None:
        """Somebody cannot be reached any more, or can again."""
        self.phones.without_account ^= {ENTRIES[name].email}
        self.never_reached.add(name)

    @rule(
        name=somebody,
        change=st.sampled_from(
            ("leave", "back", Duty.DSL, Duty.DEPUTY_DSL, Duty.HEADTEACHER, Duty.SLT, "goes or comes", "goes or comes")
        ),
        days=st.integers(1, 3),
    )
    def the_office_changes_the_list(self, name: str, change: str, days: int) -> None:
        """Somebody goes on leave or is back, gains or loses a duty, leaves the school or comes to it again."""
        entry = self.staff.entries.get(name)
        if entry is None or change == "goes or comes":
            if self.staff.entries.pop(name, None) is None:
                self.staff.entries[name] = ENTRIES[name]
        elif isinstance(change, Duty):
            self.staff.change(name, duties=entry.duties ^ {change}, leave=entry.leave)
        else:
            leave = Leave(first=self.day, last=self.day + timedelta(days=days - 1)) if change == "leave" else None
            self.staff.change(name, leave=leave)
        self.run(self.handlers.sync_people(list(self.staff.entries.values())))

    @rule()
    def restarts(self) -> None:
        """Staffroom is stopped and started."""
        self.run(self._close())
        self.run(self._open())

    # --- invariants ---

    @invariant()
    def all_is_well(self) -> None:
        """Whatever has happened: every case is as it should be, and home tells nobody what is about them."""
        self.run(self.check_cases())
        for report in self.everything:
            for name in sorted(report.excluded - {report.reporter}):
                reply = self.do(name, c.ShowHome(actor=self.staff.ids[name], key=self.fresh_key()))
                if reply is not None and report.record is not None:
                    assert isinstance(reply.view, Home)
                    assert report.reference not in repr(reply.view), f"{name} finds {report} at home"

    def teardown(self) -> None:
        """In the end all is delivered, and the audit is whole."""
        try:
            self.messages_go_out({})
            report = self.run(verify(self.database))
            assert report.problems == ()
        finally:
            self.run(self._close())

    # --- helpers ---

    def fresh_form(self) -> str:
        """What a blank form carries."""
        return self.fresh_key() + self.fresh_key()

    def _press(
        self, name: str, kind: type[c.PressButton], token: str, answers: dict[str, c.Answer] | None = None
    ) -> Reply | None:
        return self.do(name, kind(actor=self.staff.ids[name], key=self.fresh_key(), token=token, answers=answers or {}))

    def _send(self, name: str, kind: type[c.SendForm], token: str, answers: dict[str, c.Answer]) -> Reply | None:
        return self.do(name, kind(actor=self.staff.ids[name], key=self.fresh_key(), token=token, answers=answers))

    def _opened(self, reply: Reply | None) -> Form | None:
        return reply.view if reply is not None and isinstance(reply.view, Form) else None

    def _said(self, reply: Reply, title: str) -> bool:
        return isinstance(reply.view, Notice) and reply.view.title == title

    def _who(self, who: str, report: Report) -> str:
        if who in NAMES:
            return who
        found: list[str] = []
        cases, _ = self.run(self.look())
        case = cases.get(report.record) if report.record is not None else None
        if case is not None:
            match who:
                case "the holder" if case.holder is not None:
                    found = [self.staff.name(case.holder)]
                case "whoever is asked":
                    found = [self.staff.name(person) for person in case.asked]
                case "whoever is left out":
                    found = sorted(report.excluded)
        return found[0] if found else report.reporter

    def _token(self, report: Report, which: str) -> str:
        if report.record is None:
            return report.form
        cases, _ = self.run(self.look())
        turn = cases[report.record].turn
        match which:
            case "now":
                return button_token(report.record, turn)
            case "next":
                return button_token(report.record, turn + 1)
            case "first" if report.tokens:
                return report.tokens[0]
            case "last" if report.tokens:
                return report.tokens[-1]
            case "another report's":
                other = self.everything[report.number % len(self.everything)]
                return other.tokens[-1] if other.tokens else other.form
            case "made up":
                return "0" * 32 + ":1"
            case _:
                return "nonsense"

    def _about(self, token: str, otherwise: Report) -> Report:
        return next((one for one in self.everything if one.record and token.startswith(one.record)), otherwise)

    async def _find_gone_forms(self) -> None:
        async with self.database.reading() as uow:
            for report in self.everything:
                if await uow.draft(report.form) is None:
                    report.form_gone = True


def test_no_path_lets_anybody_learn_what_is_about_them(tmp_path: Path) -> None:
    with asyncio.Runner() as runner, capture_logs():
        template = Template(tmp_path, runner.get_loop(), new_master_key())

        class Here(CaseMachine):
            def __init__(self) -> None:
                super().__init__(template)

        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=EXAMPLES,
                phases=PHASES,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                report_multiple_bugs=False,
            ),
        )
