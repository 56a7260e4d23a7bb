"""Every state and every step between two of them. Any other step raises."""

from enum import StrEnum
from typing import TypeVar

from overread.core.problems import Message

_NO_STEP = "A {kind} that is {old} can't become {new}."
_AGAIN = "The {kind} is {old} already, it can't become {new} again."


class StepError(ValueError):
    """A step that the table of states does not have; `said` is for a person."""

    def __init__(self, kind: str, old: str, new: str) -> None:
        template = _AGAIN if old == new else _NO_STEP
        self.said = Message(template, kind=kind, old=old, new=new)
        super().__init__(self.said)


class JobState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELED = "canceled"


class UnitState(StrEnum):
    NEW = "new"
    JUDGING = "judging"
    FINALIZED = "finalized"
    DISPUTED = "disputed"
    ADJUDICATED = "adjudicated"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    CANCELED = "canceled"
    ERASED = "erased"


class ParticipationState(StrEnum):
    INVITED = "invited"
    PRACTISING = "practising"
    QUIZ = "quiz"
    FAILED_QUIZ = "failed quiz"
    WORKING = "working"
    MAXED_OUT = "maxed out"
    REMOVED = "removed"


class PageState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class Mode(StrEnum):
    """What a page is for: to learn, to enter the job, or to work in it."""

    PRACTICE = "practice"
    QUIZ = "quiz"
    WORK = "work"


S = TypeVar("S", bound=StrEnum)
_J, _U, _P, _S = JobState, UnitState, ParticipationState, PageState

# A job without enough test questions has no quiz, so invited leads to working as well;
# finished -> running also when a removed contributor's judgments have to be replaced;
# failed quiz -> working when a test question turns out to have been wrong (forgiven);
# removed -> quiz when the owner restores one who had not passed it yet.
STEPS: dict[str, dict[str, frozenset[str]]] = {
    "job": {
        _J.DRAFT: frozenset({_J.RUNNING}),
        _J.RUNNING: frozenset({_J.PAUSED, _J.FINISHED, _J.CANCELED}),
        _J.PAUSED: frozenset({_J.RUNNING, _J.CANCELED}),
        _J.FINISHED: frozenset({_J.RUNNING, _J.CANCELED}),
        _J.CANCELED: frozenset(),
    },
    "unit": {
        _U.NEW: frozenset({_U.JUDGING, _U.HELD, _U.WITHDRAWN, _U.CANCELED, _U.ERASED}),
        _U.JUDGING: frozenset({_U.FINALIZED, _U.HELD, _U.CANCELED, _U.ERASED}),
        _U.FINALIZED: frozenset({_U.JUDGING, _U.DISPUTED, _U.HELD, _U.ERASED}),
        _U.DISPUTED: frozenset({_U.ADJUDICATED, _U.HELD, _U.ERASED}),
        _U.ADJUDICATED: frozenset({_U.HELD, _U.ERASED}),
        _U.HELD: frozenset({_U.NEW, _U.CANCELED, _U.ERASED}),
        _U.WITHDRAWN: frozenset({_U.NEW, _U.ERASED}),
        _U.CANCELED: frozenset({_U.ERASED}),
        _U.ERASED: frozenset(),
    },
    "participation": {
        _P.INVITED: frozenset({_P.PRACTISING, _P.QUIZ, _P.WORKING}),
        _P.PRACTISING: frozenset({_P.QUIZ, _P.REMOVED}),
        _P.QUIZ: frozenset({_P.WORKING, _P.FAILED_QUIZ, _P.REMOVED}),
        _P.FAILED_QUIZ: frozenset({_P.QUIZ, _P.WORKING}),
        _P.WORKING: frozenset({_P.MAXED_OUT, _P.REMOVED}),
        _P.MAXED_OUT: frozenset({_P.WORKING, _P.REMOVED}),
        _P.REMOVED: frozenset({_P.QUIZ, _P.WORKING}),
    },
    "page": {
        _S.OPEN: frozenset({_S.SUBMITTED, _S.EXPIRED}),
        _S.SUBMITTED: frozenset(),
        _S.EXPIRED: frozenset({_S.SUBMITTED}),  # late, and still needed
    },
}


def step(kind: str, old: S, new: S) -> S:
    """Return `new` where the table allows it to follow `old`; raise StepError otherwise."""
    if new not in STEPS[kind][old]:
        raise StepError(kind, old, new)
    return new
