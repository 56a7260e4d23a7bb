"""What was said and concluded of rows goes with them; what contributors are owed stays."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from overread.core.states import PageState
from overread.flows.reports import drop
from overread.store.models import (
    Consensus,
    Contest,
    ImportedUnit,
    Intake,
    Job,
    Judgment,
    Page,
    PageDraft,
    Posterior,
    Remark,
    Report,
    Resemblance,
    Slot,
    TestQuestion,
    TestQuestionVersion,
    Unit,
)


def forget_rows(job: Job, units: Sequence[Unit], *, at: int) -> None:
    """Nobody is asked about these rows any more, and no answer to them is kept.

    Of the answers to test questions those stay that are held against accepted ones: trust rests
    on them. In the caller's transaction, in which the job is locked. `at` is milliseconds UTC.
    """
    gone = {unit.pk for unit in units}
    Slot.objects.filter(unit__in=gone).delete()
    _forget_drafts(job, gone)
    for page in Page.objects.filter(participation__job=job, state=PageState.OPEN).order_by("pk"):
        drop(page, gone)
    TestQuestion.objects.filter(unit__in=gone).update(
        state=TestQuestion.State.DISABLED, on_hold_for="", to_score=True
    )
    versions = TestQuestionVersion.objects.filter(test_question__unit__in=gone)
    versions.update(reasons={}, places={})
    Consensus.objects.filter(unit__in=gone).delete()
    Posterior.objects.filter(unit__in=gone).delete()
    ImportedUnit.objects.filter(unit__in=gone).delete()
    Resemblance.objects.filter(Q(first__in=gone) | Q(second__in=gone)).delete()
    _forget_answers(gone)
    _forget_texts(gone, at)
    _forget_problems(job, units)


def _forget_drafts(job: Job, units: Collection[int]) -> None:
    """Answers that were not submitted yet, and those that stay when their page has closed. A place
    whose unit was dropped says no more whose it was.
    """
    found = PageDraft.objects.filter(participation__job=job).select_related("page")
    for draft in found.order_by("pk"):
        others = {str(place) for place, unit in draft.page.places.items() if unit not in units}
        if not draft.places.keys() <= others:
            draft.places = {place: one for place, one in draft.places.items() if place in others}
            draft.save(update_fields=["places"])


def _forget_answers(units: Collection[int]) -> None:
    judgments = Judgment.objects.filter(unit__in=units)
    judgments.filter(test=None).update(answers={})
    tested = list(judgments.exclude(test=None).order_by("pk"))
    for judgment in tested:
        names = _tested(judgment)
        judgment.answers = {name: one for name, one in judgment.answers.items() if name in names}
    Judgment.objects.bulk_update(tested, ["answers"])


def _tested(judgment: Judgment) -> set[str]:
    versions = TestQuestionVersion.objects.filter(test_question=judgment.test_id)
    return {name for accepted in versions.values_list("accepted", flat=True) for name in accepted}


def _forget_texts(units: Collection[int], at: int) -> None:
    Remark.objects.filter(unit__in=units).delete()
    contests = Contest.objects.filter(judgment__unit__in=units)
    contests.filter(decision="").update(
        decision=Contest.Decision.CHANGED, answered_at=at, seen_at=at
    )
    contests.update(text="", answer="")
    reports = Report.objects.filter(unit__in=units)
    reports.filter(decision="").update(decision=Report.Decision.KEPT, decided_at=at)
    reports.update(text="")


def _forget_problems(job: Job, units: Sequence[Unit]) -> None:
    """What uploads had to say of these rows: it names their files and quotes their cells."""
    numbers = {unit.number for unit in units}
    columns = job.picture_columns.values()
    names = {unit.data.get(name, "") for unit in units for name in columns} - {""}
    for intake in Intake.objects.filter(job=job).order_by("pk"):
        kept = [
            one
            for one in intake.problems
            if one["row"] not in numbers and one["source"] not in names
        ]
        if len(kept) != len(intake.problems):
            intake.problems = kept
            intake.save(update_fields=["problems"])
