"""A new design for a job that has rows already: what was known of them follows, or it is refused.

A draft's given labels and test questions are read anew (`flows.relabelling`). After launch the
answers that there are have to stay answers: pages to come ask the new questions, those that are
out keep theirs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from overread.core.design import Design
from overread.core.design_faults import faults
from overread.core.golden import accepted_values
from overread.core.names import tells_too_much
from overread.core.problems import Message, Problem, Refused
from overread.core.states import JobState
from overread.flows import audit
from overread.flows.relabelling import NOTHING, relabel, relabelling
from overread.flows.unfinished import refuse_unfinished
from overread.formats.cml.form import build_form, columns_read
from overread.formats.cml.problems import CmlProblem, Reporter
from overread.formats.cml.read import read_cml
from overread.formats.cml.write import write_cml
from overread.store.imported import came_over
from overread.store.judging import touch
from overread.store.models import DesignVersion, Intake, Job, User
from overread.store.queries.design import current_design, design_of
from overread.store.versions import add_design_version
from overread.store.write import locked, write


@dataclass(frozen=True)
class Redesigned:
    """`notes` tell what was taken and does nothing, `lost` how many test questions fit no more."""

    version: DesignVersion
    notes: Sequence[CmlProblem] = ()
    lost: int = 0


def export_cml(job: Job) -> str:
    return write_cml(design_of(job))


def import_cml(
    job: Job, text: str, *, name: str = "", actor: User | None, at: datetime
) -> Redesigned:
    """Ask what a text of CML asks; instructions and the rest stay. Raises Refused."""
    design, notes = designed_by(design_of(job), text, name=name, image=job.image_column)
    done = revise_design(job, design, actor=actor, at=at)
    return Redesigned(done.version, notes, done.lost)


def designed_by(
    design: Design, text: str, *, name: str = "", image: str = ""
) -> tuple[Design, list[CmlProblem]]:
    """The design with another form, and what of it does nothing here. `image` is the column of
    the picture. Raises Refused.
    """
    read = read_cml(text)
    if read.fatal:
        raise read.fatal[0].refusal(name)
    new = msgspec.structs.replace(design, nodes=read.nodes)
    return new, [*read.problems, *_invisible(new, text, image)]


def _invisible(design: Design, text: str, image: str) -> list[CmlProblem]:
    """Columns that the form reads and contributors may not see, where each is read first."""
    report = Reporter(text)
    for name in sorted(columns_read(design) - {*design.columns}):
        read = re.search(r"\{[{%][^{}]*(?<!\w)" + re.escape(name) + r"(?!\w)", text)
        words = Message("Contributors don't see the column “{name}”: it stays empty.", name=name)
        advice = Message("Let them see it under Design, or take it out of the form.")
        if name == image:
            advice = Message("Take it out of the form: the image stands beside it, larger.")
        report.warn(read.start() if read else 0, words, advice)
    return report.problems


def refuse_faults(design: Design) -> None:
    """Raises Refused with the first thing that keeps a design from being stored."""
    found = faults(design)
    if found:
        first = found[0]
        raise Refused(Problem(first.question, None, None, first.problem, first.advice))
    build_form(design)


def revise_design(
    job: Job, design: Design, *, actor: User | None, at: datetime, intake: Intake | None = None
) -> Redesigned:
    """A new version of the design, which an intake may bring; the same one changes nothing.

    Raises Refused.
    """
    refuse_faults(design)
    _refuse_telling_columns(job, design)
    refuse_unfinished(job, but=intake)
    # Everything is read before the turn to write: in a draft that can be many thousand rows.
    seen = Job.objects.get(pk=job.pk)
    latest = current_design(job)
    old = Design.from_document(latest.document)
    if design == old:
        return Redesigned(latest)
    known = NOTHING
    if seen.state != JobState.DRAFT or came_over(seen):
        _refuse_lost_answers(old, design)
    if seen.state == JobState.DRAFT:
        known = relabelling(seen, old, design)
    with write():
        now = locked(job)
        refuse_unfinished(now, but=intake)
        _refuse_changed(seen, now)
        relabel(now, known, design, actor=actor, at=at)
        version = add_design_version(job, design, actor, at)
        touch(job)
        audit.record("revise design", job, actor=actor, at=at, version=version.number)
    return Redesigned(version, lost=len(known.lost))


def _refuse_changed(seen: Job, now: Job) -> None:
    """What was read has to be what is there still: rows, test questions, state, design."""
    if (now.revision, now.state) != (seen.revision, seen.state):
        raise Refused.because(
            Message("The job was changed while its design was being saved."),
            Message("Look at what changed, then save it again."),
        )


def _refuse_telling_columns(job: Job, design: Design) -> None:
    """No contributor sees a column that tells the answer, the patient or the file."""
    for column in sorted(design.shown_columns):
        if column in job.secret_columns or tells_too_much(column):
            raise Refused.because(
                Message(
                    "Contributors can't see the column “{name}”: it tells too much.", name=column
                ),
                Message("Leave out labels, patients, file names and test questions."),
            )


def _refuse_lost_answers(old: Design, new: Design) -> None:
    """What was asked keeps its name and type, and an answer its value."""
    now = {one.name: one for one in new.questions}
    main = old.main_question.name
    if main != new.main_question.name:
        raise _refused(Message("“{name}” labels its images, and has answers.", name=main))
    for question in old.questions:
        other = now.get(question.name)
        if other is None:
            continue
        gone = accepted_values(question).keys() - accepted_values(other).keys()
        if type(other) is not type(question) or gone:
            raise _refused(Message("“{name}” has answers.", name=question.name))


def _refused(why: Message) -> Refused:
    return Refused.because(
        why,
        Message(
            "Words, help and new answers can change now. For another question, give it another "
            "name, or copy the job."
        ),
    )
