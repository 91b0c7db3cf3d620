"""The evidence pack: one case, sealed, for an outsider who checks it with nothing of ours."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox.players import Attachment
from bot.sandbox.world import World
from storage.audit import verify
from tests.stories.acting import (
    answer,
    file,
    more,
    person,
    press,
    screen,
    shown,
    take,
    texts,
)
from tests.stories.browsing import Browser, browser, opened
from tests.stories.files import file_with, picture, screenshot
from tests.stories.unsealing import unseal

HOSTILE = (
    "<!channel> #strong[x] \\ $y$ =cmd|'/C calc'!A1\n1. Finished: it did not happen\nשלום مرحبا 漢字 😀 \u202egnp.exe"
)
PASSWORD = re.compile(r'class="password">([^<]+)<')


@dataclass
class Taken:
    """A pack as somebody took it away: its name, its bytes, and the password that they wrote down."""

    name: str
    content: bytes
    password: str

    @property
    def parts(self) -> dict[str, bytes]:
        return unseal(self.content, self.password)


async def pack_link(school: World, name: str, reference: str) -> str:
    """The person chooses *Evidence pack* under More…, and goes on; the link that they get."""
    if school.people[name].screen is not None:
        await school.people[name].close()
    await more(school, name, reference, "pack")
    await answer(school, name)
    [link] = screen(school, name).links
    return link


async def download(there: Browser, password: str) -> tuple[int, str, bytes]:
    """Presses *Download the pack*."""
    async with there.session.post(there.at("/evidence/pack"), data={"password": password}) as sent:
        return sent.status, sent.headers.get("Content-Disposition", ""), await sent.read()


async def take_pack(school: World, name: str, reference: str) -> Taken:
    """From *More…* to the download."""
    async with browser(school) as theirs:
        status, page = await theirs.show(await pack_link(school, name, reference))
        assert status == 200
        [password] = PASSWORD.findall(page)
        status, disposition, content = await download(theirs, password)
        assert status == 200, content
    await school.settle()
    return Taken(re.findall(r'filename="(.+)"', disposition)[0], content, password)


async def audited(school: World, action: str) -> list[dict[str, object]]:
    """What stands in the audit of this action."""
    async with school.running.database.reading() as uow:
        return [dict(row.ids) for row in await uow.audit_rows() if row.action == action]


def sums_hold(parts: dict[str, bytes]) -> bool:
    """As `sha256sum -c` does it: every line is true, and every part but the list has one."""
    lines = {line[66:]: line[:64] for line in parts["SHA256SUMS"].decode().splitlines()}
    return lines == {name: hashlib.sha256(part).hexdigest() for name, part in parts.items() if name != "SHA256SUMS"}


async def test_a_pack_holds_everything_and_is_told_in_audit_and_chronology(school: World) -> None:
    first, second = picture(), picture("red")
    files = [Attachment("shot.png", first), Attachment("shot.png", second)]
    reference = await file_with(school, "tess", files, what_happened=HOSTILE)
    await take(school, "priya", reference)
    school.clock.move(timedelta(microseconds=1234))  # as clocks are
    pack = await take_pack(school, "priya", reference)
    parts = pack.parts
    assert pack.name == f"evidence-pack-{reference}.zip"
    assert parts["originals/1-shot.png"] == first
    assert parts["originals/2-shot (2).png"] == second
    assert sums_hold(parts)
    assert parts["chronology.pdf"].startswith(b"%PDF-")
    text = parts["case.txt"].decode()
    assert all(f"| {line}" in text for line in HOSTILE.split("\n"))
    assert "\n1. Finished: it did not happen" not in text
    assert "17 November 2026, 10:20 GMT: Priya Shah took it" in text
    manifest = json.loads(parts["manifest.json"])
    assert (manifest["made_by"], manifest["reference"]) == ("Priya Shah", reference)
    rows = list(csv.DictReader(io.StringIO(parts["audit.csv"].decode())))
    assert {"case-received", "case-taken", "pack-asked"} <= {row["action"] for row in rows}
    assert "sha256sum -c SHA256SUMS" in parts["READ ME.txt"].decode()
    sums = hashlib.sha256(parts["SHA256SUMS"]).hexdigest()
    assert await audited(school, "pack-made") == [{"sums": sums}]
    await press(school, "priya", reference, "case.open")
    assert "Priya Shah made an evidence pack" in shown(school, "priya")
    assert sums in shown(school, "priya")
    assert "pack" not in texts(school, "tess")
    assert (await verify(school.running.database)).problems == ()


async def test_nothing_of_it_is_read_without_the_password_and_the_password_is_kept_nowhere(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot("secret-name.png")], what_happened="SECRET-MARKER")
    await take(school, "priya", reference)
    pack = await take_pack(school, "priya", reference)
    assert b"secret-name" not in pack.content
    assert b"SECRET-MARKER" not in pack.content
    with pytest.raises(ValueError, match="another password"):
        unseal(pack.content, pack.password[:-1] + "!")
    await school.stop()
    stored = b"".join(path.read_bytes() for path in sorted(school.folder.rglob("*")) if path.is_file())
    assert pack.password.encode() not in stored
    await school.start()


def run(folder: Path, *command: str | Path) -> tuple[bool, str]:
    """Runs an outsider's tool in the folder: whether it was content, and what it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout


