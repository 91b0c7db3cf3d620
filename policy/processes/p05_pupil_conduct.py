"""P05: what a pupil does online (AS 2.2, 6.5)."""

from policy.processes.process import DEALT_WITH, DONT_REPLY, NO_ACTION, RECORDED, REFERRED, Process, ProcessId
from policy.processes.questions import (
    CHILDREN,
    EARLIER,
    IN_SYSTEM,
    NATURE,
    PARENTS,
    POLICE,
    RATIONALE,
    SAFE,
    SUPPORT,
    TAKEN_DOWN,
)
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P05,
    title="A pupil online",
    level=Level.S2,
    advice=(DONT_REPLY,),
    questions=(
        NATURE,
        POLICE,
        SAFE,
        CHILDREN,
        PARENTS,
        TAKEN_DOWN,
        SUPPORT,
        EARLIER,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(DEALT_WITH, RECORDED, REFERRED, NO_ACTION),
)
