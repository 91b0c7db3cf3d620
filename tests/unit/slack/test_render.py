"""Every view fits into Slack, says what it must, and what people typed does nothing in it."""

from __future__ import annotations

import typing
from typing import Any

import pytest

from bot.sandbox.loopback_slack.blocks import check_message, check_view
from bot.sandbox.loopback_slack.reading import mentions, visible_text
from bot.sandbox.loopback_slack.screen import Message as SeenMessage
from bot.sandbox.loopback_slack.screen import View as SeenView
from bot.slack.render import CARDS, DIALOGS, PARTS, Json
from bot.slack.render.text import chunks, clip, cut, units
from handlers.views import (
    AccessEnded,
    Button,
    Buttons,
    Card,
    CaseAlert,
    CaseCard,
    CaseDetail,
    Choice,
    DateInput,
    Dialog,
    Form,
    Home,
    HomeRow,
    Line,
    Notice,
    Option,
    Part,
    PersonPicker,
    Quote,
    Receipt,
    TextInput,
    Tick,
    TimeInput,
    Unanswered,
    Words,
)

NASTY = "*b* _i_ `c` ~s~ <!channel> <@U1> <https://x.example|y> https://z.example @here :boom: &amp; \u202eabc"
TAKE = Button(action="case.take", label="I'll take it", token="a" * 32 + ":1", style="primary")
OPEN = Button(action="case.open", label="Open", token="a" * 32 + ":1")
SCRIPTS = {
    "latin": "The quick brown fox. ",
    "arabic": "هذا ما قاله الطفل لي اليوم ",
    "chinese": "今天孩子对我说了这些话",
    "emoji": "😀👩‍👩‍👧🏽",
    "quotes": "\"\\\n\t<>&'",
    "control": "\x01\x02\x7f",
    "one word": "x",
}


def shown(view: Json) -> str:
    """What a person reads of the view, once Slack has accepted it."""
    assert check_view(view) == ("", [])
    seen = SeenView(blocks=view["blocks"], raw=view)
    seen.name_everything("x")
    assert mentions(seen) == []
    return visible_text(seen)


def read(card: Card) -> str:
    """What a person reads of the card, once Slack has accepted it."""
    message = CARDS[type(card)](card)
    assert check_message(message.text, message.blocks) == ("", [])
    seen = SeenMessage(blocks=message.blocks, text=message.text)
    seen.name_everything("x")
    assert mentions(seen) == []
    return visible_text(seen)


def dialog(view: Dialog) -> Json:
    return DIALOGS[type(view)](view)


def typed_in(view: Json) -> str:
    """Everything in quotations, as one text."""
    found: list[str] = []

    def walk(thing: Any) -> None:
        if isinstance(thing, dict):
            if thing.get("type") == "rich_text_quote":
                assert all(set(part) == {"type", "text"} for part in thing["elements"])
                assert all(units(part["text"]) <= 3000 for part in thing["elements"])
                found.extend(part["text"] for part in thing["elements"])
            for value in thing.values():
                walk(value)
        elif isinstance(thing, list):
            for value in thing:
                walk(value)

    walk(view)
    return "".join(found)


def detail(**more: Any) -> CaseDetail:
    given: dict[str, Any] = {
        "reference": "R7K4Q",
        "title": "A child told me",
        "status": "Ada has it",
        "facts": (("Reported by", NASTY),),
        "quotes": (),
        "asks": ("Is the child safe?",),
        "chronology": (),
        "buttons": (TAKE, OPEN),
    }
    return CaseDetail(**{**given, **more})


def test_nothing_is_without_a_renderer() -> None:
    assert set(CARDS) == set(typing.get_args(Card))
    assert set(DIALOGS) == set(typing.get_args(Dialog))
    assert set(PARTS) == set(typing.get_args(Part))


@pytest.mark.parametrize("script", SCRIPTS)
def test_twenty_thousand_characters_of_any_script_are_shown_whole(script: str) -> None:
    text = (SCRIPTS[script] * 20_000)[:20_000]
    for view in (
        detail(quotes=(Quote(label="What happened", text=text),)),
        Notice(title="Not kept", text="Somebody was faster.", kept=text),
        Form(id="f", title="t", submit="s", token="t", parts=(Quote(label="Theirs", text=text), PICK)),
    ):
        rendered = dialog(view)
        shown(rendered)
        assert typed_in(rendered) == text


