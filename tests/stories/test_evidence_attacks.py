"""Files that nobody should have sent, at the worst moment: imagery found out late, full disks, days without Slack."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.players import Attachment
from bot.sandbox.world import PEOPLE, Platform, World
from policy.evidence import FileState, Reason
from storage.audit import verify
from tests.stories.acting import (
    PUPIL_FOLLOWED_ME,
    answer,
    begin,
    everything_seen,
    more,
    person,
    press,
    screen,
    shown,
    take,
)
from tests.stories.files import file_with, screenshot
from tests.stories.test_evidence import IMAGERY, kept_of, on_receipt, receipt

IN_DANGER = {**PUPIL_FOLLOWED_ME, "danger": "yes"}
FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"


def downloads(school: World) -> int:
    """How often the platform was asked for the bytes of a file."""
    on_slack = sum(call.method in {"get_file", "files.info"} for call in school.slack.calls)
    return on_slack + sum(call.operation in {"get_file", "get_attachment"} for call in school.teams.calls)


def bytes_kept(school: World) -> list[str]:
    """What lies in the store of evidence."""
    return [path.name for path in (school.folder / "data" / "evidence").iterdir()]


async def add_files(school: World, name: str, *files: Attachment) -> None:
    """The person presses Add on their receipt and gives files; nothing of what follows is waited for."""
    player = school.people[name]
    mine = next(one for one in reversed(school.cards(name)) if "report.add" in one.buttons)
    await player.press(mine, "report.add")
    if player.picks_files:
        await player.attach(screen(school, name), "files", files)
        await answer(school, name)
    else:
        await answer(school, name, files=True)
        await school.settle()
        await player.send_files(files)


async def under_way(school: World) -> None:
    """Until a worker has leased every file that waits."""
    async with asyncio.timeout(5):
        while True:
            async with school.running.database.reading() as uow:
                at = await uow.next_file_at()
            if at is not None and at > datetime.now().astimezone() + timedelta(minutes=1):
                return
            await asyncio.sleep(0.01)


async def test_imagery_answered_anew_on_the_first_screen_locks_away_what_was_added(school: World) -> None:
    await begin(school, "tess")
    await answer(school, "tess", **IN_DANGER)
    await school.settle()
    reference = school.reference("tess")
    form = screen(school, "tess").snapshot()
    await add_files(school, "tess", screenshot())
    await school.settle()
    assert [file.state for file in await kept_of(school, reference)] == [FileState.KEPT]
    await take(school, "priya", reference)
    assert "See the evidence" in shown(school, "priya")
    await school.people["tess"].close()
    await begin(school, "tess")
    assert "report.back" in screen(school, "tess").buttons, form.text
    await school.people["tess"].press(screen(school, "tess"), "report.back")
    await answer(school, "tess", **{**IN_DANGER, "imagery": "yes"})
    await school.settle()
    [file] = await kept_of(school, reference)
    assert file.state is FileState.QUARANTINED
    await press(school, "priya", reference, "case.open")
    assert "See the evidence" not in shown(school, "priya")
    assert "in quarantine" in shown(school, "priya")
    assert "locked away" in receipt(school, reference)
    before = downloads(school)
    await on_receipt(school, reference, "report.add")
    assert "files" not in screen(school, "tess").fields
    await answer(school, "tess", text="There is more.")
    await school.settle()
    assert downloads(school) == before


async def test_imagery_marked_while_a_file_is_fetched_leaves_nothing_of_it(school: World) -> None:
    reference = await file_with(school, "tess", [])
    await take(school, "priya", reference)
    for faults in school.faults:
        faults.slow("get_file", 1.0)
    await add_files(school, "tess", screenshot())
    await under_way(school)
    priya = school.people["priya"]
    await priya.press(screen(school, "priya"), "case.more")
    await answer(school, "priya", what="imagery")
    await answer(school, "priya", where="A group chat.")
    await school.settle()
    [file] = await kept_of(school, reference)
    assert file.state is FileState.HELD
    assert bytes_kept(school) == []
    assert "not fetched" in receipt(school, reference)


async def test_a_message_is_reported_and_nothing_is_seen_or_fetched_there(school: World) -> None:
    school.add_channel("Staff", "tess", "carl", bot_is_member=True)
    said = await school.people["carl"].post("Staff", "Look at this", [screenshot()])
    before, seen = said.text, school.people["carl"].seen
    await school.people["tess"].report_message(said)
    await answer(school, "tess", **PUPIL_FOLLOWED_ME)
    assert downloads(school) == 0
    await answer(school, "tess", source="saw_it")
    await school.settle()
    reference = school.reference("tess")
    [file] = await kept_of(school, reference)
    if school.people["tess"].picks_files:
        assert file.state is FileState.KEPT
    else:
        assert (file.state, file.reason) == (FileState.REFUSED, Reason.NO_ACCESS)
        assert "download it and send the file" in receipt(school, reference)
    assert said.text == before
    assert school.people["carl"].seen == seen


async def test_of_a_message_with_imagery_ids_are_kept_and_nothing_else(school: World) -> None:
    school.add_channel("Staff", "tess", "carl", bot_is_member=True)
    said = await school.people["carl"].post("Staff", "Look at this", [screenshot()])
    await school.people["tess"].report_message(said)
    await answer(school, "tess", **IMAGERY)
    await answer(school, "tess", source="saw_it")
    await school.settle()
    [file] = await kept_of(school, school.reference("tess"))
    assert file.state in {FileState.HELD, FileState.REFUSED}
    assert file.file_id
    assert downloads(school) == 0
    assert bytes_kept(school) == []


@pytest.mark.parametrize("trouble", ["never_end", "sign_in_page", "cut_short", "chunked"])
async def test_downloads_that_lie(school: World, trouble: str) -> None:
    for faults in school.faults:
        getattr(faults, trouble)()
    reference = await file_with(school, "tess", [screenshot()])
    [file] = await kept_of(school, reference)
    reasons = {"never_end": Reason.TOO_LARGE, "sign_in_page": Reason.SIGN_IN_PAGE}
    assert file.reason is reasons.get(trouble)
    assert file.state is (FileState.REFUSED if trouble in reasons else FileState.KEPT)
    assert len(bytes_kept(school)) == (file.state is FileState.KEPT)


async def test_a_file_that_was_deleted_before_it_was_fetched(school: World) -> None:
    for faults in school.faults:
        faults.fail("get_file", times=2, status=503)
    reference = await file_with(school, "tess", [])
    await add_files(school, "tess", screenshot())
    school.people["tess"].delete_files()
    await school.settle()
    [file] = await kept_of(school, reference)
    assert (file.state, file.reason) == (FileState.LOST, Reason.GONE)
    assert "deleted before it could be saved" in receipt(school, reference)


@asynccontextmanager
async def on_a_clock(folder: Path, platform: Platform) -> AsyncIterator[tuple[World, list[datetime]]]:
    """A school whose real time the test moves."""
    now = [datetime.now().astimezone()]
    world = await World.open(folder, platform=platform, wall=lambda: now[0])
    try:
        yield world, now
    finally:
        await world.close()


async def test_the_platform_fails_for_a_day(tmp_path: Path, platform: Platform) -> None:
    async with on_a_clock(tmp_path, platform) as (school, now):
        reference = await file_with(school, "tess", [])
        for faults in school.faults:
            faults.fail("get_file", times=10**6, status=503)
        await add_files(school, "tess", screenshot())
        for _ in range(24 * 4):
            await school.running.worker.work()
            now[0] += timedelta(minutes=15)
        [file] = await kept_of(school, reference)
        assert file.state is FileState.WAITING
        assert file.attempts > 20
        assert "Saving 1 file." in receipt(school, reference)
        for faults in school.faults:
            faults.clear()
        now[0] += timedelta(hours=1)
        await school.settle()
        [file] = await kept_of(school, reference)
        assert file.state is FileState.KEPT
        assert "1 file saved." in receipt(school, reference)


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """A disk on which no file can grow beyond this many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_loses_no_file(tmp_path: Path, platform: Platform) -> None:
    async with on_a_clock(tmp_path, platform) as (school, now):
        reference = await file_with(school, "tess", [])
        film = Attachment("film.mp4", FILM + bytes(range(256)) * 38_000)
        with no_room_beyond(8 * 1024 * 1024):
            await add_files(school, "tess", film, screenshot())
            with suppress(TimeoutError):
                await school.running.worker.drain(patience=timedelta(seconds=1))
            first, second = await kept_of(school, reference)
            assert (first.state, second.state) == (FileState.WAITING, FileState.KEPT)
            assert first.attempts > 0
            assert "Saving 1 file." in receipt(school, reference)
        now[0] += timedelta(hours=1)
        await school.settle()
        assert [file.state for file in await kept_of(school, reference)] == [FileState.KEPT] * 2
        assert len(bytes_kept(school)) == 2


