"""An administrator backs up while Staffroom runs, loses the machine, and restores: on either database, and across."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import create_async_engine

from storage.backup import back_up
from storage.backup_file import BackupFile
from storage.database import Database
from storage.errors import BadBackup, CannotWrite, NotEmpty, StorageError, WrongKey
from storage.extra import Folder
from storage.known_keys import know_keys
from storage.restore import Restored, restore
from storage.rotation import rotate
from storage.schema import make_tables
from storage.sealing import Keyring, new_master_key
from storage.tables import metadata
from tests.databases import Ticking
from tests.unit.storage.samples import AT, PRIYA, SECRET
from tests.unit.storage.school import ENTRIES, fill, must_all_be_there, report
from tests.unit.storage.test_database import run

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")

SEALED = b"\x01sealed" * 50_000


def sqlite(folder: Path) -> str:
    """The address of a database that is not there yet."""
    return f"sqlite+aiosqlite:///{folder}/restored/staffroom.db"


@pytest.fixture
async def school(database_url: str, key: str) -> AsyncIterator[Database]:
    """A school at work."""
    database = await Database.open(database_url, [key], clock=Ticking(AT), exclusive=True)
    await fill(database)
    yield database
    await database.close()


async def backed_up(url: str, key: str, path: Path, **more: Folder) -> None:
    """The command, beside whoever is at work."""
    look = await Database.look(url, [key], clock=Ticking(AT))
    try:
        await back_up(look, path, extras=tuple(more.values()))
    finally:
        await look.close()


async def restored(url: str, key: str, path: Path, **more: Folder) -> Restored:
    """The command."""
    return await restore(url, [key], path, clock=Ticking(AT), extras=tuple(more.values()))


async def rows(url: str) -> dict[str, list[str]]:
    """Everything but the audit, which the restore is in."""
    return {
        table.name: sorted(map(str, await run(url, f"select * from {table.name}")))  # noqa: S608 - a name of our own
        for table in metadata.sorted_tables
        if not table.name.startswith("audit")
    }


@pytest.mark.usefixtures("school")
async def test_what_was_backed_up_while_it_ran_is_there_again(
    database_url: str, key: str, tmp_path: Path, school: Database
) -> None:
    file = tmp_path / "monday.zip"
    await backed_up(database_url, key, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET.encode() not in file.read_bytes()
    assert ENTRIES[0].email.encode() not in file.read_bytes()
    assert key.encode() not in file.read_bytes()
    await report(school, 3)  # after the moment of the backup
    done = await restored(sqlite(tmp_path), key, file)
    assert done.audit.whole
    back = await Database.open(sqlite(tmp_path), [key], clock=Ticking(AT), exclusive=True)
    await must_all_be_there(back)
    async with back.reading() as uow:
        assert (await uow.audit_rows())[-1].action == "backup_restored"
        assert (await uow.counters())["cards_waiting"] == 3
    await report(back, 3)
    await must_all_be_there(back, range(4))
    await back.close()


async def test_beside_people_at_work_it_is_of_one_moment(
    database_url: str, key: str, tmp_path: Path, school: Database
) -> None:
    async def reports() -> None:
        for number in range(3, 23):
            await report(school, number)

    await asyncio.gather(reports(), backed_up(database_url, key, tmp_path / "b.zip"))
    await restored(sqlite(tmp_path), key, tmp_path / "b.zip")
    back = await Database.open(sqlite(tmp_path), [key], clock=Ticking(AT))
    async with back.reading() as uow:
        known = len(await uow.open_cases())
    await must_all_be_there(back, range(known))
    await back.close()


async def test_a_school_moves_from_sqlite_to_postgresql_and_back(postgres_url: str, key: str, tmp_path: Path) -> None:
    first = f"sqlite+aiosqlite:///{tmp_path}/first.db"
    database = await Database.open(first, [key], clock=Ticking(AT))
    await fill(database, 450)
    await database.close()
    await backed_up(first, key, tmp_path / "there.zip")
    await restored(postgres_url, key, tmp_path / "there.zip")
    database = await Database.open(postgres_url, [key], clock=Ticking(AT))
    await must_all_be_there(database, range(450))
    await database.close()
    await backed_up(postgres_url, key, tmp_path / "back.zip")
    await restored(sqlite(tmp_path), key, tmp_path / "back.zip")
    assert await rows(sqlite(tmp_path)) == await rows(first)


async def test_evidence_goes_with_it(database_url: str, key: str, tmp_path: Path, school: Database) -> None:
    await school.is_alive()
    evidence = Folder("evidence", tmp_path / "evidence")
    await evidence.put("ab/cd01", _bytes(SEALED))
    await evidence.put("empty", _bytes(b""))
    (tmp_path / "evidence" / "ab" / "cd02#1").write_bytes(b"half")
    await backed_up(database_url, key, tmp_path / "b.zip", evidence=evidence)
    with pytest.raises(BadBackup, match="no place for"):
        await restored(sqlite(tmp_path), key, tmp_path / "b.zip")
    with pytest.raises(NotEmpty, match="evidence"):
        await restored(sqlite(tmp_path), key, tmp_path / "b.zip", evidence=evidence)
    again = Folder("evidence", tmp_path / "again")
    done = await restored(sqlite(tmp_path), key, tmp_path / "b.zip", evidence=again)
    assert done.objects == 2
    assert (tmp_path / "again" / "ab" / "cd01").read_bytes() == SEALED
    assert (tmp_path / "again" / "empty").stat().st_mode & 0o777 == 0o600


async def test_a_backup_from_before_a_rotation_needs_the_older_key(
    database_url: str, key: str, tmp_path: Path, school: Database
) -> None:
    await backed_up(database_url, key, tmp_path / "b.zip")
    await school.close()
    newer = new_master_key()
    database = await Database.open(database_url, [newer, key], clock=Ticking(AT), alone=True)
    await rotate(database)
    await database.close()
    with pytest.raises(WrongKey, match=f"needs the key {Keyring([key]).newest}.*another school"):
        await restored(sqlite(tmp_path), newer, tmp_path / "b.zip")
    done = await restore(sqlite(tmp_path), [newer, key], tmp_path / "b.zip", clock=Ticking(AT))
    assert done.audit.whole
    back = await Database.open(sqlite(tmp_path), [newer, key], clock=Ticking(AT), alone=True)
    await rotate(back)
    await back.close()
    back = await Database.open(sqlite(tmp_path), [newer], clock=Ticking(AT))
    await must_all_be_there(back)
    await back.close()


async def test_nothing_is_restored_over_anything(database_url: str, key: str, tmp_path: Path, school: Database) -> None:
    await backed_up(database_url, key, tmp_path / "b.zip")
    await school.close()
    before = await rows(database_url)
    with pytest.raises(NotEmpty, match="empty one only"):
        await restored(database_url, key, tmp_path / "b.zip")
    assert await rows(database_url) == before


async def test_nothing_is_overwritten_and_nothing_half_is_left(
    database_url: str, key: str, tmp_path: Path, school: Database
) -> None:
    await school.is_alive()
    (tmp_path / "there.zip").write_bytes(b"last term's")
    (tmp_path / "link.zip").symlink_to(tmp_path / "elsewhere")
    for name in ("there.zip", "link.zip"):
        with pytest.raises(CannotWrite, match="not overwritten"):
            await backed_up(database_url, key, tmp_path / name)
    assert (tmp_path / "there.zip").read_bytes() == b"last term's"
    with pytest.raises(CannotWrite, match="cannot be written"):
        await backed_up(database_url, key, tmp_path / "no" / "folder" / "b.zip")
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "what is this").write_bytes(b"")
    with pytest.raises(StorageError, match="did not put there"):
        await backed_up(database_url, key, tmp_path / "b.zip", evidence=Folder("evidence", tmp_path / "evidence"))
    assert not [name for name in os.listdir(tmp_path) if name == "b.zip" or name.startswith(".")]  # noqa: PTH208


async def test_a_damaged_audit_is_restored_as_it_is_and_told(
    database_url: str, key: str, tmp_path: Path, school: Database
) -> None:
    await school.is_alive()
    await run(database_url, "update audit_head set mac = 'forged'")
    await backed_up(database_url, key, tmp_path / "b.zip")
    done = await restored(sqlite(tmp_path), key, tmp_path / "b.zip")
    assert "head forged" in done.audit.problems[0]


Damage = Callable[[Path], None]


def _cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


def _half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[data.index(b'"R0001"') + 2] ^= 1
    file.write_bytes(data)


def _nonsense(file: Path) -> None:
    file.write_bytes(b"name,email,duties\n" * 100)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _packed(file: Path) -> None:
    _rewrite(file, compression=zipfile.ZIP_DEFLATED)


def _another_zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/passwd", "root")


def _climbs_out(file: Path) -> None:
    _rewrite(file, more={"../../outside": b"x"})


def _twice(file: Path) -> None:
    _rewrite(file, more={"tables/cases.jsonl": b""})


def _row_by_hand(file: Path) -> None:
    """Somebody knows the format, and makes the sizes and sums right again."""

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b'"R0001"', b'"R0009"') if name == "tables/cases.jsonl" else data

    _rewrite(file, change, resum=True)


def _manifest_by_hand(file: Path) -> None:
    _rewrite(
        file, lambda name, data: data.replace(b'"revision": "0', b'"revision": "1') if "manifest" in name else data
    )


def _no_digest(file: Path) -> None:
    _rewrite(file, lambda name, data: data.replace(b'"mac"', b'"mat"') if "manifest" in name else data)


def _a_table_left_out(file: Path) -> None:
    _rewrite(file, lambda name, data: None if name == "tables/due.jsonl" else data)


def _deep(file: Path) -> None:
    _rewrite(file, lambda name, data: b"[" * 200_000 if "manifest" in name else data)


def _rewrite(
    file: Path,
    change: Callable[[str, bytes], bytes | None] = lambda _name, data: data,
    *,
    more: dict[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
    resum: bool = False,
) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = [(name, change(name, archive.read(name))) for name in archive.namelist()]
    if resum:
        body = json.loads(dict(parts)["manifest.json"] or b"")
        for part in body["tables"]:
            data = dict(parts)[f"tables/{part['table']}.jsonl"] or b""
            part |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        parts = [(n, json.dumps(body).encode() if n == "manifest.json" else d) for n, d in parts]
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in [*parts, *(more or {}).items()]:
            if content is not None:
                archive.writestr(name, content)


@pytest.mark.parametrize(
    "damage",
    [
        _cut_off, _half, _flipped, _nonsense, _empty, _packed, _another_zip, _climbs_out, _twice, _row_by_hand,
        _manifest_by_hand, _no_digest, _a_table_left_out, _deep,
    ],
)  # fmt: skip
async def test_a_file_that_is_not_as_it_was_made_is_told_and_nothing_is_written(
    key: str, tmp_path: Path, damage: Damage
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/school.db"
    database = await Database.open(url, [key], clock=Ticking(AT))
    await fill(database)
    await database.close()
    await backed_up(url, key, tmp_path / "b.zip")
    damage(tmp_path / "b.zip")
    with pytest.raises(BadBackup, match="Nothing was restored") as told:
        await restored(sqlite(tmp_path), key, tmp_path / "b.zip")
    assert "R0001" not in str(told.value)
    assert not (tmp_path / "restored").exists()
    assert not (tmp_path.parent / "outside").exists()


async def test_a_newer_format_and_newer_tables_are_told(key: str, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/school.db"
    await (await Database.open(url, [key], clock=Ticking(AT))).close()
    await backed_up(url, key, tmp_path / "b.zip")
    _rewrite(tmp_path / "b.zip", lambda n, d: d.replace(b'"version": 1', b'"version": 2') if "manifest" in n else d)
    with pytest.raises(BadBackup, match="newer Staffroom"):
        await restored(sqlite(tmp_path), key, tmp_path / "b.zip")


async def test_a_file_that_changes_while_it_is_restored_leaves_nothing(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/school.db"
    database = await Database.open(url, [key], clock=Ticking(AT))
    await fill(database)
    await database.close()
    evidence, again = Folder("evidence", tmp_path / "e"), Folder("evidence", tmp_path / "again")
    await evidence.put("one", _bytes(SEALED))
    await evidence.put("two", _bytes(SEALED))
    await backed_up(url, key, tmp_path / "b.zip", evidence=evidence)
    check = BackupFile.check

    def then_change(backup: BackupFile) -> None:
        check(backup)
        data = (tmp_path / "b.zip").read_bytes()
        with (tmp_path / "b.zip").open("r+b") as file:
            file.seek(data.rindex(b"sealed"))
            file.write(b"SEALED")

    monkeypatch.setattr(BackupFile, "check", then_change)
    with pytest.raises(BadBackup, match="Nothing was restored"):
        await restored(sqlite(tmp_path), key, tmp_path / "b.zip", evidence=again)
    assert await again.is_empty()
    assert not list((tmp_path / "restored").glob("*.db*[!k]"))


async def test_an_older_database_is_backed_up_and_restored_into_newer_tables(key: str, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/school.db"
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(make_tables, "0001")
        await know_keys(connection, Keyring([key]), AT)
    await engine.dispose()
    look = await Database.look(url, [key], clock=Ticking(AT), older=True)
    await back_up(look, tmp_path / "b.zip")
    await look.close()
    done = await restored(sqlite(tmp_path), key, tmp_path / "b.zip")
    assert done.audit.whole
    back = await Database.open(sqlite(tmp_path), [key], clock=Ticking(AT))
    async with back.reading() as uow:
        assert await uow.conversation("slack", PRIYA) is None
    await back.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A backup, and its key."""
    folder, key = tmp_path_factory.mktemp("whole"), new_master_key()

    async def make() -> None:
        url = f"sqlite+aiosqlite:///{folder}/school.db"
        database = await Database.open(url, [key], clock=Ticking(AT))
        await fill(database, 1)
        await database.close()
        await backed_up(url, key, folder / "b.zip")

    asyncio.run(make())
    return folder / "b.zip", key


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_happens_to_the_bytes_is_told_or_changes_nothing(whole: tuple[Path, str], data: st.DataObject) -> None:
    file, key = whole
    content = bytearray(file.read_bytes())
    tail = st.integers(max(0, len(content) - 3000), len(content) - 1)  # where the list of contents is
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1) | tail)] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(tail) :]
    damaged = file.with_name("damaged.zip")
    damaged.write_bytes(content)
    try:
        with BackupFile.open(damaged, Keyring([key])) as backup:
            backup.check()
            found = backup.manifest
    except (BadBackup, WrongKey):
        return
    with BackupFile.open(file, Keyring([key])) as backup:
        assert backup.manifest == found


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]