def test_what_does_not_fit_is_counted() -> None:
    text = "😀" * 60_000
    rendered = dialog(detail(quotes=(Quote(label="What happened", text=text),)))
    words = shown(rendered)
    hidden = len(text) - len(typed_in(rendered))
    assert 0 < hidden < 45_000
    assert f"{hidden:,} more characters are not shown here." in words
    rendered = dialog(Notice(title="x", text="y", kept="a" * 600_000))
    assert f"{600_000 - len(typed_in(rendered)):,} more characters are not shown here." in shown(rendered)


def test_forty_long_quotations_are_each_there() -> None:
    long = tuple(Quote(label=f"Quote {n}.", text="😀" * 20_000) for n in range(40))
    lines = tuple(Line(when="10:20", who="Ada", what=f"noted {n}.", text="x" * 3000) for n in range(40))
    for view in (
        detail(quotes=long, chronology=lines),
        Form(id="f", title="t", submit="s", token="t", parts=(*long, PICK)),
    ):
        words = shown(dialog(view))
        assert all(f"Quote {n}." in words for n in range(40))
        assert words.count("more characters are not shown here.") >= 39


def test_many_quotations_and_lines_fit_and_the_newest_are_kept() -> None:
    lines = tuple(Line(when=f"10:{n:03}", who="Ada", what="noted", text=f"note {n} " * 60) for n in range(900))
    rendered = dialog(detail(quotes=tuple(Quote(label="Why", text="w" * 3001) for _ in range(30)), chronology=lines))
    words = shown(rendered)
    assert "note 899" in words
    assert "note 0 " not in words
    assert "lines are not shown here." in words
    few = tuple(Line(when="10:20", who=NASTY, what="noted", text=NASTY) for _ in range(150))
    words = shown(dialog(detail(chronology=few)))
    assert words.count("10:20") == 150
    assert "not shown" not in words


def test_what_was_typed_is_verbatim_and_inert() -> None:
    rendered = dialog(detail(quotes=(Quote(label="Said", text=NASTY),)))
    assert typed_in(rendered) == NASTY
    assert "mrkdwn" not in str(rendered)
    words = shown(rendered)
    assert "*b* _i_ `c`" in words
    # The fact with the same text is our own line: it cannot turn round what stands beside it.
    assert words.count("\u202e") == 1


PICK = PersonPicker(id="p", label="Who?", many=True, value=(Option("p1", "N" * 90),), action="report.refresh")


def test_a_form_with_everything() -> None:
    view = Form(
        id="report.details",
        title="A title that is far too long for Slack",
        submit="A button that is far too long",
        token="draft",
        parts=(
            Words(text="Danger now? Call 999.", style="warning"),
            Words(text="Small.", style="small"),
            Words(text="w" * 7000),
            Quote(label="Theirs", text=""),
            Choice(
                id="kind",
                label="What?",
                hint="h",
                options=(Option("a", "A"), Option("b", "long answer " * 9)),
                value="b",
            ),
            Choice(id="many", label="Which?", options=tuple(Option(str(n), f"O{n}") for n in range(20)), value="7"),
            Choice(id="odd", label="Odd?", options=(Option("a", "A"),), value="gone"),
            PICK,
            PersonPicker(id="one", label="One", value=(Option("p1", "Ada"),), action="report.refresh"),
            TextInput(id="long", label="L", multiline=True, required=True, value="😀" * 4000),
            TextInput(id="short", label="S", hint="x"),
            DateInput(id="date", label="Day", value="2026-11-20"),
            DateInput(id="bad_date", label="Day", value="yesterday"),
            TimeInput(id="time", label="Time", value="10:20", required=False),
            TimeInput(id="bad_time", label="Time", value="25:00"),
            Tick(id="tick", label="Tick me", value=True),
            Buttons((OPEN, TAKE, OPEN)),
        ),
        errors={"kind": "Choose one.", "": "Something else."},
    )
    rendered = dialog(view)
    words = shown(rendered)
    assert "What?: Choose one." in words
    assert "Something else." in words
    assert rendered["callback_id"] == "report.details"
    assert rendered["private_metadata"] == "draft"
    inputs = {block["block_id"]: block for block in rendered["blocks"] if block["type"] == "input"}
    assert inputs["kind"]["element"]["initial_option"]["value"] == "b"
    assert inputs["many"]["element"]["type"] == "static_select"
    assert "initial_option" not in inputs["odd"]["element"]
    assert inputs["p"]["dispatch_action"] is True
    assert inputs["p"]["element"]["action_id"] == "report.refresh"
    assert inputs["one"]["element"]["action_id"] == "report.refresh#2"
    assert inputs["long"]["optional"] is False
    assert inputs["short"]["optional"] is True
    assert units(inputs["long"]["element"]["initial_value"]) == 3000
    assert inputs["date"]["element"]["initial_date"] == "2026-11-20"
    assert "initial_date" not in inputs["bad_date"]["element"]
    assert inputs["time"]["element"]["timezone"] == "Europe/London"
    assert "initial_time" not in inputs["bad_time"]["element"]
    assert inputs["tick"]["element"]["initial_options"][0]["value"] == "yes"
    [row] = [block for block in rendered["blocks"] if block["type"] == "actions"]
    assert [one["action_id"] for one in row["elements"]] == ["case.take", "case.open", "case.open#2"]


