"""What every adapter needs from the wiring: who people are, and what is done about what they ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from handlers.commands import Command
from handlers.ports import Reply
from handlers.views import Card, Option
from policy.people import PersonId


class Services(Protocol):
    """The school's side of an adapter; it knows no platform."""

    async def handle(self, command: Command) -> Reply:
        """Carries the command out and says what to show; it raises for faults only, never for people's mistakes."""
        ...

    async def card(self, person: PersonId, token: str) -> Card | None:
        """The card about the record that this token names, as it stands now; None for whom it does not concern."""
        ...

    async def find_person(self, email: str) -> PersonId | None:
        """The person of this e-mail address, in any case; None where the school has not named one."""
        ...

    async def find_people(self, actor: PersonId, typed: str) -> Sequence[Option]:
        """Up to 100 people whom the actor may pick, found by what they typed; all the first ones where it is empty."""
        ...
