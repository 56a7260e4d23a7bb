"""A contributor asks about a unit; the owner answers. Nobody else reads it."""

from datetime import datetime

from overread.core.instants import milliseconds
from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.flows.texts import text_of
from overread.store.models import Participation, Remark, Unit, User
from overread.store.write import write

MOST_LINES = 50


class NoDiscussion(Exception):
    """The owner has not allowed questions in this job."""


def ask(participation: Participation, unit: int, text: str, *, at: int) -> Remark:
    """A contributor's line about a unit of a page of their own. `at` is milliseconds UTC.

    Raises NoDiscussion, or Refused where the text is none or the thread is full.
    """
    if not participation.job.discussion:
        raise NoDiscussion
    clean = text_of(text)
    with write():
        own = Remark.objects.filter(participation=participation, unit=unit, from_owner=False)
        if own.count() >= MOST_LINES:
            raise Refused.because(
                Message("You have written {most} lines about this image.", most=MOST_LINES),
                Message("Wait for the owner's answer."),
            )
        return Remark.objects.create(
            participation=participation, unit_id=unit, text=clean, created_at=at
        )


def reply(
    participation: Participation, unit: Unit, text: str, *, actor: User | None, at: datetime
) -> Remark:
    """The owner's answer to one contributor about one unit."""
    clean = text_of(text)
    with write():
        remark = Remark.objects.create(
            participation=participation,
            unit=unit,
            from_owner=True,
            author=actor,
            text=clean,
            created_at=milliseconds(at),
        )
        audit.record("answer question", participation, actor=actor, at=at, unit=unit.pk)
    return remark


def see_replies(participation: Participation, *, at: int, unit: int | None = None) -> None:
    """The contributor has the owner's lines, about one unit or all, before their eyes."""
    unseen = Remark.objects.filter(participation=participation, from_owner=True, seen_at=None)
    if unit is not None:
        unseen = unseen.filter(unit=unit)
    if unseen.exists():
        with write():
            unseen.update(seen_at=at)
