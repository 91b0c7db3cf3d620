"""The processes of the policy, one file each: data only. What needs an `if` is a use case."""

from __future__ import annotations

from policy.processes import (
    p01_friend_request,
    p02_cyberbullying,
    p04_imagery,
    p05_pupil_conduct,
    p06_staff_concern,
    p07_disclosure,
    p09_complaint,
)
from policy.processes.process import ALLEGATION, Outcome, Process, ProcessId
from policy.processes.questions import ANSWERED_IN_WORDS, LADO, STAFF_CONCERN, Question

PROCESSES: dict[ProcessId, Process] = {
    process.id: process
    for process in (
        p01_friend_request.PROCESS,
        p02_cyberbullying.PROCESS,
        p04_imagery.PROCESS,
        p05_pupil_conduct.PROCESS,
        p06_staff_concern.PROCESS,
        p07_disclosure.PROCESS,
        p09_complaint.PROCESS,
    )
}

__all__ = [
    "ALLEGATION",
    "ANSWERED_IN_WORDS",
    "LADO",
    "PROCESSES",
    "STAFF_CONCERN",
    "Outcome",
    "Process",
    "ProcessId",
    "Question",
]
