"""The facts that the checks before a launch look at."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from overread.core.checks import Approval, Facts, Finding, check, check_test_questions
from overread.core.design import Design, as_values
from overread.core.intake import REPEATED
from overread.core.names import named_in
from overread.core.states import UnitState
from overread.store.judging import rules_of
from overread.store.models import AuditEntry, Image, Job, TestQuestion
from overread.store.queries.design import design_of
from overread.store.queries.examples import ShownExample, examples_of
from overread.store.queries.leaks import powers_of
from overread.store.queries.names import names_of
from overread.store.queries.near_duplicates import is_comparing, otherwise_labelled, undecided
from overread.store.queries.quality import enabled_tests
from overread.store.queries.standing import HIDDEN_STATES, Standing

# Enough to find a name, few enough for a page view.
NAMED, SHOWN = 5_000, 500
APPROVED = "approve showing the images"


def checked(found: Standing) -> list[Finding]:
    """Every check on a job, the same number of queries for every job."""
    return check(facts(found))


def checked_test_questions(found: Standing) -> list[Finding]:
    """Only the checks on the set of test questions."""
    job, design = found.job, design_of(found.job)
    looked_at = Facts(design=design, rules=rules_of(job), work=found.work, **_tests(job, design))
    return check_test_questions(looked_at)


def facts(found: Standing) -> Facts:
    job, design = found.job, design_of(found.job)
    name = design.main_question.name
    examples = examples_of(job, design)
    columns, images = powers_of(job).leaks()
    return Facts(
        design=design,
        rules=rules_of(job),
        work=found.work,
        is_reading=found.is_reading,
        is_stopped=found.is_stopped,
        held=found.held,
        repeated=job.units.filter(state=UnitState.HELD, held__problem__template=REPEATED).count(),
        is_comparing=is_comparing(job),
        alike=undecided(job).count(),
        alike_otherwise_labelled=len(otherwise_labelled(job, name)),
        patients_unconfirmed=bool(job.patient_pattern and not job.patients_confirmed),
        leaks=columns,
        image_leaks=images,
        visible=_visible(job, design),
        named=len(named_in(_texts(job, design), names_of(job, NAMED))),
        **_tests(job, design),
        pictured={value for one in examples for value in as_values(one.example.answers.get(name))},
        tested_examples=_tested(job, examples),
        counterbalanced=design.main_question.counterbalanced,
        real=Image.objects.filter(unit_images__unit__job=job, synthetic=False).exists(),
        approval=approval_of(job),
    )


def approval_of(job: Job) -> Approval | None:
    """Who approved last that the images are shown."""
    entries = AuditEntry.objects.filter(subject=f"job {job.pk}", action=APPROVED)
    latest = entries.order_by("-pk").first()
    return Approval(latest.details["by"], latest.details["reference"]) if latest else None


def _texts(job: Job, design: Design) -> str:
    """All that contributors read, with the cells that some rows show."""
    parts: list[Any] = [job.title, design.notice, *msgspec.structs.astuple(design.instructions)]
    parts += [text for one in design.questions for text in (one.label, one.help)]
    parts += [one.caption for one in design.examples]
    parts += _shown_cells(job, _visible(job, design) - job.secret_columns)
    return "\n".join(parts)


def _visible(job: Job, design: Design) -> set[str]:
    """The columns in the form, and those beside the image."""
    return {*design.shown_columns, *job.context}


def _shown_cells(job: Job, columns: Collection[str]) -> list[str]:
    if not columns:
        return []
    rows = job.units.order_by("number").values_list("data", flat=True)[:SHOWN]
    return sorted({row.get(name, "") for row in rows for name in columns})


def _tests(job: Job, design: Design) -> dict[str, Any]:
    reasons = TestQuestion.objects.filter(
        unit__job=job, state=TestQuestion.State.ENABLED, current__isnull=False
    ).values_list("current__reasons", flat=True)
    name = design.main_question.name
    return {
        "tests": enabled_tests(job),
        "without_reason": sum(not one.get(name) for one in reasons),
    }


def _tested(job: Job, examples: Sequence[ShownExample]) -> int:
    """Examples that are a test question in use, or show the patient of one."""
    shown = [one.example.unit for one in examples]
    tests = job.units.filter(test_question__state__in=HIDDEN_STATES)
    patients = tests.filter(patient__isnull=False).values("patient")
    units = job.units.filter(pk__in=shown)
    tested = units.filter(pk__in=tests.values("pk")) | units.filter(patient__in=patients)
    return tested.distinct().count()
