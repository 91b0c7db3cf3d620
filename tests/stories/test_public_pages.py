"""Anybody can read, before they ever use it, whose Staffroom this is and where what they type goes."""

from __future__ import annotations

import aiohttp

from bot.sandbox.world import World


async def test_the_pages_name_the_school_and_the_platform_it_uses(school: World) -> None:
    async with aiohttp.ClientSession() as session:
        texts = []
        for path in ("/", "/privacy", "/terms"):
            async with session.get(f"{school.running.server.url}{path}") as answer:
                texts.append(await answer.text())
    assert all("Astor Secondary School" in text for text in texts)
    both = {"slack": "Slack", "teams": "Microsoft Teams"}
    [here] = school.platforms
    [elsewhere] = both.keys() - {here}
    assert f"What staff type or are shown in {both[here]} passes through that service" in texts[1]
    assert both[elsewhere] not in "".join(texts)