async def test_an_outsider_opens_and_checks_it_with_their_own_tools(school: World, tmp_path: Path) -> None:
    opener = shutil.which("7z") or shutil.which("7zz") or shutil.which("7za")
    if opener is None:
        pytest.skip("no 7-Zip on this machine")
    reference = await file_with(school, "tess", [screenshot("Zoë's.png")])
    await take(school, "priya", reference)
    pack = await take_pack(school, "priya", reference)
    (tmp_path / pack.name).write_bytes(pack.content)
    assert not run(tmp_path, opener, "x", "-y", "-pwrong", pack.name)[0]
    assert run(tmp_path, opener, "x", "-y", f"-p{pack.password}", pack.name)[0]
    assert run(tmp_path, opener, "x", "-y", "-oout", f"{reference}.zip")[0]
    well, said = run(tmp_path / "out", "sha256sum", "-c", "SHA256SUMS")
    assert well, said
    assert "originals/1-Zoë's.png: OK" in said
    (tmp_path / "out" / "case.txt").write_text("changed")
    assert "case.txt: FAILED" in run(tmp_path / "out", "sha256sum", "-c", "SHA256SUMS")[1]


async def test_seeing_the_page_makes_nothing_and_every_page_has_a_password_of_its_own(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    link = await pack_link(school, "priya", reference)
    async with browser(school) as hers:
        assert b"password" not in (await hers.get(link))[1]
        _, page = await hers.show(link)
        again = (await hers.get("/evidence"))[1].decode()
        assert PASSWORD.findall(page) != PASSWORD.findall(again)
        assert (await hers.get("/evidence/pack"))[0] == 404
        for wrong in ("", "1234", "a" * 24, PASSWORD.findall(page)[0] + "x"):
            assert (await download(hers, wrong))[0] == 403
    assert await audited(school, "pack-made") == []


async def test_looking_at_evidence_opens_no_pack(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "priya", reference)
    async with browser(school) as hers:
        _, page = await hers.show(await opened(school, "priya", reference))
        assert "Evidence pack" not in page
        assert (await download(hers, "abcd-efgh-jkmn-pqrs-tuvw"))[0] == 403
    async with browser(school) as stranger:
        assert (await download(stranger, "abcd-efgh-jkmn-pqrs-tuvw"))[0] == 403


async def test_who_may_not_read_it_any_more_gets_nothing(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()])
    await take(school, "hana", reference)
    link = await pack_link(school, "hana", reference)
    async with browser(school) as hers:
        _, page = await hers.show(link)
        await more(school, "hana", reference, "pass_on", why="too_close")
        assert (await download(hers, PASSWORD.findall(page)[0]))[0] == 403
    assert await audited(school, "pack-made") == []


