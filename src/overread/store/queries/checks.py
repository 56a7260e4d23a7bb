"""The facts that the checks before a launch look at."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil
from typing import Any

import msgspec
from django.db.models import Q

from overread.core.checks import Approval, Facts, Finding, check, check_test_questions
from overread.core.design import Design, as_values
from overread.core.golden import is_golden_column
from overread.core.intake import REPEATED
from overread.core.leaks import Leak, leaks
from overread.core.names import named_in
from overread.core.states import UnitState
from overread.store.judging import rules_of
from overread.store.models import AuditEntry, Image, Job, TestQuestion, UnitImage
from overread.store.queries.design import design_of
from overread.store.queries.examples import ShownExample, examples_of
from overread.store.queries.names import names_of
from overread.store.queries.quality import enabled_tests
from overread.store.queries.standing import HIDDEN_STATES, Standing

# Enough to find a leak, few enough for a page view.
LABELLED, NAMED, SHOWN = 200, 5_000, 500
APPROVED = "approve showing the images"
Labelled = tuple[int, Mapping[str, str], str]


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
    examples, labelled = examples_of(job, design), _labelled(job, name)
    labels = [label for _, _, label in labelled]
    return Facts(
        design=design,
        rules=rules_of(job),
        work=found.work,
        is_reading=found.is_reading,
        is_stopped=found.is_stopped,
        held=found.held,
        repeated=job.units.filter(state=UnitState.HELD, held__problem__template=REPEATED).count(),
        patients_unconfirmed=bool(job.patient_pattern and not job.patients_confirmed),
        leaks=leaks(_columns(job, [cells for _, cells, _ in labelled]), labels),
        size_leaks=_size_leaks(labelled),
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


def _labelled(job: Job, question: str) -> list[Labelled]:
    """Some rows whose label is given, from all over the table: id, cells, label."""
    known = ~Q(given={}) | Q(test_question__current__isnull=False)
    every = list(job.units.filter(known).order_by("number").values_list("pk", flat=True))
    some = every[:: ceil(len(every) / LABELLED) or 1]
    found = job.units.filter(pk__in=some).values_list(
        "pk", "data", "given", "test_question__current__accepted"
    )
    return [
        (unit, cells, label)
        for unit, cells, given, accepted in found
        if (label := given.get(question) or next(iter((accepted or {}).get(question, ())), ""))
    ]


def _columns(job: Job, rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The columns that may give a label away: not those that say it on purpose."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: [row.get(name, "") for row in rows]
        for name in names
        if name != job.label_column and not is_golden_column(name)
    }


def _size_leaks(labelled: Sequence[Labelled]) -> list[Leak]:
    units = [unit for unit, _, _ in labelled]
    shown = UnitImage.objects.filter(unit__in=units, position=0)
    sizes = {
        unit: (width, height)
        for unit, width, height in shown.values_list("unit", "image__width", "image__height")
    }
    known = [(sizes[unit], label) for unit, _, label in labelled if unit in sizes]
    columns = {
        "width": [str(width) for (width, _), _ in known],
        "height": [str(height) for (_, height), _ in known],
        "shape": [f"{width / height:.3f}" for (width, height), _ in known],
    }
    found = leaks(columns, [label for _, label in known])
    return sorted(found, key=lambda one: -one.right)[:1]


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
