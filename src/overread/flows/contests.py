"""A contributor objects to a missed test question; the owner answers."""

from collections.abc import Iterable
from datetime import datetime

from overread.core.instants import milliseconds
from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.flows.texts import text_of
from overread.store.models import Contest, Job, Judgment, Page, Participation, User
from overread.store.queries.contests import (
    decision_for,
    is_right_now,
    judgment_at,
    missed_places,
    with_questions,
)
from overread.store.write import locked, write

DAY_MS = 86_400_000


def contest(page: Page, place: int, text: str, *, at: int) -> Contest:
    """Object to a test question that was missed; sent again, the first objection stays.

    `page` is the contributor's own, `at` milliseconds UTC. Raises Refused where there is
    nothing to object to, or no text.
    """
    with write():
        judgment = judgment_at(page, place) if place in missed_places(page) else None
        if judgment is None:
            raise Refused.because(
                Message("This place is no test question that you missed."),
                Message("You can object where you were told that your answer was not accepted."),
            )
        stored = Contest.objects.filter(judgment=judgment).first()
        if stored is not None:
            return stored
        _refuse_corrected(judgment)
        days: int = page.participation.job.contest_days
        said = {"text": text_of(text), "created_at": at, "due_at": at + days * DAY_MS}
        return Contest.objects.get_or_create(judgment=judgment, defaults=said)[0]


def _refuse_corrected(judgment: Judgment) -> None:
    if is_right_now(judgment):
        raise Refused.because(
            Message("This test question was corrected since."),
            Message("Your answer counts as right now; there is nothing left to object to."),
        )


def answer(
    job: Job, contests: Iterable[int], text: str, *, actor: User | None, at: datetime
) -> list[Contest]:
    """Answer those of these objections that are still open, all with the same text.

    Whether the owner gave way is not what they say but what they did: the decision is CHANGED
    where the question is no longer what the contributor missed, else KEPT, which needs a text.
    """
    with write():
        locked(job)
        found = with_questions(Contest.objects.filter(pk__in=list(contests), decision=""))
        answered = list(found.filter(judgment__participation__job=job))
        decisions = [decision_for(one.judgment) for one in answered]
        if text.strip() or Contest.Decision.KEPT in decisions:
            text = text_of(text)
        for one, decision in zip(answered, decisions, strict=True):
            one.decision, one.answer = decision, text.strip()
            one.answered_at, one.answered_by = milliseconds(at), actor
        fields = ["decision", "answer", "answered_at", "answered_by"]
        Contest.objects.bulk_update(answered, fields, batch_size=100)
        if answered:
            changed = decisions.count(Contest.Decision.CHANGED)
            audit.record(
                "answer objections", job, actor=actor, at=at, count=len(answered), changed=changed
            )
    return answered


def see_answers(participation: Participation, *, at: int) -> None:
    """The contributor has the answers before their eyes."""
    unseen = Contest.objects.filter(
        judgment__participation=participation, answered_at__isnull=False, seen_at=None
    )
    if unseen.exists():
        with write():
            unseen.update(seen_at=at)
