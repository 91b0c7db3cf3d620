"""The forms that are open on people's screens: Teams sends back what was filled in, and not the form itself.

They are kept in memory only, for the case that something goes wrong: then the form is drawn again with everything
that was typed. After a restart the typed text is given back in a notice instead.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from handlers.commands import Answers
from handlers.views import Choice, DateInput, Form, Option, Part, PersonPicker, TextInput, Tick, TimeInput

MOST_FORMS = 300
MOST_NAMES = 5000


class OpenForms:
    """The latest forms, by who sees them and the token they carry; and the names that pickers have offered."""

    def __init__(self) -> None:
        self._forms: OrderedDict[tuple[str, str], Form] = OrderedDict()
        self._names: OrderedDict[str, str] = OrderedDict()

    def shown(self, person: str, form: Form) -> None:
        """This form is on the person's screen now."""
        self._forms[person, form.token] = form
        self._forms.move_to_end((person, form.token))
        while len(self._forms) > MOST_FORMS:
            self._forms.popitem(last=False)

    def done(self, person: str, token: str) -> None:
        """The form was accepted: nothing of it is kept."""
        self._forms.pop((person, token), None)

    def offered(self, options: Sequence[Option]) -> None:
        """These people were offered by a picker."""
        for option in options:
            self._names[option.value] = option.label
            self._names.move_to_end(option.value)
        while len(self._names) > MOST_NAMES:
            self._names.popitem(last=False)

    def refilled(self, person: str, token: str, answers: Answers, message: str) -> Form | None:
        """The form with what is filled in now, and the message on top; None where it is not known any more."""
        form = self._forms.get((person, token))
        if form is None:
            return None
        parts = tuple(self._refilled(part, answers) for part in form.parts)
        return replace(form, parts=parts, errors={"": message})

    def _refilled(self, part: Part, answers: Answers) -> Part:
        if not isinstance(part, Choice | PersonPicker | TextInput | DateInput | TimeInput | Tick):
            return part
        answer = answers.get(part.id)
        if isinstance(part, PersonPicker):
            known = {option.value: option.label for option in part.value}
            ids = answer if isinstance(answer, tuple) else ()
            names = (Option(one, known.get(one) or self._names.get(one) or "Chosen before") for one in ids)
            return replace(part, value=tuple(names))
        given = answer if isinstance(answer, str) else ""
        if isinstance(part, Tick):
            return replace(part, value=bool(given))
        return replace(part, value=given or None) if isinstance(part, Choice) else replace(part, value=given)
