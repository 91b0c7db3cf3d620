"""What people do in the stories, in their own words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox.players import Done, Shown
from bot.sandbox.world import World

PUPIL_FOLLOWED_ME = {"kind": "friend_request", "concerns": "pupil", "danger": "no", "imagery": "no"}
ABOUT_THE_HEAD = {"kind": "hurtful_posts", "concerns": "headteacher", "danger": "no", "imagery": "no"}
A_CHILD_TOLD_ME = {"kind": "child_told_me", "concerns": "parent", "danger": "no", "imagery": "no"}
DETAILS = {"what_happened": "A pupil in Year 9 asked to follow me.", "source": "saw_it"}
KEEPS_THE_HEAD = "nina"
"""The administrator, while the school has no DPO: the head of the audit comes to them every morning."""


async def begin(school: World, name: str, words: str = "") -> Shown:
    """The person types /report-incident; the first screen is open."""
    await school.people[name].command("/report-incident", words)
    return screen(school, name)


def screen(school: World, name: str) -> Shown:
    """What stands on the person's screen."""
    shown = school.people[name].screen
    assert shown is not None, f"nothing is open on {name}'s screen"
    return shown


async def answer(school: World, name: str, **answers: object) -> Done:
    """The person fills in what is open, and sends it."""
    return await school.people[name].submit(screen(school, name), dict(answers))


async def file(school: World, name: str, triage: Mapping[str, object] | None = None, **details: object) -> str:
    """The person files a report to the end; everything is delivered. Returns its reference."""
    await begin(school, name)
    await answer(school, name, **(triage or PUPIL_FOLLOWED_ME))
    sent = await answer(school, name, **{**DETAILS, **details})
    assert sent.errors == {}, sent.errors
    await school.settle()
    return school.reference(name)


def card(school: World, name: str, reference: str) -> Shown:
    """The person's card about the report."""
    message = school.card(name, reference)
    assert message is not None, f"{name} has no card about {reference}: {texts(school, name)}"
    return message


async def press(school: World, name: str, reference: str, action: str) -> Done:
    """The person presses a button on their card about the report; what follows is delivered."""
    done = await school.people[name].press(card(school, name, reference), action)
    await school.settle()
    return done


async def take(school: World, name: str, reference: str) -> Done:
    """I'll take it."""
    return await press(school, name, reference, "case.take")


async def finish(
    school: World, name: str, reference: str, note: str = "Spoke to both families.", **answers: object
) -> None:
    """Whoever has it finishes it, and answers what the policy asks before that."""
    await press(school, name, reference, "case.finish")
    await answer(school, name, **{"outcome": "dealt_with", "note": note, **answers})
    await school.settle()


async def record(school: World, name: str, reference: str, **answers: object) -> Done:
    """Whoever has it records what was done: `note`, and answers such as `q_police`."""
    await press(school, name, reference, "case.record")
    done = await answer(school, name, **answers)
    await school.settle()
    return done


async def more(school: World, name: str, about: str, what: str, **answers: object) -> Done:
    """The person opens a case, presses More…, chooses, and fills in what that takes."""
    await press(school, name, about, "case.open")
    await school.people[name].press(screen(school, name), "case.more")
    done = await answer(school, name, what=what)
    if answers:
        done = await answer(school, name, **answers)
    await school.settle()
    return done


async def person(school: World, name: str, field: str, typed: str) -> str:
    """What a picker of people offers first for what was typed."""
    return (await school.people[name].suggest(screen(school, name), field, typed))[0].value


def shown(school: World, name: str) -> str:
    """What the person reads on what is open."""
    return screen(school, name).text


def texts(school: World, name: str) -> str:
    """Everything that stands in the person's messages with Staffroom."""
    return "\n---\n".join(card.text for card in school.cards(name))


def everything_seen(school: World, name: str) -> str:
    """Everything that the person could read in any way: messages, screens, notifications, private answers."""
    return school.people[name].seen


def goes_to(people: str, but: str = "") -> str:
    """What stands above Send: who it goes to, and who will not see it."""
    out = f"{but} and staff outside that chain" if but else "staff outside that chain"
    return f"Goes to {people}; if nobody takes it, to the next in the school's chain. Not seen by {out}."


def asked(school: World) -> set[str]:
    """Who has a card that asks them to take something."""
    asking = {"case.take", "case.pass_on"}
    return {name for name in school.people if any(asking <= card.buttons.keys() for card in school.cards(name))}


def rings(school: World, name: str) -> int:
    """How often the person's phone has rung."""
    return len(school.people[name].notifications)


async def state(school: World) -> dict[str, str]:
    """Everything that stands in anybody's messages."""
    return {name: texts(school, name) for name in school.people}
