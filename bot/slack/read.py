"""What people filled in and pressed. Anything that is not shaped as Slack documents it counts as unanswered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.payload import part, parts, text
from bot.slack.render import Json, bare
from handlers.commands import Answer, Answers, OfferedFile
from policy.evidence import Reason
from storage.messages import MessageRef

PLATFORM = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A pressed button or a changed input: which action, what it carries, the card it stands on, what is filled in."""

    action: str
    token: str
    answers: Answers
    files: tuple[OfferedFile, ...]
    seen_on: MessageRef | None


def read_answers(view: Json) -> Answers:
    """The answers in a view's `state.values`, by the id of their field."""
    values = part(part(view, "state"), "values")
    answers: dict[str, Answer] = {}
    for field, elements in values.items():
        if isinstance(elements, dict):
            for element in elements.values():
                if isinstance(element, dict):
                    answers[field] = _answer(element)
    return answers


def read_files(view: Json) -> tuple[OfferedFile, ...]:
    """The files that were picked in a view's `state.values`: by their ids; nothing of them is fetched here."""
    values = part(part(view, "state"), "values")
    elements = [element for found in values.values() if isinstance(found, dict) for element in found.values()]
    picked = [file for element in elements if isinstance(element, dict) for file in parts(element, "files")]
    return offered(picked, place="sent with the form")


def offered(files: Sequence[Json], *, place: str) -> tuple[OfferedFile, ...]:
    """Files as Slack tells of them (docs.slack.dev, file object)."""
    return tuple(
        OfferedFile(
            platform=PLATFORM,
            file_id=text(file, "id"),
            name=text(file, "name") or text(file, "title"),
            place=place or text(file, "permalink"),
            size=file["size"] if isinstance(file.get("size"), int) else None,
            refused=Reason.FOREIGN_LINK if _is_elsewhere(file) else None,
        )
        for file in files
        if text(file, "id")
    )


def _is_elsewhere(file: Json) -> bool:
    return text(file, "mode") == "external" or file.get("is_external") is True


def read_click(payload: Json) -> Click:
    """The click in a checked `block_actions` payload."""
    action = payload["actions"][0]
    view = part(payload, "view")
    # An input that asks for the form again carries nothing: the form does.
    token = text(action, "value") if action.get("type") == "button" else text(view, "private_metadata")
    return Click(
        action=bare(text(action, "action_id")),
        token=token,
        answers=read_answers(view or payload),
        files=read_files(view),
        seen_on=None if view else _message(payload),
    )


def _message(payload: Json) -> MessageRef | None:
    container = part(payload, "container")
    conversation = text(container, "channel_id") or text(part(payload, "channel"), "id")
    message = text(container, "message_ts") or text(part(payload, "message"), "ts")
    if not (conversation and message):
        return None
    return MessageRef(platform=PLATFORM, conversation=conversation, message=message)


def _answer(element: Json) -> Answer:
    match element.get("type"):
        case "plain_text_input":
            # A lone half of a pair, which no keyboard makes, can be neither stored nor sent back.
            return text(element, "value").encode("utf-16", "surrogatepass").decode("utf-16", "replace") or None
        case "radio_buttons" | "static_select":
            return text(part(element, "selected_option"), "value") or None
        case "external_select":
            chosen = text(part(element, "selected_option"), "value")
            return (chosen,) if chosen else ()
        case "multi_external_select":
            chosen_ids = (text(option, "value") for option in parts(element, "selected_options"))
            return tuple(dict.fromkeys(chosen for chosen in chosen_ids if chosen))
        case "datepicker":
            return text(element, "selected_date") or None
        case "timepicker":
            return text(element, "selected_time") or None
        case "checkboxes":
            ticked = any(option.get("value") == "yes" for option in parts(element, "selected_options"))
            return "yes" if ticked else None
        case _:
            return None
