"""A job's questions come with its rows, as CML."""

from pathlib import Path

from overread.core.design import Design
from overread.core.problems import Message, Problem, Refused
from overread.flows.redesign import designed_by, refuse_faults, revise_design
from overread.store.models import Intake, Job
from overread.store.queries.design import design_of

LARGEST = 2**20


def designed(job: Job, form: Path | None) -> tuple[Design, list[Problem]]:
    """The design that the job will have, and what of the form does nothing. Raises Refused."""
    design = design_of(job)
    if form is None:
        return design, []
    new, notes = designed_by(design, _text(form), name=form.name, image=job.image_column)
    refuse_faults(new)
    return new, [
        Problem(f"{form.name}, {one.place}", None, None, one.problem, one.advice, is_note=True)
        for one in notes
    ]


def ask(job: Job, form: Path | None, intake: Intake) -> None:
    """Store it, in the caller's transaction. Raises Refused."""
    if form is not None:
        design, _ = designed(job, form)
        revise_design(job, design, actor=None, at=intake.created_at, intake=intake)


def _text(form: Path) -> str:
    if form.stat().st_size > LARGEST:
        raise _refused(form, Message("The form is larger than {n} MB.", n=LARGEST // 2**20))
    try:
        return form.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(form, Message("The form is no text in UTF-8.")) from None


def _refused(form: Path, why: Message) -> Refused:
    return Refused.because(
        why,
        Message("Copy the CML out of the job's code editor, and save it again."),
        source=form.name,
    )
