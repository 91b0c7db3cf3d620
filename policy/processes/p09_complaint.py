"""P09: a damaging post, a complaint naming people, or anything else by an adult outside the staff (AS 6.5)."""

from policy.processes.process import DEALT_WITH, DONT_REPLY, NO_ACTION, RECORDED, REFERRED, Process, ProcessId
from policy.processes.questions import (
    EARLIER,
    IN_SYSTEM,
    LEGAL,
    MEETING,
    NATURE,
    POLICE,
    RATIONALE,
    SUPPORT,
    TAKEN_DOWN,
)
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P09,
    title="Something else",
    level=Level.S3,
    advice=(DONT_REPLY,),
    questions=(
        NATURE,
        POLICE,
        TAKEN_DOWN,
        MEETING,
        SUPPORT,
        LEGAL,
        EARLIER,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(DEALT_WITH, RECORDED, REFERRED, NO_ACTION),
)
