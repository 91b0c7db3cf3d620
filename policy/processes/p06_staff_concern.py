"""P06: a concern about a colleague, low-level or an allegation (AS 2.2, 8.2)."""

from policy.processes.process import NO_ACTION, RECORDED, REFERRED, Outcome, Process, ProcessId
from policy.reports import Level

PROCESS = Process(
    id=ProcessId.P06,
    title="A concern about a colleague",
    level=Level.S2,
    advice=("Don't speak to the person it concerns about it; keep what you have.",),
    asks=(
        "Is any child safe now?",
        "Does it meet the harm threshold? The LADO is told within one working day, before anything is investigated.",
        "Who supports the person it concerns, and who tells them, and when?",
    ),
    outcomes=(
        Outcome("substantiated", "Substantiated"),
        Outcome("unsubstantiated", "Unsubstantiated"),
        Outcome("unfounded", "Unfounded"),
        Outcome("false", "False"),
        Outcome("malicious", "Malicious"),
        Outcome("low_level", "Low-level concern, recorded"),
        REFERRED,
        RECORDED,
        NO_ACTION,
    ),
)
