"""P07: a child told a member of staff something (AS is silent on the DSL's part; ours)."""

from policy.processes.process import RECORDED, REFERRED, Outcome, Process, ProcessId
from policy.processes.questions import (
    CHILDREN,
    EARLIER,
    IN_SYSTEM,
    PARENTS,
    POLICE,
    RATIONALE,
    SAFE,
    SOCIAL_CARE,
    SUPPORT,
)
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P07,
    title="A child told me",
    level=Level.S1,
    advice=(
        "Write down the child's own words. Don't ask leading questions.",
        "Don't promise the child to keep it secret.",
    ),
    questions=(
        SAFE,
        CHILDREN,
        SOCIAL_CARE,
        POLICE,
        PARENTS,
        EARLIER,
        SUPPORT,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(REFERRED, RECORDED, Outcome("early_help", "Support or early help in school")),
)
