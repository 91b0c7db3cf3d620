"""Short ways to write Adaptive Cards and answers in these tests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def card(*body: Json, actions: list[Json] | None = None, **more: object) -> Json:
    made: Json = {"type": "AdaptiveCard", "version": "1.5", "body": list(body), **more}
    return made | ({"actions": actions} if actions is not None else {})


def words(text: str, **more: object) -> Json:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def ask(kind: str, name: str, **more: object) -> Json:
    return {"type": f"Input.{kind}", "id": name, **more}


def choose(name: str, *values: str, **more: object) -> Json:
    return ask("ChoiceSet", name, choices=[{"title": each.title(), "value": each} for each in values], **more)


def execute(title: str, verb: str, **data: object) -> Json:
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": data}


def submit(title: str, **data: object) -> Json:
    return {"type": "Action.Submit", "title": title, "data": data}


def opens_dialog(title: str, **data: object) -> Json:
    return submit(title, msteams={"type": "task/fetch"}, **data)


def attached(content: object) -> Json:
    return {"contentType": ADAPTIVE, "content": content}


def message(content: Json | None = None, text: str = "", summary: str = "News") -> Json:
    activity: Json = {"type": "message"}
    if content is not None:
        activity |= {"attachments": [attached(content)], "summary": summary}
    return activity | ({"text": text} if text else {})


def replaced(content: object, status: int = 200) -> Json:
    return {"statusCode": status, "type": ADAPTIVE, "value": content}


def dialog(content: object, title: str = "A form", **more: object) -> Json:
    return {"task": {"type": "continue", "value": {"title": title, "card": attached(content), **more}}}
