"""Units get their places in the order of work."""

from collections.abc import Sequence

from django.db.models import Exists, Max, OuterRef, QuerySet

from overread.core.states import JobState, UnitState
from overread.store.hot.tables import GAP
from overread.store.imported import judged_before, slot_of
from overread.store.models import Job, Judgment, Slot, TestQuestion, Unit

# So many slots are written in one go, so that nobody who judges meanwhile waits long.
AT_ONCE = 500


def work_units(job: Job) -> QuerySet[Unit]:
    """Units to be judged: with an image, not launched yet, and no test question.

    A draft's test questions that are switched off are work, unless some have answered them.
    Later none is.
    """
    found = Unit.objects.filter(
        job=job, state=UnitState.NEW, unit_images__isnull=False, slot__isnull=True
    ).distinct()
    if job.state != JobState.DRAFT:
        return found.filter(test_question__isnull=True)
    in_use = [TestQuestion.State.ENABLED, TestQuestion.State.ON_HOLD]
    return found.exclude(test_question__state__in=in_use).exclude(
        Exists(Judgment.objects.filter(test__unit=OuterRef("pk")))
    )


def add_slots(job: Job, block: Sequence[int]) -> None:
    """Positions in the order of ids: what is handed out together lies together on the disk.

    Somebody else may have launched some of these units meanwhile.
    """
    free = set(work_units(job).filter(pk__in=block).values_list("pk", flat=True))
    before = judged_before(job, block)
    last = Slot.objects.filter(job=job).aggregate(Max("position"))["position__max"]
    first = 0 if last is None else max(last, job.frontier) // GAP + 1
    Slot.objects.bulk_create(
        slot_of(job, unit, (first + index) * GAP, before.get(unit))
        for index, unit in enumerate(unit for unit in block if unit in free)
    )