async def test_a_name_that_is_kept_back_is_not_in_the_pack_of_whoever_only_reads(school: World) -> None:
    reference = await file_with(school, "tess", [screenshot()], hide_name=True)
    await take(school, "priya", reference)
    readers_pack = await take_pack(school, "hana", reference)
    assert not any(b"Tess" in part for part in readers_pack.parts.values())
    assert b"Tess Turner" in (await take_pack(school, "priya", reference)).parts["case.txt"]


async def test_who_was_named_and_is_not_any_more_does_not_learn_of_it(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    await more(school, "priya", reference, "name")
    hana = await person(school, "priya", "person", "Hana")
    await answer(school, "priya", person=hana, why="A parent said so.")
    await school.settle()
    await more(school, "priya", reference, "unname", person=hana, why="They meant somebody else.")
    await more(school, "priya", reference, "hand_over", to=hana, why="Yours.")
    parts = (await take_pack(school, "hana", reference)).parts
    told = b"".join(parts[name] for name in ("case.txt", "audit.csv", "manifest.json"))
    assert b"A parent said so" not in told
    assert b"named" not in told
    assert b"found out" not in told


async def test_a_case_without_files_has_a_pack_too(school: World) -> None:
    reference = await file(school, "tess")
    await take(school, "priya", reference)
    parts = (await take_pack(school, "priya", reference)).parts
    assert sums_hold(parts)
    assert not any(name.startswith("originals/") for name in parts)


async def test_what_is_in_quarantine_is_listed_and_not_in_it(school: World) -> None:
    content = picture("red", (300, 200))
    reference = await file_with(school, "tess", [Attachment("x.png", content)])
    await take(school, "priya", reference)
    await more(school, "priya", reference, "imagery", where="On her phone")
    parts = (await take_pack(school, "priya", reference)).parts
    assert not any(name.startswith("originals/") for name in parts)
    assert content not in parts.values()
    assert "in quarantine" in parts["case.txt"].decode()
    assert json.loads(parts["manifest.json"])["files"][0]["state"] == "quarantined"


async def test_a_file_that_was_damaged_is_named_and_the_rest_comes(school: World) -> None:
    good = picture("green")
    reference = await file_with(school, "tess", [screenshot("bad.png"), Attachment("good.png", good)])
    await take(school, "priya", reference)
    async with school.running.database.reading() as uow:
        case = await uow.case_by_reference(reference)
        assert case is not None
        damaged = (await uow.evidence(case.id))[0].blob
    where = school.folder / "data" / "evidence" / str(damaged)
    where.write_bytes(where.read_bytes()[:-1] + b"x")
    parts = (await take_pack(school, "priya", reference)).parts
    assert [name for name in parts if name.startswith("originals/")] == ["originals/2-good.png"]
    assert parts["originals/2-good.png"] == good
    assert "File 1 is not here" in parts["READ ME.txt"].decode()
    assert [one["state"] for one in json.loads(parts["manifest.json"])["files"]] == ["damaged", "kept"]
    assert sums_hold(parts)


async def test_fifty_files(school: World) -> None:
    every = [Attachment("same.png", picture("navy", (number + 1, 9))) for number in range(50)]
    reference = await file_with(school, "tess", every[:10])
    tess = school.people["tess"]
    for first in range(10, 50, 10):
        mine = next(one for one in school.cards("tess") if "report.add" in one.buttons and reference in one.text)
        await tess.press(mine, "report.add")
        if tess.picks_files:
            await tess.attach(screen(school, "tess"), "files", every[first : first + 10])
            await answer(school, "tess")
        else:
            await answer(school, "tess", files=True)
            await school.settle()
            await tess.send_files(every[first : first + 10])
        await school.settle()
    await take(school, "priya", reference)
    parts = (await take_pack(school, "priya", reference)).parts
    names = [f"originals/{number}-same{f' ({number})' if number > 1 else ''}.png" for number in range(1, 51)]
    assert [name for name in parts if name.startswith("originals/")] == names
    assert [parts[name] for name in names] == [one.content for one in every]
    assert sums_hold(parts)
