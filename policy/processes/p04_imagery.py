"""P04: a picture or video that may show someone under 18 naked or partly naked (AS is silent; ours)."""

from policy.processes.process import RECORDED, REFERRED, Outcome, Process, ProcessId
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P04,
    title="Imagery of someone under 18",
    level=Level.S1,
    advice=(
        "Don't look at it again, copy, screenshot, save, share or delete it.",
        "Don't ask to be shown it. Don't question or blame the child.",
    ),
    asks=(
        "Is the child safe, and where are they now?",
        "Who still has the picture or video? (Nobody looks at it, copies it or deletes it.)",
        "Social care, police: asked? When, and what reference?",
        "Have parents been told, or why not?",
    ),
    outcomes=(REFERRED, RECORDED, Outcome("not_imagery", "It was not imagery of someone under 18")),
)
