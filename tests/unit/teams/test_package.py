"""The app package is one that Teams takes, and asks for no more than is used."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import jsonschema
import pytest

from bot.teams.package import manifest, package
from bot.teams.typed import COMMANDS
from bot.web.about import PATHS

CLIENT = "2f4c3a10-0000-4000-8000-0000000000b0"
URL = "https://staffroom.school.example/"
GUID = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"


def text(most: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, **more}


def thing(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }


def several(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": most, "items": items, "uniqueItems": True}


WEB = text(2048, pattern="^https://")
SCOPES = several({"enum": ["team", "personal", "groupChat"]}, 3)
# The parts that Staffroom uses, with the limits of the published schema: for machines without Node (see tests/cards).
TEAMS = thing(
    {
        "$schema": text(200),
        "manifestVersion": {"const": "1.29"},
        "version": text(256, pattern=r"^\d+\.\d+\.\d+$"),
        "id": text(36, pattern=GUID),
        "developer": thing({"name": text(32), "websiteUrl": WEB, "privacyUrl": WEB, "termsOfUseUrl": WEB}),
        "name": thing({"short": text(30), "full": text(100)}),
        "description": thing({"short": text(80), "full": text(4000)}),
        "icons": thing({"color": text(2048), "outline": text(2048)}),
        "localizationInfo": thing({"defaultLanguageTag": {"const": "en-gb"}}),
        "accentColor": text(7, pattern="^#[0-9a-fA-F]{6}$"),
        "defaultInstallScope": {"const": "personal"},
        "bots": several(
            thing(
                {
                    "botId": text(36, pattern=GUID),
                    "scopes": SCOPES,
                    "isNotificationOnly": {"const": False},
                    "supportsFiles": {"type": "boolean"},
                    "supportsTargetedMessages": {"const": True},
                    "commandLists": several(
                        thing(
                            {
                                "scopes": SCOPES,
                                "commands": several(thing({"title": text(128), "description": text(4000)}), 12),
                            },
                            {"triggers": several({"enum": ["mention", "slash"]}, 2)},
                        ),
                        3,
                    ),
                }
            ),
            1,
        ),
        "composeExtensions": several(
            thing(
                {
                    "botId": text(36, pattern=GUID),
                    "commands": several(
                        thing(
                            {
                                "id": text(64),
                                "type": {"const": "action"},
                                "title": text(32),
                                "description": text(128),
                                "context": several({"enum": ["compose", "commandBox", "message"]}, 3),
                                "fetchTask": {"const": True},
                            }
                        ),
                        10,
                    ),
                }
            ),
            1,
        ),
        "permissions": several({"enum": ["identity", "messageTeamMembers"]}, 2),
        "validDomains": several(text(2048), 100),
    }
)


def test_teams_takes_the_manifest() -> None:
    ours = manifest(CLIENT, URL)
    jsonschema.validate(ours, TEAMS)
    assert json.loads(json.dumps(ours)) == ours
    assert ours["validDomains"] == ["staffroom.school.example"]
    developer = ours["developer"]
    links = {developer[name].removeprefix("https://staffroom.school.example") for name in developer if name != "name"}
    assert links == set(PATHS)
    assert manifest(CLIENT, URL, "Astor Secondary School")["developer"]["name"] == "Astor Secondary School"
    jsonschema.validate(manifest(CLIENT, URL, "St Mary Magdalene and St Bartholomew"), TEAMS)


def test_its_commands_are_those_that_are_understood() -> None:
    lists = manifest(CLIENT, URL)["bots"][0]["commandLists"]
    assert all(tuple(command["title"] for command in one["commands"]) == COMMANDS for one in lists)
    assert ["personal"] in [one["scopes"] for one in lists]
    assert [one["triggers"] for one in lists if "team" in one["scopes"]] == [["mention", "slash"]]


def test_it_asks_for_nothing_that_reads_conversations() -> None:
    ours = manifest(CLIENT, URL)
    assert "authorization" not in ours
    assert "webApplicationInfo" not in ours


def test_files_can_be_sent_in_the_own_chat() -> None:
    assert manifest(CLIENT, URL)["bots"][0]["supportsFiles"] is True


@pytest.mark.parametrize("client", ["", "staffroom", CLIENT + "0"])
def test_a_wrong_client_id_is_refused(client: str) -> None:
    with pytest.raises(ValueError, match="TEAMS_CLIENT_ID"):
        manifest(client, URL)


@pytest.mark.parametrize("url", ["", "http://staffroom.school.example", "http://localhost:3000", "https://"])
def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="STAFFROOM_PUBLIC_URL"):
        manifest(CLIENT, url)


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of RGBA of a PNG without filters, as ours are."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, found = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        found[kind] = content
        at += 12 + length
    width, height, *how = struct.unpack(">IIBBBBB", found[b"IHDR"])
    assert how == [8, 6, 0, 0, 0]
    raw = zlib.decompress(found[b"IDAT"])
    rows = [raw[start + 1 : start + 1 + width * 4] for start in range(0, len(raw), width * 4 + 1)]
    assert len(rows) == height
    assert b"IEND" in found
    return width, height, rows


@pytest.mark.parametrize("version", ["", "2", "1.0", "1.0.0-beta", "v1.0.0"])
def test_a_wrong_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="expected three numbers"):
        manifest(CLIENT, URL, version=version)


def test_the_package() -> None:
    made = package(CLIENT, URL)
    assert made == package(CLIENT, URL)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        assert json.loads(archive.read("manifest.json")) == manifest(CLIENT, URL)
        width, height, rows = pixels(archive.read("color.png"))
        assert (width, height) == (192, 192)
        assert {row[index] for row in rows for index in range(3, len(row), 4)} == {255}
        assert (rows[58][384:387], rows[2][8:11]) == (b"\xff\xff\xff", b"\x1f\x3a\x5f")
        width, height, rows = pixels(archive.read("outline.png"))
        assert (width, height) == (32, 32)
        # White and see-through, nothing else: Teams colours it itself.
        colours = {bytes(row[index : index + 3]) for row in rows for index in range(0, len(row), 4)}
        assert colours == {b"\xff\xff\xff"}
        alphas = {row[index] for row in rows for index in range(3, len(row), 4)}
        assert {0, 255} <= alphas
