"""Examples of the instructions: units of the job that are shown and never judged.

A unit becomes an example only before launch, and leaves work and the test questions with it, so
that nobody is asked about an image that they were shown the answer to.
"""

from datetime import datetime

import msgspec

from overread.core.design import Design, Example
from overread.core.golden import accepted_values
from overread.core.problems import Message, Refused
from overread.core.states import JobState, UnitState, step
from overread.flows import audit
from overread.store.judging import touch
from overread.store.models import DesignVersion, Job, TestQuestion, Unit, User
from overread.store.queries.design import design_of
from overread.store.test_questions import remove
from overread.store.versions import add_design_version
from overread.store.write import write

LONGEST_CAPTION = 1000


def put_example(job: Job, example: Example, *, actor: User | None, at: datetime) -> DesignVersion:
    """Add an example, or change the one of this unit. Raises Refused."""
    with write():
        design = design_of(job)
        _refuse_wrong(design, example)
        unit = job.units.filter(pk=example.unit).first()
        if example.unit not in {one.unit for one in design.examples}:
            _withdraw(job, unit)
        others = [one for one in design.examples if one.unit != example.unit]
        return _store(job, design, (*others, example), "put example", actor, at)


def remove_example(job: Job, unit: int, *, actor: User | None, at: datetime) -> DesignVersion:
    """Take an example away; before launch its unit goes back to work."""
    with write():
        design = design_of(job)
        kept = tuple(one for one in design.examples if one.unit != unit)
        found = job.units.filter(pk=unit, state=UnitState.WITHDRAWN).first()
        if found is not None and _is_draft(job):
            _move(found, UnitState.NEW)
        return _store(job, design, kept, "remove example", actor, at)


def _store(
    job: Job,
    design: Design,
    examples: tuple[Example, ...],
    action: str,
    actor: User | None,
    at: datetime,
) -> DesignVersion:
    changed = msgspec.structs.replace(design, examples=examples)
    version = add_design_version(job, changed, actor, at)
    touch(job)
    audit.record(action, job, actor=actor, at=at, version=version.number)
    return version


def _withdraw(job: Job, unit: Unit | None) -> None:
    """Out of work and of the test questions."""
    if not _is_draft(job):
        raise Refused.because(
            Message("This job has been launched: its images are judged."),
            Message("New examples can be chosen only before launch; captions can change."),
        )
    if unit is None or unit.state != UnitState.NEW or not unit.unit_images.exists():
        raise Refused.because(
            Message("This row can't be an example: it is held, or has no image."),
            Message("Choose another one."),
        )
    for test in TestQuestion.objects.filter(unit=unit):
        remove([test])
    _move(unit, UnitState.WITHDRAWN)


def _move(unit: Unit, state: UnitState) -> None:
    unit.state = step("unit", UnitState(unit.state), state)
    unit.save(update_fields=["state"])


def _is_draft(job: Job) -> bool:
    return Job.objects.get(pk=job.pk).state == JobState.DRAFT


def _refuse_wrong(design: Design, example: Example) -> None:
    offered = {one.name: accepted_values(one) for one in design.questions}
    known = all(value in offered.get(name, ()) for name, value in example.answers.items())
    if not known or not all(mark.is_whole for mark in example.marks):
        raise Refused.because(
            Message("This example shows an answer or a mark that is not offered."),
            Message("Choose one of the answers, and draw inside the image."),
        )
    if len(example.caption) > LONGEST_CAPTION:
        raise Refused.because(
            Message("The caption is too long."), Message("Say it in a few sentences.")
        )
