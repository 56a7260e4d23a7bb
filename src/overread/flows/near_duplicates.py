"""Near-duplicates among a job's rows: found in the background, settled by the owner."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from overread.core.near_duplicates import SAME, agreement, candidates
from overread.core.problems import Message, Problem, Refused
from overread.core.states import JobState, UnitState, step
from overread.flows import audit
from overread.imaging.decoded import Pixels
from overread.imaging.looks import looks_from, square_of
from overread.imaging.preparing import THUMB
from overread.store import blobs
from overread.store.judging import touch
from overread.store.models import Job, Rendition, Resemblance, Unit, UnitImage, User
from overread.store.queries.standing import HIDDEN_STATES
from overread.store.write import locked, write

# Squares kept at hand, of 4 KB each; rows marked as compared at once.
AT_HAND, AT_ONCE = 2_000, 500
LEFT_OUT = "It shows the same as row {row}, which stands for both."
Decision = Resemblance.Decision


class _Shown(NamedTuple):
    pk: int
    unit: int
    image: int
    look: bytes
    compared: bool


def compare(job: Job) -> int:
    """Look for near-duplicates of the images that were not compared yet; returns how many pairs
    were found. What stands already is left as it is.
    """
    shown = _shown(job)
    if all(one.compared for one in shown):
        return 0
    found = list(_found(shown))
    with write():
        known = set(job.units.values_list("pk", flat=True))
        made = [one for one in found if {one.first_id, one.second_id} <= known]
        Resemblance.objects.bulk_create(made, batch_size=AT_ONCE, ignore_conflicts=True)
    for start in range(0, len(shown), AT_ONCE):
        pks = [one.pk for one in shown[start : start + AT_ONCE] if not one.compared]
        with write():
            UnitImage.objects.filter(pk__in=pks).update(compared=True)
    return len(made)


def _shown(job: Job) -> list[_Shown]:
    """Each row's first image, by row."""
    first = UnitImage.objects.filter(unit__job=job, position=0, image__look__isnull=False)
    fields = ("pk", "unit", "image", "image__look", "compared")
    rows = first.order_by("unit__number").values_list(*fields)
    return [_Shown(pk, unit, image, bytes(look), seen) for pk, unit, image, look, seen in rows]


def _found(shown: Sequence[_Shown]) -> Iterator[Resemblance]:
    square = lru_cache(AT_HAND)(_square)
    pairs = set()
    for pair in candidates(looks_from([one.look for one in shown])):
        one, other = shown[pair.first], shown[pair.second]
        if (one.compared and other.compared) or (one.unit, other.unit) in pairs:
            continue
        laid = square(other.image)
        score = agreement(square(one.image), laid[:, ::-1] if pair.mirrored else laid)
        if score >= SAME:
            pairs.add((one.unit, other.unit))
            yield Resemblance(
                first_id=one.unit,
                second_id=other.unit,
                agreement=score,
                mirrored=pair.mirrored,
            )


def _square(image: int) -> Pixels:
    thumb = Rendition.objects.select_related("blob").get(image=image, kind=THUMB)
    return square_of(blobs.read(thumb.blob))


def settle(pair: Resemblance, decision: str, *, actor: User | None, at: datetime) -> None:
    """Keep both rows, or leave one out; an earlier decision is taken back. Raises Refused."""
    with write():
        job = locked(Job.objects.get(units=pair.first_id))
        if decision != Decision.BOTH or pair.decision not in ("", Decision.BOTH):
            _only_a_draft(job)
        units = {
            Decision.FIRST: Unit.objects.get(pk=pair.first_id),
            Decision.SECOND: Unit.objects.get(pk=pair.second_id),
        }
        if pair.decision in units:
            _take_back(units[Decision(pair.decision)])
        if decision in units:
            other = Decision.SECOND if decision == Decision.FIRST else Decision.FIRST
            _leave_out(units[Decision(decision)], units[other])
        pair.decision = Decision(decision)
        pair.save(update_fields=["decision"])
        touch(job)
        audit.record(
            "settle a near-duplicate", job, actor=actor, at=at, pair=pair.pk, decision=decision
        )


def _only_a_draft(job: Job) -> None:
    if job.state != JobState.DRAFT:
        raise Refused.because(
            Message("This job has been launched; rows are left out only before."),
            Message("Both rows stay together in one part of the data set."),
        )


def _leave_out(unit: Unit, other: Unit) -> None:
    if hasattr(unit, "test_question") and unit.test_question.state in HIDDEN_STATES:
        raise Refused.because(
            Message("Row {row} is a test question.", row=unit.number),
            Message("Leave the other row out, or make it no test question first."),
        )
    if unit.state == UnitState.HELD:
        raise Refused.because(
            Message("Row {row} is held already.", row=unit.number),
            Message("Nothing to do: while it is held, the other row stands for both."),
        )
    if other.state == UnitState.HELD:
        raise Refused.because(
            Message("Row {row} is held itself.", row=other.number),
            Message("Then nothing would stand for both: put that right first, or keep both."),
        )
    unit.state = step("unit", UnitState(unit.state), UnitState.HELD)
    problem = Message(LEFT_OUT, row=other.number)
    advice = Message("Nothing to do. Under Data you may keep both after all.")
    unit.held = Problem("", unit.number, None, problem, advice).document()
    unit.save(update_fields=["state", "held"])


def _take_back(unit: Unit) -> None:
    """Only what this decision held back; whatever else holds it stays."""
    if unit.held and unit.held["problem"]["template"] == LEFT_OUT:
        unit.state, unit.held = step("unit", UnitState(unit.state), UnitState.NEW), None
        unit.save(update_fields=["state", "held"])
