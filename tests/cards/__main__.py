"""`make pictures`: every card and dialog as Teams draws it, for people to look at."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from tests.cards.browser import Theme, open_browser
from tests.cards.gallery import gallery
from tests.cards.outside import CACHE, NotHere

LOOKS: tuple[tuple[str, Theme, int], ...] = (("light", "light", 480), ("dark", "dark", 480), ("phone", "light", 360))


async def draw(folder: Path) -> int:
    """Draws everything into a directory per look; returns how many pictures there are."""
    with tempfile.TemporaryDirectory() as place:
        shown = await gallery(Path(place))
    async with open_browser() as browser:
        for look, theme, width in LOOKS:
            (folder / look).mkdir(parents=True)
            await browser.stage(theme)
            for one in shown:
                drawn = await browser.render(one.card, one.title, width)
                content = await browser.picture(width, min(drawn.height, 8000))
                (folder / look / f"{one.name}.png").write_bytes(content)
    return len(shown) * len(LOOKS)


def main() -> int:
    """Returns the exit code."""
    folder = CACHE / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        count = asyncio.run(draw(folder))
    except NotHere as error:
        sys.stderr.write(f"No pictures: {error}\n")
        return 1
    sys.stdout.write(f"{count} pictures are in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
