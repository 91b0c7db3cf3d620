"""Slack or Staffroom fails: people are told, forms stay open, logs hold no word of theirs."""

from __future__ import annotations

import pytest

from bot.slack import words
from handlers.views import Button, CaseCard, Notice
from tests.unit.slack.conftest import Ours
from tests.unit.slack.test_commands import ada, triage
from tests.unit.slack.test_identity import whispers

SECRET = "what the child said"
BUTTON = Button(action="case.open", label="Open", token="a" * 32 + ":1")
CARD = CaseCard(reference="R7K4Q", status="Yours.", news="", buttons=(BUTTON,))


class Leaky(Exception):
    """Carries what somebody typed, as exceptions do."""


@pytest.mark.parametrize("slow", [False, True])
async def test_a_sent_form_stays_with_its_words(ours: Ours, slow: bool, caplog: pytest.LogCaptureFixture) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    view = person.view
    assert view is not None
    if slow:
        ours.school.slow = 3.0
    else:
        ours.school.fault = Leaky(SECRET)
    sent = await person.submit(view, {"kind": "a", "words": SECRET})
    assert not sent.failed
    assert sent.errors == {"kind": words.FAULT}
    assert view.fields["words"].value == SECRET
    assert SECRET not in caplog.text
    assert len(caplog.records) == 1
    if not slow:
        assert "Leaky at unit/slack/conftest.py:" in caplog.text


async def test_a_command_that_fails_says_so_to_its_author(ours: Ours, caplog: pytest.LogCaptureFixture) -> None:
    person = ada(ours)
    ours.school.fault = Leaky(SECRET)
    typed = await person.command("/report-incident", SECRET)
    assert typed.status == 200
    assert SECRET not in str(typed.body)
    assert whispers(person) == words.FAULT_COMMAND
    assert SECRET not in caplog.text


@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "internal_error"])
async def test_a_view_that_does_not_open(ours: Ours, code: str, caplog: pytest.LogCaptureFixture) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    ours.slack.faults.error("views.open", code)
    await person.command("/report-incident", SECRET)
    assert whispers(person) == words.TOO_LATE
    assert [record.getMessage() for record in caplog.records] == [f"slack did not open a view: {code}"]


async def test_a_lost_connection_is_tried_once_more(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    ours.slack.faults.reset("views.open")
    await person.command("/report-incident")
    assert person.view is not None
    assert whispers(person) == ""


async def test_a_redelivered_command_opens_nothing_twice(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    first = await person.command("/report-incident")
    ours.school.will_show(triage())
    again = await ours.slack.redeliver(first)
    assert again.status == 200
    assert [command.key for command in ours.school.commands] == [first.trigger_id] * 2
    assert len(person.views) == 1


async def test_a_press_that_fails_is_told_over_the_chat_or_in_it(ours: Ours) -> None:
    person = ada(ours)
    await ours.adapter.messenger.post("ada@school.example", CARD)
    ours.school.fault = Leaky(SECRET)
    pressed = await person.press(person.last_message, "case.open")
    assert pressed.status == 200
    await ours.adapter.close()
    assert person.view is not None
    assert words.FAULT_PRESS in ours.slack.visible_text(person.view)


async def test_a_press_whose_answer_does_not_open_is_told_in_the_chat(ours: Ours) -> None:
    person = ada(ours)
    await ours.adapter.messenger.post("ada@school.example", CARD)
    ours.school.will_show(Notice(title="x", text="y"))
    ours.slack.faults.error("views.open", "expired_trigger_id", times=2)
    await person.press(person.last_message, "case.open")
    await ours.adapter.close()
    assert whispers(person) == words.TOO_LATE_PRESS


async def test_more_than_three_views(ours: Ours) -> None:
    person = ada(ours)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    for _ in range(2):
        assert person.view is not None
        ours.school.will_show(triage())
        await person.press(person.view, "report.afresh")
    assert len(person.views) == 3
    assert person.view is not None
    ours.school.will_show(Notice(title="x", text="y"))
    await person.press(person.view, "report.afresh")
    await ours.adapter.close()
    assert [view.callback_id for view in person.views] == ["report.triage"] * 3
    assert words.TOO_DEEP in person.last_message.text


async def test_unknown_commands_buttons_and_forms_are_answered_kindly(ours: Ours) -> None:
    person = ada(ours)
    await person.command("/something", SECRET)
    assert whispers(person) == words.UNKNOWN_COMMAND
    old = Button(action="case.from_last_year", label="Old", token="x")
    await ours.adapter.messenger.post(
        "ada@school.example", CaseCard(reference="R", status="s", news="", buttons=(old,))
    )
    await person.press(person.last_message, "case.from_last_year")
    assert person.view is not None
    assert words.UNKNOWN_BUTTON in ours.slack.visible_text(person.view)
    await person.shortcut("of_last_year")
    assert words.UNKNOWN_COMMAND in ours.slack.visible_text(person.view)
    ours.school.will_show(triage())
    await person.command("/report-incident")
    view = person.view
    view.raw["callback_id"] = "of.last.year"
    sent = await person.submit(view, {"kind": "a"})
    assert sent.errors == {"kind": words.UNKNOWN_FORM}
    assert (await person.open_home()).status == 200


async def test_forged_answers_count_as_unanswered(ours: Ours) -> None:
    person = ada(ours)
    values = {
        "a": {"x": {"type": "plain_text_input", "value": 7}},
        "b": {"x": {"type": "radio_buttons", "selected_option": "b"}},
        "c": {
            "x": {
                "type": "multi_external_select",
                "selected_options": [{"value": 1}, 7, {"value": "p"}, {"value": "p"}],
            }
        },
        "d": {"x": {"type": "checkboxes", "selected_options": {}}},
        "e": {"x": {"type": "datepicker", "selected_date": None}},
        "f": {"x": {"type": "mystery", "value": "z"}},
        "g": {"x": 5},
        "h": [],
        "i": {"x": {"type": "external_select", "selected_option": {"value": "p"}}},
    }
    sent = await ours.slack.send_interactive(
        {
            "type": "view_submission",
            "trigger_id": "t1",
            "user": {"id": person.id, "team_id": "T0SCHOOL"},
            "team": {"id": "T0SCHOOL"},
            "view": {"id": "V1", "type": "modal", "callback_id": "report.triage", "state": {"values": values}},
        }
    )
    assert sent.status == 200
    [command] = ours.school.commands
    assert getattr(command, "answers", None) == {
        "a": None,
        "b": None,
        "c": ("p",),
        "d": None,
        "e": None,
        "f": None,
        "i": ("p",),
    }
