"""The part of the tour about evidence: screenshots from Slack and from Teams, seen once by one person."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from PIL import Image

from bot.sandbox.players import Attachment

if TYPE_CHECKING:
    from bot.sandbox.tour import Tour

DETAILS = {"source": "saw_it"}
FILE = re.compile(r"/evidence/file/[0-9a-f]{32}")
ABOUT_A_PUPIL = {"kind": "hurtful_posts", "concerns": "pupil", "danger": "no", "imagery": "no"}


def _screenshot(name: str, colour: str) -> Attachment:
    out = io.BytesIO()
    Image.new("RGB", (390, 844), colour).save(out, "PNG")
    return Attachment(name, out.getvalue())


async def screenshots(tour: Tour) -> None:
    """One is attached on Slack, one sent in the chat on Teams; Priya sees it, once; imagery is not even fetched."""
    shot = _screenshot("profile.png", "navy")
    await _on_slack(tour, shot)
    link = tour.screen("priya").links[0]
    tour.says("Priya opens the link in her browser, and presses [bold]Show[/bold]")
    await _seen(tour, link, shot)
    await _in_the_chat(tour)
    await _imagery(tour)


async def _on_slack(tour: Tour, shot: Attachment) -> None:
    world = tour.world
    tess = world.people["tess"] = world.slack_people["tess"]
    tour.says("Tess, on Slack, attaches a screenshot to a report")
    await tess.command("/report-incident")
    await tess.submit(tour.screen("tess"), ABOUT_A_PUPIL)
    await tess.attach(tour.screen("tess"), "files", [shot])
    await tess.submit(tour.screen("tess"), {"what_happened": "They copied my profile.", **DETAILS})
    await world.settle()
    tour.check("her receipt says that it is saved", "1 file saved." in world.cards("tess")[-1].text)
    await world.people["priya"].press(world.cards("priya")[-1], "case.take")
    await world.settle()


async def _seen(tour: Tour, link: str, shot: Attachment) -> None:
    at = tour.world.running.server.url
    page_at = at + urlsplit(link).path
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(page_at) as answer:
            tour.check(
                "who only fetches the link, as scanners do, sees nothing", FILE.search(await answer.text()) is None
            )
        async with browser.post(page_at) as answer:
            found = FILE.search(await answer.text())
        content = b""
        if found is not None:
            async with browser.get(at + found[0]) as answer:
                content = await answer.read()
        tour.check("she sees the original, to the byte", content == shot.content)
    async with aiohttp.ClientSession() as another, another.post(page_at) as answer:
        tour.check("a second press, by anybody, is refused", answer.status == 403)


async def _in_the_chat(tour: Tour) -> None:
    world = tour.world
    tess = world.people["tess"] = world.teams_people["tess"]
    tour.says("On Teams she sends one in her chat with Staffroom, when it asks for it")
    await tess.command("/report-incident")
    await tess.submit(tour.screen("tess"), ABOUT_A_PUPIL)
    await tess.submit(tour.screen("tess"), {"what_happened": "And again.", "files": True, **DETAILS})
    await world.settle()
    await tess.send_files([_screenshot("again.png", "teal")])
    await world.settle()
    tour.check("it is saved", any("1 file saved." in card.text for card in world.cards("tess")))


async def _imagery(tour: Tour) -> None:
    world = tour.world
    tess = world.people["tess"] = world.slack_people["tess"]
    before, stored = _downloads(tour), len(_sealed(tour))
    tour.says("Tess answers [bold]Yes, or not sure[/bold] when asked whether it may be imagery of someone under 18")
    await tess.command("/report-incident")
    await tess.submit(tour.screen("tess"), {**ABOUT_A_PUPIL, "imagery": "yes"})
    tour.check("nothing asks her for a file", "files" not in tour.screen("tess").fields)
    await tess.submit(tour.screen("tess"), {"what_happened": "A picture of a child went round.", "source": "was_told"})
    await world.settle()
    player = world.teams_people["tess"]
    tour.says("She sends it all the same, in the chat on Teams")
    await player.send_files([_screenshot("no.png", "black")])
    question = player.person.messages[-1]
    titles = [place.thing["title"] for place in question.places() if place.is_action and place.shown]
    await player.person.press(question, titles[0])
    await world.settle()
    tour.check("nothing is fetched or stored", (_downloads(tour), len(_sealed(tour))) == (before, stored))
    await world.people["priya"].press(world.cards("priya")[-1], "case.open")
    tour.check("Priya reads where it is", "never fetched; it is at" in tour.screen("priya").text)


def _downloads(tour: Tour) -> int:
    slack = sum(call.method in {"get_file", "files.info"} for call in tour.world.slack.calls)
    return slack + sum(call.operation in {"get_file", "get_attachment"} for call in tour.world.teams.calls)


def _sealed(tour: Tour) -> list[bytes]:
    return [path.read_bytes() for path in (tour.world.folder / "data" / "evidence").iterdir()]
