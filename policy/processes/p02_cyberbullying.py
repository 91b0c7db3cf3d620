"""P02: hurtful or threatening posts (AS 8.1–8.8)."""

from policy.processes.process import DEALT_WITH, DONT_REPLY, NO_ACTION, RECORDED, REFERRED, Process, ProcessId
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P02,
    title="Hurtful or threatening posts",
    level=Level.S2,
    advice=(DONT_REPLY, "Note when you saw it, and where."),
    asks=(
        "Is it threatening, abusive, sexist, sexual or hateful? Then: have the police been considered, and why (not)?",
        "Has the person affected been offered a meeting and support?",
        "Has the person who posted it been asked to take it down? If they refused, was the provider told?",
    ),
    outcomes=(DEALT_WITH, RECORDED, REFERRED, NO_ACTION),
)
