"""Somebody who wants to know what this is plays the tour, and sees it on both platforms."""

from __future__ import annotations

import io

from rich.console import Console

from bot.sandbox.tour import play


async def test_the_tour_goes_well_and_says_where_each_thing_is_seen() -> None:
    said = io.StringIO()
    assert await play(Console(file=said, width=100)) == 0
    text = said.getvalue()
    assert "types /report-incident on Slack" in text
    assert "types report-incident on Teams" in text
    boxes = [line for line in text.splitlines() if line.startswith("╭")]
    assert all(", on Slack: " in line or ", on Teams: " in line for line in boxes)
    assert [line.split(": ")[1].split(" ─")[0] for line in boxes if "Leo Lane, on Teams" in line] == [
        "the alert",
        "the same card, after he has pressed",
    ]
