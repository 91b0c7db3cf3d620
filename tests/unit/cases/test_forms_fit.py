"""Whatever the process, its forms and its case screen fit into both platforms, and nothing of them is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.sandbox.loopback_slack.blocks import check_view
from bot.slack.render import DIALOGS as SLACK
from bot.teams.render import DIALOGS as TEAMS
from bot.teams.render.elements import MOST_BYTES
from bot.teams.render.text import size_of
from handlers.cases.detail import case_detail
from handlers.cases.handle import finish_form
from handlers.cases.more import choices
from handlers.cases.questions import field_of
from handlers.cases.record import record_form
from handlers.views import Form
from policy.case import Case, CaseState, Entry, EntryKind
from policy.case_record import outcomes_of, questions_of, still_required
from policy.people import Duty, PersonId
from policy.processes import PROCESSES, ProcessId
from tests.unit.policy.invented_school import NOW, case_of, school, triage

ASTOR = school()
HEAD = PersonId("head")


def held(process: ProcessId) -> Case:
    """A case of the process that the head has, in which a colleague was named late: it asks the most."""
    case = replace(case_of(triage(), ASTOR), process=process, state=CaseState.TAKEN, holder=HEAD, taken_at=NOW)
    return replace(case, holder_as=Duty.HEADTEACHER, named_late={PersonId("colleague"): frozenset()})


@pytest.mark.parametrize("process", list(PROCESSES))
@pytest.mark.parametrize("form", [record_form, finish_form])
def test_every_form_of_every_process_fits(process: ProcessId, form: object) -> None:
    case = held(process)
    view = form("t" * 80, case, {})  # type: ignore[operator]
    assert isinstance(view, Form)
    modal, window = SLACK[Form](view), TEAMS[Form](view)
    assert check_view(modal) == ("", [])
    assert size_of(window.card) <= MOST_BYTES
    wanted = questions_of(case) if form is record_form else still_required(case)
    for question in wanted:
        assert question.text.split("?")[0] in repr(modal)
        assert field_of(question) in repr(window.card)


@pytest.mark.parametrize("process", list(PROCESSES))
def test_a_case_with_long_answers_to_everything_fits(process: ProcessId) -> None:
    case = held(process)
    case = replace(case, answered={question.key: "said" for question in questions_of(case)})
    entries = tuple(
        Entry(at=NOW, kind=EntryKind.ANSWERED, actor=HEAD, text="word " * 500, about=question.key)
        for question in questions_of(case)
    )
    view = case_detail(case, entries, HEAD, ASTOR, NOW)
    assert len(view.buttons) == 3
    assert check_view(SLACK[type(view)](view)) == ("", [])
    assert size_of(TEAMS[type(view)](view).card) <= MOST_BYTES


@pytest.mark.parametrize("process", list(PROCESSES))
def test_keys_and_labels_tell_questions_outcomes_and_choices_apart(process: ProcessId) -> None:
    case = held(process)
    for labels in (
        [question.text for question in questions_of(case)],
        [outcome.label for outcome in outcomes_of(case)],
        [option.label for option in choices(case, HEAD, ASTOR, NOW)],
    ):
        assert len(set(labels)) == len(labels)
