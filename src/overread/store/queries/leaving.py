"""Why a contributor's work ended, and whether there is a way back."""

from dataclasses import dataclass

from overread.core import judging
from overread.core.judging import Removal
from overread.core.states import JobState, ParticipationState
from overread.store.judging import rules_of, test_questions
from overread.store.models import Participation


@dataclass(frozen=True)
class Leaving:
    """`why` is set for one whose judgments don't count; `may_retake` for a failed quiz."""

    why: Removal | None
    may_retake: bool


def leaving(participation: Participation) -> Leaving:
    state = participation.state
    if state == ParticipationState.FAILED_QUIZ:
        return Leaving(Removal.ACCURACY, _may_retake(participation))
    if state == ParticipationState.REMOVED:
        return Leaving(Removal(participation.removed_for or Removal.OWNER), may_retake=False)
    return Leaving(None, may_retake=False)


def _may_retake(participation: Participation) -> bool:
    """As the page route decides; a closed job hands out no quiz."""
    job = participation.job
    if job.state != JobState.RUNNING:
        return False
    fresh = test_questions(job).filter(hidden=False, unit__slot=None)
    unseen = fresh.exclude(judgments__participation=participation).count()
    return judging.may_retake(rules_of(job), quizzes=participation.quizzes, unseen=unseen)