async def test_a_reporter_who_leaves_before_the_file_is_fetched(school: World) -> None:
    reference = await file_with(school, "tess", [])
    for faults in school.faults:
        faults.fail("get_file", times=2, status=503)
    await add_files(school, "tess", screenshot())
    school.write_people("\n".join(row for row in PEOPLE.splitlines() if not row.startswith("Tess")) + "\n")
    await school.restart()
    await school.settle()
    [file] = await kept_of(school, reference)
    assert file.state is FileState.KEPT
    await take(school, "priya", reference)
    assert "See the evidence" in shown(school, "priya")
    await school.people["tess"].send_files([screenshot("late.png", "red")])
    await school.settle()
    assert len(await kept_of(school, reference)) == 1


async def test_a_reporter_who_is_named_late_may_send_more_and_sees_nothing_of_it(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    await more(school, "priya", reference, "name")
    whom = await person(school, "priya", "person", "Tess")
    await answer(school, "priya", person=whom, why="It was her own post.")
    await school.settle()
    await add_files(school, "tess", screenshot("b.png", "red"))
    await school.settle()
    assert [file.state for file in await kept_of(school, reference)] == [FileState.KEPT] * 2
    assert "2 files saved." in receipt(school, reference)
    assert "her own post" not in everything_seen(school, "tess")
    assert [link for one in school.cards("tess") for link in one.links] == []
    async with school.running.database.reading() as uow:
        case = await uow.case_by_reference(reference)
    assert case is not None
    mine = next(one for one in school.cards("tess") if "report.add" in one.buttons)
    await school.people["tess"].press(mine, "report.add", value=f"{case.id}:{case.turn}")
    assert not screen(school, "tess").links


async def test_no_more_than_fifty_files_and_the_words_stay(school: World) -> None:
    reference = await file_with(school, "tess", [])
    for number in range(5):
        await add_files(school, "tess", *[screenshot(f"{number} {one}.png", "red") for one in range(10)])
        await school.settle()
    assert len(await kept_of(school, reference)) == 50
    tess = school.people["tess"]
    if tess.picks_files:
        await on_receipt(school, reference, "report.add")
        await tess.attach(screen(school, "tess"), "files", [screenshot()])
        assert not (await answer(school, "tess", text="And this was said.")).failed
        assert "takes 50 files" in shown(school, "tess")
        await take(school, "priya", reference)
        assert "And this was said." in shown(school, "priya")
    else:
        done = await tess.send_files([screenshot()])
        assert not done.failed
    await school.settle()
    files = await kept_of(school, reference)
    assert [file.state for file in files] == [FileState.KEPT] * 50
    assert (await verify(school.running.database)).problems == ()
