"""What is too long for one card, in pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.teams.render.text import Json, size_of


def in_pages(first: Sequence[Json], head: Sequence[Json], flow: Iterable[Json], room: int) -> list[list[Json]]:
    """Pages of at most `room` bytes: the first begins with `first`, each other one with `head`; `flow` runs on.

    An element that is larger than a page has one of its own; the renderers make none.
    """
    pages = [list(first)]
    left = room - sum(map(size_of, first))
    for element in flow:
        taken = size_of(element)
        if taken > left and len(pages[-1]) > len(head):
            pages.append(list(head))
            left = room - sum(map(size_of, head))
        pages[-1].append(element)
        left -= taken
    return pages
