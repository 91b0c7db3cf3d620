"""A headless Chromium in which Microsoft's own library renders a card, as Teams' web client does."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp

from tests.cards.outside import chromium, packages

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--lang=en-GB",
    "--remote-debugging-port=0",
)
SECONDS = 30
"""How long Chromium may take to start, and to answer."""
BRITISH = {**os.environ, "LANG": "en_GB.UTF-8", "LANGUAGE": "en_GB"}
LISTENING = re.compile(rb"DevTools listening on ws://([^/]+)/")
Theme = Literal["light", "dark"]
STAGE = Path(__file__).with_name("stage.html")


@dataclass(frozen=True)
class Rendered:
    """What came of a card: what the library objects to, what it shows, and how high it is.

    `live` is what does something when it is pressed or loaded; `cut` are buttons whose label is not shown whole.
    """

    problems: list[str]
    text: str
    live: list[str]
    too_wide: list[str]
    cut: list[str]
    height: int


class Browser:
    """One page; cards are drawn on it one after the other."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def stage(self, theme: Theme) -> None:
        """Set the page up for this theme, with the library and Microsoft's own settings for Teams."""
        found = packages()
        config = (found / f"adaptivecards-designer/lib/hostConfigs/microsoft-teams-{theme}.json").read_text("utf-8-sig")
        style = (found / f"adaptivecards-designer/dist/containers/teams-container-{theme}.css").read_text("utf-8-sig")
        library = (found / "adaptivecards/dist/adaptivecards.min.js").read_text("utf-8")
        frame = await self._call("Page.getFrameTree")
        page = STAGE.read_text(encoding="utf-8").replace("THEME", theme)
        await self._call("Page.setDocumentContent", frameId=frame["frameTree"]["frame"]["id"], html=page)
        await self._run(f"{library}; 0")
        await self._run(f"begin({config}, {json.dumps(style)})")

    async def render(self, card: object, title: str = "", width: int = 480) -> Rendered:
        """Draws the card on the page, as wide as told; `title` where it is a dialog."""
        return Rendered(**await self._run(f"show({json.dumps(card)}, {json.dumps(title)}, {width})"))

    async def picture(self, width: int, height: int) -> bytes:
        """What stands on the page, as PNG."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self._call("Emulation.setDeviceMetricsOverride", **size)
        taken = await self._call("Page.captureScreenshot", format="png")
        return base64.b64decode(taken["data"])

    async def _run(self, script: str) -> Any:
        answer = await self._call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", "the page failed"))
        return answer["result"].get("value")

    async def _call(self, method: str, **parameters: object) -> Any:
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json(timeout=SECONDS)
            if answer.get("id") == self._asked:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A Chromium with a profile of its own, which is gone afterwards.

    Raises:
        NotHere: Chromium or npm's packages are not on this machine.
    """
    program = chromium()
    packages()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program, *FLAGS, f"--user-data-dir={profile}", "about:blank", stdout=DEVNULL, stderr=PIPE, env=BRITISH
        )
        assert process.stderr is not None
        try:
            host = await _listening(process.stderr)
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://{host}/json/list") as response:
                    pages = [one for one in await response.json() if one["type"] == "page"]
                address = pages[0]["webSocketDebuggerUrl"]
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    yield Browser(socket)
        finally:
            process.terminate()
            await process.communicate()


async def _listening(said: asyncio.StreamReader) -> str:
    """Host and port on which Chromium takes orders: it says so when it has started."""
    async with asyncio.timeout(SECONDS):
        async for line in said:
            if found := LISTENING.search(line):
                return found[1].decode()
    raise RuntimeError("Chromium did not start")
