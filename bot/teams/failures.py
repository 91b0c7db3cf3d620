"""What went wrong, said without a word of what was sent: codes and places only."""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-Za-z0-9_.]{1,64}", re.ASCII)


class CallFailed(Exception):
    """Teams answered a call with an error. `code` is its own, such as `ConversationBlockedByUser`, else the status.

    `retry_after` are the seconds that it asks to wait; None where it does not ask.
    """

    def __init__(self, status: int, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after


class NoToken(Exception):
    """Microsoft does not give us a token. `code` is its own, such as `invalid_client` or `AADSTS7000215`.

    `refused` says that it does not accept our settings, `answered` that something did answer, `certificate` that
    what answered could not prove to be Microsoft.
    """

    def __init__(self, code: str, *, refused: bool = False, answered: bool = False, certificate: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.refused = refused
        self.answered = answered
        self.certificate = certificate


def code_of(answer: object, otherwise: str) -> str:
    """The code in an answer's body, `{"error": {"code": …}}`, where it has one that is a mere word."""
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else otherwise
