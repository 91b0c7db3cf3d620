"""What the policy asks about a case, as fields of a form; and the answers, as they are read."""

from __future__ import annotations

from handlers.cases.drafts import text_of
from handlers.commands import Answers
from handlers.views import Choice, Option, Part, TextInput
from policy.case import Case
from policy.case_record import questions_of, still_required
from policy.processes import Question
from policy.text import says_something

FIELD = "q_"


def field_of(question: Question) -> str:
    """The id of the question's field."""
    return f"{FIELD}{question.key}"


def is_field(field: str) -> bool:
    """Whether the field is one of a question's."""
    return field.startswith(FIELD)


def before_the_end(case: Case) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Of what is not answered yet: what has to be, or may have to be, before the case is finished; and the rest."""
    asked = questions_of(case)
    unanswered = [question for question in asked if question.key not in case.answered]
    required = {question.key for question in still_required(case)}
    # What depends on an answer that is still to be given stands beside it.
    needed = [
        question
        for question in unanswered
        if question.key in required or (question.required_if is not None and question.required_if[0] in required)
    ]
    return tuple(needed), tuple(question for question in unanswered if question not in needed)


def question_part(question: Question, case: Case, answers: Answers) -> Part:
    """The question as a field; left empty, what was answered before stands."""
    field, value = field_of(question), text_of(answers, field_of(question))
    label = question.text
    if question.key in case.answered:
        label += " (answered; again to correct it)"
    elif question in still_required(case):
        label += " (needed to finish)"
    if question.options:
        options = tuple(Option(one.key, one.label) for one in question.options)
        return Choice(id=field, label=label, options=options, required=False, value=value or None)
    hint = ""
    if question.required_if is not None and question.required_if[0] not in case.answered:
        hint = "Needed where it is threatening, abusive, sexist, sexual or hateful."
    return TextInput(id=field, label=label, hint=hint, value=value)


def read_answers(answers: Answers, case: Case) -> tuple[dict[str, str], dict[str, str]]:
    """What was answered, by question; and what to do about what cannot be taken, by field. Blank is no answer."""
    found: dict[str, str] = {}
    errors: dict[str, str] = {}
    for question in questions_of(case):
        answer = text_of(answers, field_of(question))
        if question.options and answer:
            if answer not in {option.key for option in question.options}:
                errors[field_of(question)] = "Choose one."
            elif case.answered.get(question.key) != answer:
                found[question.key] = answer
        elif says_something(answer):
            found[question.key] = answer
    return found, errors
