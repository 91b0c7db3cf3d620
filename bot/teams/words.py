"""What the adapter itself says: when somebody is not known, when something did not work, and how to begin."""

from __future__ import annotations

_IN_PERSON = "Worried about a child? Tell your DSL in person now. In danger: 999."

OTHER_TENANT = f"Staffroom works for this school's own Microsoft accounts only. {_IN_PERSON}"
GUEST = f"Staffroom is for staff with an account of the school, not for guests. {_IN_PERSON}"
NOT_A_PERSON = "Staffroom talks to people only."
NO_EMAIL = f"Teams has no e-mail address for you. Ask whoever looks after your school's accounts. {_IN_PERSON}"
UNKNOWN = (
    "Staffroom doesn't know you: it is for the school's staff. If you work here, ask your Staffroom administrator to "
    "add your school e-mail address to the staff list. If you are a pupil, talk to an adult at school whom you trust. "
    f"{_IN_PERSON}"
)
NOT_ADDED = f"Add Staffroom to your own chats first: Apps, Staffroom, Add. Then try again. {_IN_PERSON}"

TOO_LATE = "That took too long. Nothing is lost: close this and press again."
FAULT_PRESS = "Something went wrong on our side. Nothing is lost: close this and press again."
FAULT_FORM = "Something went wrong on our side. Nothing you typed is lost: press again."
FAULT_KEPT = "Something went wrong on our side. Copy what you typed, close this and start again."
LATE_CARD = "That took too long. Nothing is lost: press again."
FAULT_CARD = "Something went wrong on our side. Nothing is lost: press again."
FAULT_COMMAND = "Something went wrong on our side. Type the command again."
SORRY = "That did not work"

UNKNOWN_BUTTON = "This button does not work any more. Type staffroom to see what waits for you."
UNKNOWN_FORM = "This form is from another version of Staffroom. Copy what you typed, close it and start again."

HELLO = "Hello. This is Staffroom, for the school's social media policy. Only you and Staffroom are in this chat."
HELP = "Type report-incident to report something on social media that worries you, or staffroom to see what waits."
BEGIN = "The form opens over the chat. Only you see it."
KEPT = "What you typed waits in the form. You can delete your message here."
WAITS = "It opens over the chat. Only you see it."
DID_YOU_MEAN = "I don't know that one. Did you mean {command}?"
NOT_TAKEN = "What you typed beside the files is not added: press Add on the receipt to say more."
NO_FILES = (
    "Staffroom has not opened or kept what you sent. Could it show someone under 18 naked or partly naked? Don't look "
    "again, send or delete it: tell your DSL now. Otherwise keep the original, and say in a report that you have it."
)
NOT_HERE = "Others read along here. Does your message say anything about anybody? Then please delete it."
ONLY_YOU = "Only you see this message."
WRITTEN = "I've written to you in our own chat."
OPEN_A_CHAT = "Let's not talk here. Open a chat with Staffroom and type staffroom."

REPORT = "Report"
OPEN_HOME = "See what waits"
GO_ON = "Open the form"
REFRESH = "Update"
REFRESHES = {"report.refresh": "Show who will see it"}
"""Buttons that stand under a field whose answer changes the form: a dialog of Teams does not tell of changes."""
NEXT, PREVIOUS = "Next page", "Previous page"
