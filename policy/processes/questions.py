"""What the policy asks whoever handles a case. One text for each question, shared by the processes that ask it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a question that offers a few: a stable key and the words that people read."""

    key: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. Without `options` it is answered in words.

    `required` ones are answered before a case is finished; those with `required_if` (the key of another question
    and one of its options) only where that is what was answered.
    """

    key: str
    text: str
    options: tuple[Option, ...] = ()
    required: bool = False
    required_if: tuple[str, str] | None = None


YES = Option("yes", "Yes")
NO = Option("no", "No")
ANSWERED_IN_WORDS = "said"
"""What is remembered of an answer in words, beside the chronology that has them."""

SAFE = Question(key="safe", text="Is every child safe now, and where are they?")
CHILDREN = Question(key="children", text="Every child it touches, and their year group")
WHO_HAS_IT = Question(key="who_has_it", text="Who still has it, or can still see it?")
EARLIER = Question(key="earlier", text="Earlier reports about the same people?")
PARENTS = Question(key="parents", text="Parents: told? If not, why not?")
SOCIAL_CARE = Question(key="social_care", text="Social care: asked? When, and what reference?")
NATURE = Question(
    key="nature",
    text="Is it threatening, abusive, sexist, sexual or hateful?",
    options=(YES, NO),
    required=True,
)
POLICE = Question(
    key="police",
    text="Police: considered? Asked or not, and why? When, and what reference?",
    required_if=(NATURE.key, YES.key),
)
"""AS 8.8: always asked where the material is threatening, abusive, sexist, sexual or hateful."""
POLICE_ALWAYS = Question(key="police", text=POLICE.text, required=True)
TAKEN_DOWN = Question(key="taken_down", text="Asked to take it down? If they refused: was the provider told?")
"""AS 8.6, 8.7."""
MEETING = Question(key="meeting", text="Meeting with a senior leader: offered to the person affected? Held?")
"""AS 8.6. They may decline."""
SUPPORT = Question(key="support", text="Support offered to the person affected: companion, union, helpline?")
LEGAL = Question(key="legal", text="Is legal advice needed before anybody replies?")
ACCEPTED = Question(key="accepted", text="Was the request accepted or answered?")
FAMILY = Question(key="family", text="Are they family, or known outside school?")
TOLD_WHY = Question(key="told_why", text="Have they been told why it cannot be accepted?")
THRESHOLD = Question(key="threshold", text="Does it meet the harm threshold, and why (not)?", required=True)
LADO = Question(key="lado", text="LADO: told? When, and what reference? If not, why not?", required=True)
"""Within one working day, and before anything is investigated (KCSIE, Part 4)."""
THEIR_SUPPORT = Question(key="their_support", text="Who supports the person it concerns, who tells them, and when?")
RATIONALE = Question(key="rationale", text="Why was it handled this way?")
IN_SYSTEM = Question(key="in_system", text="Recorded in our safeguarding system: reference")

STAFF_CONCERN = (THRESHOLD, LADO, THEIR_SUPPORT)
"""Asked wherever somebody of the school is concerned, whatever the process is."""
