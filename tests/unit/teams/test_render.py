"""Every view fits into Teams, says what it must, and what people typed does nothing in it."""

from __future__ import annotations

import re
import typing
import warnings
from typing import Any

import pytest

from bot.sandbox.loopback_teams import card_problems
from bot.sandbox.loopback_teams.checking import size_of
from bot.sandbox.loopback_teams.reading import links, markup, visible_text
from bot.sandbox.loopback_teams.screen import Surface
from bot.teams.render import CARDS, DIALOGS, MOST_BYTES, PARTS, Json, Window, case_detail, launcher
from bot.teams.render.elements import PIECE
from bot.teams.render.parts import KINDS, LONG
from bot.teams.render.text import chunks, fitting, inert, packed
from handlers.views import (
    Button,
    Buttons,
    Card,
    CaseAlert,
    CaseDetail,
    Dialog,
    FilePicker,
    Form,
    Home,
    HomeRow,
    Line,
    Notice,
    Part,
    PersonPicker,
    Quote,
    Receipt,
    TextInput,
    Tick,
)
from tests.unit.teams import views
from tests.unit.teams.views import EVERY_PART, NASTY, OPEN, TAKE

SCRIPTS = {
    "latin": "The quick brown fox. ",
    "arabic": "هذا ما قاله الطفل لي اليوم ",
    "chinese": "今天孩子对我说了这些话",
    "emoji": "😀👩‍👩‍👧🏽",
    "quotes": "\"\\\n\t<>&'",
    "control": "\x01\x02\x7f",
    "one word": "x",
}
try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from microsoft_teams.cards import AdaptiveCard
    MODEL: Any = AdaptiveCard
    """Microsoft's own, a second opinion where its SDK happens to be installed."""
except ImportError:
    MODEL = None


def accepted(card: Json, *, in_dialog: bool = True) -> str:
    """What a person reads of the card, once Teams, our budget and Microsoft's own model have accepted it."""
    assert card_problems(card, in_dialog=in_dialog) == []
    assert size_of(card) <= MOST_BYTES
    if MODEL is not None:
        MODEL.model_validate(card)
    assert '"TextBlock"' not in packed(card)
    assert '"FactSet"' not in packed(card)
    surface = Surface(card=card)
    assert (links(surface), markup(surface)) == ([], [])
    return visible_text(surface)


def shown(view: Dialog) -> str:
    window = DIALOGS[type(view)](view)
    assert 0 < len(window.title) <= 64
    return accepted(window.card)


def read(view: Card) -> str:
    message = CARDS[type(view)](view)
    return accepted(message.card, in_dialog=False)


def typed_in(card: Json) -> str:
    """Everything in quotations, as one text."""
    boxes = [element for element in card["body"] if element["type"] == "Container"]
    return "".join(run["text"] for box in boxes for block in box["items"] for run in block["inlines"])


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


def pages_of(view: CaseDetail) -> list[Window]:
    found = [case_detail(view, 0, "t")]
    while "Next page" in packed(found[-1].card):
        found.append(case_detail(view, len(found), "t"))
    for window in found:
        accepted(window.card)
    return found


def form(*parts: Part, **more: Any) -> Form:
    return Form(**{"id": "f", "title": "Title", "submit": "Send", "token": "d" * 32, "parts": parts, **more})


def test_nothing_is_without_a_renderer() -> None:
    assert set(CARDS) == set(typing.get_args(Card))
    assert set(DIALOGS) == set(typing.get_args(Dialog))
    assert set(PARTS) == set(typing.get_args(Part))
    assert set(KINDS) == {PersonPicker, FilePicker, Tick}


@pytest.mark.parametrize("part", EVERY_PART)
def test_every_part_of_a_form(part: Part) -> None:
    assert NASTY.split("{")[0].strip() in shown(form(part)) or isinstance(part, Buttons | Tick | FilePicker)
    field = getattr(part, "id", "")
    if field:
        said = shown(form(part, errors={field: "Not so."}))
        assert said.count("Not so.") == 1
        assert said.index("Not so.") < said.index("_i_" if not isinstance(part, Tick | FilePicker) else "(")


def test_a_whole_form() -> None:
    said = shown(form(*EVERY_PART, errors={"line": "Not so.", "": "Something else.", "gone": "Elsewhere."}))
    for words in ("Not so.", "Something else.", "Elsewhere."):
        assert words in said
    assert shown(form())


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_form_with_all_that_can_be_typed_into_it(script: str) -> None:
    text = (SCRIPTS[script] * LONG)[:LONG]
    shown(form(TextInput(id="a", label="A", multiline=True, value=text), TextInput(id="b", label="B", value=text)))


def test_a_form_carries_what_its_answers_need() -> None:
    card = DIALOGS[Form](form(*EVERY_PART)).card
    assert card["actions"][0]["data"] == {
        "form": "f",
        "token": "d" * 32,
        "kinds": {"one": "people", "many": "people", "files": "tick", "tick": "tick"},
    }
    buttons = [action for element in card["body"] for action in element.get("actions", ())]
    assert buttons
    assert all(button["data"]["kinds"] == card["actions"][0]["data"]["kinds"] for button in buttons)


def test_back_stands_beside_send_and_what_is_too_wide_for_a_phone_does_not() -> None:
    back = Button(action="report.back", label="Back", token="t")
    card = DIALOGS[Form](form(*EVERY_PART[:-1], Buttons((back,)))).card
    assert [action["title"] for action in card["actions"]] == ["Send", "Back"]
    assert card["actions"][1]["data"]["kinds"] == card["actions"][0]["data"]["kinds"]
    many = tuple(Button(action="report.back", label="A longer one", token="t") for _ in range(4))
    card = DIALOGS[Form](form(EVERY_PART[0], Buttons(many))).card
    assert [action["title"] for action in card["actions"]] == ["Send"]
    assert [len(element.get("actions", ())) for element in card["body"]] == [0, 2, 2]


