"""What the handlers need from the floor above, and give back to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from handlers.views import Card, Dialog
from policy.evidence import EvidenceFile, Reason
from storage.messages import MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the adapter shows after the commit.

    `again` is what a repetition of the same click gets, where that must not be the view itself (a view with
    content is not shown again without asking whether the person may still read it). `replaces` says that the
    view takes the place of the one that was pressed, instead of opening over it. `accepted` is False for a form
    that comes back with errors (what was typed is kept, and the corrected form is no repetition), and for a click
    that was refused. `hits` of a search are audited before they are shown.
    """

    view: Dialog | None = None
    again: Dialog | None = None
    replaces: bool = False
    accepted: bool = True
    hits: int | None = None


class Clock(Protocol):
    """School time, which tests and the tour move. Signatures, leases and back-off do not use it."""

    def now(self) -> datetime:
        """Now, in UTC."""
        ...


class DeliveryError(Exception):
    """A card could not be delivered this time; it is tried again."""


class RateLimited(DeliveryError):
    """The platform asks to wait `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"asked to wait {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(DeliveryError):
    """This person cannot be reached on this platform, and trying again will not change it."""


class NotLetIn(DeliveryError):
    """The platform does not accept our credentials: nothing was done, nor will be until the administrator has acted."""


class MessageGone(DeliveryError):
    """The message to be edited is gone or may not be edited any more: post afresh."""


class FileRefused(Exception):
    """The platform does not give this file, and trying again will not change it; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class FileSource(Protocol):
    """A platform that files are fetched from. One for each; it knows its own hosts and asks no others."""

    @property
    def platform(self) -> str:
        """The platform's name, as in `EvidenceFile.platform`."""
        ...

    def open(self, file: EvidenceFile) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The file's bytes as the platform has them now.

        Raises (on entering, or while it is read):
            FileRefused: it is gone, not ours to see, or elsewhere.
            RateLimited, DeliveryError: not this time.
        """
        ...


class Messenger(Protocol):
    """A platform that cards are posted on. One for each; it finds the person's account and conversation."""

    @property
    def platform(self) -> str:
        """The platform's name, as in `MessageRef.platform`."""
        ...

    async def post(self, email: str, card: Card, *, silent: bool = False) -> MessageRef:
        """Posts the card to the person with this e-mail address; their phone rings unless `silent`.

        Raises:
            RateLimited, Unreachable, DeliveryError: see there.
        """
        ...

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Puts the card in the place of the one that stands there.

        Raises:
            RateLimited, MessageGone, DeliveryError: see there.
        """
        ...

    async def delete(self, message: MessageRef) -> None:
        """Takes a message away; one that is gone already is no error.

        Raises:
            RateLimited, DeliveryError: see there.
        """
        ...
