"""P02: hurtful or threatening posts (AS 8.1–8.8)."""

from policy.processes.process import DEALT_WITH, DONT_REPLY, NO_ACTION, RECORDED, REFERRED, Process, ProcessId
from policy.processes.questions import (
    EARLIER,
    IN_SYSTEM,
    MEETING,
    NATURE,
    PARENTS,
    POLICE,
    RATIONALE,
    SAFE,
    SUPPORT,
    TAKEN_DOWN,
    WHO_HAS_IT,
)
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P02,
    title="Hurtful or threatening posts",
    level=Level.S2,
    advice=(DONT_REPLY, "Note when you saw it, and where."),
    questions=(
        NATURE,
        POLICE,
        SAFE,
        WHO_HAS_IT,
        TAKEN_DOWN,
        MEETING,
        SUPPORT,
        PARENTS,
        EARLIER,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(DEALT_WITH, RECORDED, REFERRED, NO_ACTION),
)
