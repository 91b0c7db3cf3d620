"""Files as people have them on their devices, and how they attach them: in the form, or in the chat."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from PIL import Image

from bot.sandbox.players import Attachment
from bot.sandbox.world import World
from tests.stories.acting import DETAILS, PUPIL_FOLLOWED_ME, answer, begin, screen


def picture(colour: str = "navy", size: tuple[int, int] = (40, 30)) -> bytes:
    """A PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def screenshot(name: str = "screenshot.png", colour: str = "navy") -> Attachment:
    """A screenshot as a telephone makes it."""
    return Attachment(name, picture(colour))


async def file_with(
    school: World,
    name: str,
    files: Sequence[Attachment],
    triage: Mapping[str, object] | None = None,
    **details: object,
) -> str:
    """The person files a report with these files, as their platform lets them. Returns its reference."""
    await begin(school, name)
    await answer(school, name, **(triage or PUPIL_FOLLOWED_ME))
    sent = {**DETAILS, **details}
    person = school.people[name]
    if person.picks_files:
        await person.attach(screen(school, name), "files", files)
        assert (await answer(school, name, **sent)).errors == {}
    else:
        assert (await answer(school, name, files=True, **sent)).errors == {}
        await school.settle()
        await person.send_files(files)
    await school.settle()
    return school.reference(name)
