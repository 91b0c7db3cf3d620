"""P05: what a pupil does online (AS 2.2, 6.5)."""

from policy.processes.process import DEALT_WITH, DONT_REPLY, NO_ACTION, RECORDED, REFERRED, Process, ProcessId
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P05,
    title="A pupil online",
    level=Level.S2,
    advice=(DONT_REPLY,),
    asks=("Is the child safe?", "Which other children does it touch?", "Have parents been told, or why not?"),
    outcomes=(DEALT_WITH, RECORDED, REFERRED, NO_ACTION),
)
