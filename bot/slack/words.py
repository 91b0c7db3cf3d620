"""What the adapter itself says: when somebody is not known, and when something did not work."""

from __future__ import annotations

_IN_PERSON = "Worried about a child? Tell your DSL in person now. In danger: 999."

OTHER_WORKSPACE = f"Staffroom works for this school's own Slack workspace only. {_IN_PERSON}"
GUEST = f"Staffroom is for staff with a full Slack account, not for guests. {_IN_PERSON}"
NOT_A_PERSON = "Staffroom talks to people only."
NO_EMAIL = f"Slack has no confirmed e-mail address for you. Confirm yours in Slack, then try again. {_IN_PERSON}"
UNKNOWN = (
    "Staffroom doesn't know you: it is for the school's staff. If you work here, ask your Staffroom administrator to "
    "add your school e-mail address to the staff list. If you are a pupil, talk to an adult at school whom you trust. "
    f"{_IN_PERSON}"
)

TOO_LATE = "That took too long to open. Nothing is lost: type the command again."
TOO_LATE_PRESS = "That took too long to open. Nothing is lost: press the button again."
TOO_LATE_SHORTCUT = "That took too long to open. Nothing is lost: choose it again, or type /staffroom."
TOO_DEEP = "Slack shows three windows on top of each other and no more. Close one, then press again."
FAULT = "Something went wrong on our side. Nothing you typed is lost: press Send again."
FAULT_PRESS = "Something went wrong on our side. Nothing is lost: press again."
FAULT_COMMAND = "Something went wrong on our side. Type the command again."
SORRY = "That did not work"

UNKNOWN_COMMAND = "Staffroom does not know this command. Type /staffroom to see what it can do."
UNKNOWN_BUTTON = "This button does not work any more. Type /staffroom to see what waits for you."
UNKNOWN_FORM = "This form is from another version of Staffroom. Copy what you typed, close it and start again."