def test_a_home_with_more_than_fits_says_so() -> None:
    rows = tuple(HomeRow(text=f"Report {n}: {NASTY}", buttons=(OPEN,)) for n in range(70))
    view = Home(school=NASTY, begun=(HomeRow(text="Begun"),), waiting=rows, mine=(), contact="Ben, 01 234")
    words = shown(dialog(view))
    assert "Report 0:" in words
    assert "more are not shown here." in words
    assert "Tell Ben, 01 234 in person." in words
    quiet = shown(dialog(Home(school="Astor", begun=(), waiting=(), mine=(), contact="")))
    assert "Nothing waits for you." in quiet
    assert "Your reports" not in quiet


def test_an_alert_tells_nothing_on_a_locked_phone() -> None:
    card = CaseAlert(
        reference="R7K4Q", reply_by="10:40", then="the next person is asked", phone=("Ada, 1",), buttons=(OPEN, TAKE)
    )
    message = CARDS[CaseAlert](card)
    assert message.text == "Staffroom needs you"
    words = read(card)
    assert "Report R7K4Q. Reply by 10:40, then the next person is asked." in words
    assert "Ada, 1" in words
    assert message.blocks[-1]["elements"][0]["text"]["text"] == "I'll take it"


@pytest.mark.parametrize("long", [NASTY, "n" * 40_000])
def test_the_other_cards(long: str) -> None:
    receipt = Receipt(
        reference="R7K4Q",
        received="10:20",
        sent_to=long,
        status=long,
        advice=(long,) * 9,
        contact=long,
        buttons=(OPEN,),
        urgent=True,
    )
    cards: tuple[Card, ...] = (
        receipt,
        CaseCard(reference="R7K4Q", status=long, news=long, buttons=(TAKE, OPEN)),
        Unanswered(reference="R7K4Q", since="10:20", phone=(long,) * 9),
        AccessEnded(reference="R7K4Q", status=long),
    )
    for card in cards:
        assert "R7K4Q" in read(card)
        assert CARDS[type(card)](card).text == "Staffroom: report R7K4Q"


def test_a_receipt_reads_as_the_school_wrote_it() -> None:
    card = Receipt(
        reference="R7K4Q",
        received="10:20",
        sent_to="Ada O'Neil",
        status="We'll say when it's picked up.",
        advice=("Don't reply to it (§8).", "Keep this private."),
        contact="Ben Okri, 01 234",
        buttons=(OPEN,),
    )
    words = read(card)
    assert "Received 10:20: R7K4Q. Sent to Ada O'Neil." in words
    assert "Child at risk? Don't wait: Ben Okri, 01 234." in words


def test_text_is_cut_by_the_larger_count() -> None:
    assert units("a😀") == 3
    assert clip("😀😀😀", 4) == "😀…"
    assert clip("abcd", 4) == "abcd"
    assert cut("😀😀😀", 5) == "😀😀"
    assert "".join(chunks("ab cd " * 2000, 3000)) == "ab cd " * 2000
    assert all(units(piece) <= 3000 for piece in chunks("😀" * 5000, 3000))
    assert "\ud800" not in shown(dialog(Notice(title="x", text="\ud800", kept="a\ud800b\x00")))
