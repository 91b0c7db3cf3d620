"""Checks of Block Kit's composition objects: options, option groups, confirmation dialogs, dispatch settings."""

from __future__ import annotations

from bot.sandbox.loopback_slack import limits
from bot.sandbox.loopback_slack.checking import Checker, Json

STYLES = ("primary", "danger")


def check_confirm(check: Checker, confirm: object, at: str) -> None:
    """Check a confirmation dialog object."""
    if not check.is_object(confirm, at):
        return
    check.keys(confirm, ("title", "text", "confirm", "deny"), ("style",), at)
    for key, most in (
        ("title", limits.CONFIRM_TITLE),
        ("text", limits.CONFIRM_TEXT),
        ("confirm", limits.CONFIRM_BUTTON),
        ("deny", limits.CONFIRM_BUTTON),
    ):
        if confirm.get(key) is not None:
            check.text(confirm[key], f"{at}/{key}", at_most=most, plain=key != "text")
    if "style" in confirm:
        check.one_of(confirm["style"], STYLES, f"{at}/style")


def check_option(check: Checker, option: object, at: str, *, mrkdwn: bool = False, url: bool = False) -> None:
    """Check one option; `mrkdwn` for radio buttons and checkboxes, `url` for an overflow menu."""
    if not check.is_object(option, at):
        return
    check.keys(option, ("text", "value"), ("description", "url") if url else ("description",), at)
    if option.get("text") is not None:
        check.text(option["text"], f"{at}/text", at_most=limits.OPTION_TEXT, plain=not mrkdwn)
    if option.get("value") is not None:
        check.string(option["value"], f"{at}/value", at_most=limits.OPTION_VALUE)
    if "description" in option:
        check.text(option["description"], f"{at}/description", at_most=limits.OPTION_DESCRIPTION, plain=not mrkdwn)
    if "url" in option:
        check.string(option["url"], f"{at}/url", at_most=limits.URL)


def check_options(
    check: Checker, options: object, at: str, *, at_most: int, at_least: int = 1, mrkdwn: bool = False
) -> None:
    """Check an array of options and its length."""
    if check.is_list(options, at, at_least=at_least, at_most=at_most):
        for index, option in enumerate(options):
            check_option(check, option, f"{at}/{index}", mrkdwn=mrkdwn)


def check_option_groups(check: Checker, groups: object, at: str) -> None:
    """Check an array of option groups."""
    if not check.is_list(groups, at, at_least=1, at_most=limits.OPTIONS):
        return
    for index, group in enumerate(groups):
        here = f"{at}/{index}"
        if check.is_object(group, here):
            check.keys(group, ("label", "options"), (), here)
            check.text(group.get("label"), f"{here}/label", at_most=limits.OPTION_TEXT, plain=True)
            check_options(check, group.get("options"), f"{here}/options", at_most=limits.OPTIONS)


def all_options(element: Json) -> list[Json]:
    """Every option of a static menu, of its groups too."""
    found: list[Json] = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found.extend(group.get("options") or [])
    return found


def check_suggestions(answer: object) -> list[str]:
    """What Slack would refuse in the answer to a `block_suggestion` (at most 100 options, plain text)."""
    check = Checker()
    if not isinstance(answer, dict):
        check.refuse("must be an object", "/")
        return check.problems
    if set(answer) == {"options"}:
        check_options(check, answer["options"], "/options", at_most=limits.OPTIONS, at_least=0)
    elif set(answer) == {"option_groups"}:
        check_option_groups(check, answer["option_groups"], "/option_groups")
    else:
        check.refuse("must define exactly one of options, option_groups", "/")
    return check.problems