@pytest.mark.parametrize("view", views.DIALOGS.values(), ids=views.DIALOGS.keys())
def test_every_dialog(view: Dialog) -> None:
    shown(view)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("length", [0, 1, 4_999, 5_001, 40_000, 150_000])
def test_typed_text_is_shown_whole_on_as_many_pages_as_it_takes(script: str, length: int) -> None:
    text = (SCRIPTS[script] * (length // len(SCRIPTS[script]) + 1))[:length]
    pages = pages_of(detail(quotes=(Quote(label="What happened", text=text),)))
    assert "".join(typed_in(page.card) for page in pages) == text
    assert sum("Is the child safe?" in packed(page.card) for page in pages) == 1
    assert sum('"I\'ll take it"' in packed(page.card) for page in pages) == 1


def test_a_long_chronology_has_pages() -> None:
    lines = tuple(Line(when=f"Mon {n}", who="Ada", what="noted", text=f"note {n} {NASTY}") for n in range(300))
    pages = pages_of(detail(chronology=lines))
    said = "\n".join(accepted(page.card) for page in pages)
    assert [int(n) for n in re.findall(r"note (\d+) ", said)] == list(range(300))
    assert "Previous page" not in packed(pages[0].card)
    assert case_detail(detail(chronology=lines), 999, "t") == pages[-1]
    assert case_detail(detail(chronology=lines), -5, "t") == pages[0]


def test_without_a_token_what_is_not_shown_is_counted() -> None:
    view = detail(quotes=(Quote(label="x", text="word " * 20_000),))
    assert "more pages are not shown here" in shown(view)


def test_macros_mark_up_and_turning_characters_do_nothing() -> None:
    [page] = pages_of(detail(quotes=(Quote(label="Said", text=NASTY),)))
    assert "{{" not in packed(page.card)
    assert typed_in(page.card).replace("\u2060", "") == NASTY
    assert packed(page.card).count("\u202e") == 1  # in the quotation alone, where it turns nothing of ours
    assert inert("{{{{") == "{\u2060{\u2060{\u2060{"
    assert inert("\ud800\x00a") == "\ufffd\ufffda"


@pytest.mark.parametrize("script", SCRIPTS)
def test_chunks(script: str) -> None:
    text = (SCRIPTS[script] * 3000)[:20_000]
    pieces = list(chunks(text, PIECE))
    assert "".join(pieces) == text
    assert all(len(packed(piece).encode()) - 2 <= PIECE for piece in pieces)
    assert fitting("é" * 10, 5) == 2


def test_the_alert_tells_nothing() -> None:
    view = CaseAlert(reference="R7K4Q", reply_by="10:40", then="Ben is asked", phone=("Dee, 01234",), buttons=(TAKE,))
    message = CARDS[CaseAlert](view)
    assert message.summary == "Staffroom needs you"
    said = read(view)
    assert said.startswith("Report R7K4Q. Reply by 10:40, then Ben is asked.")
    assert "Dee, 01234" in said
    assert message.card["fallbackText"] == "Staffroom"


@pytest.mark.parametrize("view", views.CARDS.values(), ids=views.CARDS.keys())
def test_every_card(view: Card) -> None:
    read(view)
    message = CARDS[type(view)](view)
    assert len(message.summary) < 60
    assert NASTY[:5] not in message.summary
    buttons = [action for element in message.card["body"] for action in element.get("actions", ())]
    assert all(action["data"]["msteams"] == {"type": "task/fetch"} for action in buttons)
    rows = sum(len(row.buttons) for row in getattr(view, "rows", ()))
    assert len(buttons) == rows + len(getattr(view, "buttons", ()))


@pytest.mark.parametrize("urgent", [True, False])
def test_the_receipt_says_whom_to_find(urgent: bool) -> None:
    said = read(
        Receipt(
            reference="R7K4Q",
            received="10:20",
            sent_to="Dee",
            status="We'll say.",
            advice=("Keep it.",),
            contact="Dee, 01234",
            buttons=(OPEN,),
            urgent=urgent,
        )
    )
    for words in ("Received 10:20: R7K4Q. Sent to Dee.", "We'll say.", "• Keep it.", "Child at risk? Don't wait: Dee"):
        assert words in said
    assert said.startswith("Child at risk?") is urgent


def test_notices() -> None:
    assert "a\nb" in shown(Notice(title="T" * 200, text="a\n\nb"))
    assert "\nkept *it*" in shown(Notice(title="T", text="a", kept="kept *it*"))
    long = shown(Notice(title="T", text="", kept="word " * 20_000))
    left = re.search(r"([\d,]+) more characters are not shown here", long)
    assert left is not None
    assert long.count("word") * 5 + int(left[1].replace(",", "")) == 100_000


def test_the_home_screen() -> None:
    row = HomeRow(text=NASTY, buttons=(TAKE, OPEN))
    said = shown(
        Home(school=NASTY, begun=(row,), waiting=(row,) * 10, mine=(row,) * 10, contact="Dee", explains=("So.",))
    )
    assert "Tell Dee in person" in said
    assert "So." in said
    full = shown(Home(school="Astor", begun=(), waiting=(row,) * 500, mine=(), contact="Dee", explains=("So.",)))
    assert re.search(r"\d+ more are not shown here", full)
    assert "Nothing waits for you." in shown(Home(school="Astor", begun=(), waiting=(), mine=(), contact=""))


def test_a_launcher() -> None:
    said = accepted(launcher("Do this.", [TAKE], ["Or that."]), in_dialog=False)
    assert said == "Do this.\nOr that.\n[I'll take it]"
