"""P01: a pupil or parent tries to befriend or follow a member of staff (AS 5.13–14, 6.2–3)."""

from policy.processes.process import DEALT_WITH, NO_ACTION, RECORDED, REFERRED, Process, ProcessId
from policy.processes.questions import ACCEPTED, CHILDREN, EARLIER, FAMILY, IN_SYSTEM, PARENTS, RATIONALE, TOLD_WHY
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P01,
    title="Friend or follow request",
    level=Level.S3,
    advice=("Don't accept it or reply to it; keep the original.",),
    questions=(
        ACCEPTED,
        FAMILY,
        TOLD_WHY,
        CHILDREN,
        PARENTS,
        EARLIER,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(DEALT_WITH, RECORDED, REFERRED, NO_ACTION),
)
