"""What people read of files: how each ended, and why."""

from __future__ import annotations

from collections.abc import Sequence

from policy.evidence import EvidenceFile, FileState, Reason
from policy.evidence_names import shown_names

WHY = {
    Reason.TOO_LARGE: "it is larger than 100 MB",
    Reason.EMPTY: "there is nothing in it",
    Reason.NOT_WHAT_IT_SAYS: "there is something hidden in it",
    Reason.PROGRAM: "it is a program",
    Reason.ARCHIVE: "it is an archive; send what is in it, one by one",
    Reason.DOCUMENT: "it is an office document; save it as PDF, or send a screenshot",
    Reason.SIGN_IN_PAGE: "what came was a web page and not the file; send it again",
    Reason.DRAWING: "it is a drawing that may hold programs; send a screenshot",
    Reason.NOT_DECODABLE: "it is damaged",
    Reason.IMAGE_BOMB: "it has more than 60 million pixels; send a smaller one",
    Reason.UNKNOWN_TYPE: "it is no picture, video, sound, PDF, e-mail or text",
    Reason.FOREIGN_LINK: "it is only a link to somewhere else; download it and send the file",
    Reason.NO_ACCESS: "Staffroom may not see it there; download it and send the file",
    Reason.GONE: "it was deleted before it could be saved",
}
"""Why a file was not kept, and what to do; it follows "could not be kept: "."""


SEND_NOW = "Send them in your chat with Staffroom now."


def on_receipt(files: Sequence[EvidenceFile]) -> tuple[str, ...]:
    """How one's own files ended, for the receipt; no file name, as phones light up on whiteboards."""
    said = []
    if waiting := sum(file.state is FileState.WAITING for file in files):
        said.append(f"Saving {counted(waiting)}.")
    if kept := sum(file.state is FileState.KEPT for file in files):
        said.append(f"{counted(kept).capitalize()} saved.")
    if held := sum(file.state is FileState.HELD for file in files):
        said.append(f"{counted(held).capitalize()} not fetched: it may be imagery of a child. Don't send any.")
    if locked := sum(file.state is FileState.QUARANTINED for file in files):
        said.append(f"{counted(locked).capitalize()} locked away: it may be imagery of a child. Don't send any more.")
    said += [
        f"File {file.number} could not be kept: {WHY[file.reason]}. Keep the original."
        for file in files
        if file.reason is not None
    ]
    return tuple(said)


def in_case(files: Sequence[EvidenceFile]) -> tuple[str, ...]:
    """Each file in a line, for those who may read the case."""
    names = shown_names(files)
    return tuple(f"{file.number}. {names[file.id]}: {_stands(file)}" for file in files)


def _stands(file: EvidenceFile) -> str:
    match file.state:
        case FileState.WAITING:
            return "is being saved"
        case FileState.KEPT:
            return f"saved, {size(file.size or 0)}"
        case FileState.HELD:
            return f"never fetched; it is at {file.place or 'an unknown place'}"
        case FileState.QUARANTINED:
            return "in quarantine: nobody can open it. Ask the police what to do with it"
        case FileState.ERASED:
            return "erased"
        case _:
            return f"could not be kept: {WHY[file.reason]}" if file.reason is not None else "could not be kept"


def size(count: int) -> str:
    """A number of bytes as people read it."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:,.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def counted(count: int) -> str:
    """So many files."""
    return "1 file" if count == 1 else f"{count} files"
