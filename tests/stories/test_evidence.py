"""Screenshots: given with a report, fetched, sealed, and how each ended; what is not fetched stays an id."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from bot.sandbox.players import Attachment
from bot.sandbox.world import World
from policy.evidence import EvidenceFile, FileState
from tests.stories.acting import answer, begin, more, press, screen, shown, take
from tests.stories.files import file_with, picture, screenshot

IMAGERY = {"kind": "hurtful_posts", "concerns": "pupil", "danger": "no", "imagery": "yes"}


async def kept_of(school: World, reference: str) -> tuple[EvidenceFile, ...]:
    """What is known of the report's files."""
    async with school.running.database.reading() as uow:
        case = await uow.case_by_reference(reference)
        assert case is not None
        return await uow.evidence(case.id)


def receipt(school: World, reference: str, name: str = "tess") -> str:
    """What stands on the reporter's receipt."""
    return next(one.text for one in school.cards(name) if "Received" in one.text and reference in one.text)


async def on_receipt(school: World, reference: str, action: str) -> None:
    """The reporter presses a button on the receipt."""
    mine = next(one for one in school.cards("tess") if action in one.buttons and reference in one.text)
    await school.people["tess"].press(mine, action)


async def test_screenshots_are_saved_and_the_receipt_says_so(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot(), screenshot("two.png", "red")])
    files = await kept_of(school, reference)
    assert [file.state for file in files] == [FileState.KEPT] * 2
    assert "2 files saved." in receipt(school, reference)
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.open")
    assert "saved" in shown(school, "priya")
    assert "See the evidence" in shown(school, "priya")


async def test_nothing_of_a_file_is_readable_where_it_is_kept(school: World) -> None:
    content = b"Date: Tue, 17 Nov 2026 10:00:00 +0000\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nSECRET-MARKER " * 50
    await file_with(school, "tess", [Attachment("mail.eml", content)])
    await school.stop()
    stored = b"".join(path.read_bytes() for path in sorted(school.folder.rglob("*")) if path.is_file())
    assert b"SECRET-MARKER" not in stored
    assert b"mail.eml" not in stored
    await school.start()


async def test_where_a_picture_may_show_a_child_there_is_no_picker_and_nothing_is_fetched(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **IMAGERY)
    assert "files" not in screen(school, "tess").fields
    assert "Don't send it here" in shown(school, "tess")


async def test_more_files_come_with_an_addition(school: World) -> None:
    reference = await file_with(school, "tess", [])
    tess = school.people["tess"]
    if tess.picks_files:
        await on_receipt(school, reference, "report.add")
        await tess.attach(screen(school, "tess"), "files", [screenshot()])
        await answer(school, "tess")
    else:
        await on_receipt(school, reference, "report.add")
        await answer(school, "tess", files=True)
        await school.settle()
        await tess.send_files([screenshot()])
    await school.settle()
    [file] = await kept_of(school, reference)
    assert file.state is FileState.KEPT


def a_zip(*members: str) -> bytes:
    """An archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in ("[Content_Types].xml", *members) if members else ("a.txt",):
            archive.writestr(member, "x")
    return buffer.getvalue()


def a_bomb() -> bytes:
    """A few kilobytes that become sixty-four million pixels."""
    buffer = io.BytesIO()
    Image.new("1", (8000, 8000)).save(buffer, "PNG")
    return buffer.getvalue()


REFUSED = {
    "empty": (Attachment("empty.png", b""), "there is nothing in it"),
    "a program": (Attachment("game.png", b"MZ" + bytes(5000)), "it is a program"),
    "an archive": (Attachment("all.zip", a_zip()), "it is an archive"),
    "damaged": (Attachment("half.png", picture()[:-20]), "it is damaged"),
    "a page": (
        Attachment("shot.png", b"<!doctype html><title>Sign in</title>"),
        "what came was a web page",
    ),
    "a program by its name": (Attachment("setup.exe", b"MZ" + bytes(5000)), "it is a program"),
    "an office document": (Attachment("notes.docx", a_zip("word/document.xml")), "it is an office document"),
    "a drawing": (Attachment("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'), "it is a drawing"),
    "a bomb": (Attachment("big.png", a_bomb()), "it has more than 60 million pixels"),
    "a polyglot": (Attachment("both.png", picture() + a_zip()), "there is something hidden in it"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_cannot_be_kept_is_told_with_what_to_do_and_the_rest_is_kept(school: World, what: str) -> None:
    wrong, why = REFUSED[what]
    reference = await file_with(school, "tess", [wrong, screenshot("good.png")], what_happened="My words stay.")
    first, second = await kept_of(school, reference)
    assert first.state is FileState.REFUSED
    assert second.state is FileState.KEPT
    assert f"File 1 could not be kept: {why}" in receipt(school, reference)
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.open")
    assert "My words stay." in shown(school, "priya")


async def test_two_files_of_one_name_and_names_that_lie_are_told_apart(school: World) -> None:
    names = ["a.png", "a.png", "../../etc/passwd", "inv\u202egnp.exe"]
    colours = ["red", "green", "blue", "white"]
    reference = await file_with(school, "tess", [screenshot(*each) for each in zip(names, colours, strict=True)])
    assert [file.name for file in await kept_of(school, reference)] == names
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.open")
    said = shown(school, "priya")
    assert "1. a.png" in said
    assert "2. a (2).png" in said
    assert "../" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("trouble", ["redirect", "elsewhere", "gone"])
async def test_a_file_that_is_not_where_it_should_be(school: World, trouble: str) -> None:
    for faults in school.faults:
        if trouble == "redirect":
            faults.redirect("http://localhost:1/elsewhere", times=9)
    external = trouble == "elsewhere"
    if trouble == "gone":
        for faults in school.faults:
            faults.fail("get_file", times=9, status=404)
    reference = await file_with(school, "tess", [Attachment("shot.png", picture(), external=external)])
    [file] = await kept_of(school, reference)
    assert file.state in {FileState.REFUSED, FileState.LOST}
    assert file.reason is not None
    assert school.visits == []
    assert "could not be kept" in receipt(school, reference)


async def test_a_platform_that_is_away_for_a_day_loses_no_file(school: World) -> None:
    for faults in school.faults:
        faults.fail("get_file", times=3, status=503)
    reference = await file_with(school, "tess", [screenshot()])
    await school.settle()
    [file] = await kept_of(school, reference)
    assert file.state is FileState.KEPT
    assert file.attempts == 3


async def test_imagery_that_is_marked_late_ends_every_link_and_opens_no_file_any_more(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    await press(school, "priya", reference, "case.open")
    await more(school, "priya", reference, "imagery", where="A group chat.")
    [file] = await kept_of(school, reference)
    assert file.state is FileState.QUARANTINED
    await press(school, "priya", reference, "case.open")
    assert "in quarantine" in shown(school, "priya")
    assert "See the evidence" not in shown(school, "priya")
