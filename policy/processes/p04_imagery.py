"""P04: a picture or video that may show someone under 18 naked or partly naked (AS is silent; ours)."""

from policy.processes.process import RECORDED, REFERRED, Outcome, Process, ProcessId
from policy.processes.questions import (
    CHILDREN,
    EARLIER,
    IN_SYSTEM,
    PARENTS,
    POLICE_ALWAYS,
    RATIONALE,
    SAFE,
    SOCIAL_CARE,
    SUPPORT,
    WHO_HAS_IT,
)
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P04,
    title="Imagery of someone under 18",
    level=Level.S1,
    advice=(
        "Don't look at it again, copy, screenshot, save, share or delete it.",
        "Don't ask to be shown it. Don't question or blame the child.",
    ),
    questions=(
        SAFE,
        CHILDREN,
        WHO_HAS_IT,
        POLICE_ALWAYS,
        SOCIAL_CARE,
        PARENTS,
        EARLIER,
        SUPPORT,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(REFERRED, RECORDED, Outcome("not_imagery", "It was not imagery of someone under 18")),
)
