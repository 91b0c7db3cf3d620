"""P06: a concern about a colleague, low-level or an allegation (AS 2.2, 8.2)."""

from policy.processes.process import ALLEGATION, NO_ACTION, RECORDED, REFERRED, Outcome, Process, ProcessId
from policy.processes.questions import (
    CHILDREN,
    EARLIER,
    IN_SYSTEM,
    PARENTS,
    POLICE,
    RATIONALE,
    SAFE,
    SOCIAL_CARE,
    STAFF_CONCERN,
    SUPPORT,
)
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P06,
    title="A concern about a colleague",
    level=Level.S2,
    advice=("Don't speak to the person it concerns about it; keep what you have.",),
    questions=(
        SAFE,
        *STAFF_CONCERN,
        CHILDREN,
        PARENTS,
        SOCIAL_CARE,
        POLICE,
        SUPPORT,
        EARLIER,
        RATIONALE,
        IN_SYSTEM,
    ),
    outcomes=(
        *ALLEGATION,
        Outcome("low_level", "Low-level concern, recorded"),
        REFERRED,
        RECORDED,
        NO_ACTION,
    ),
)
