"""A new design for a job that has rows already: what was known of them follows, or it is refused.

A draft's given labels and test questions are read anew. After launch the answers that there are
have to stay answers: pages to come ask the new questions, those that are out keep theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from overread.core.design import Design
from overread.core.design_faults import faults
from overread.core.golden import accepted_values, is_golden_column, meanings
from overread.core.intake import normal_label
from overread.core.problems import Message, Problem, Refused
from overread.core.states import JobState
from overread.core.test_questions import Content
from overread.flows import audit
from overread.flows.test_questions import content_of
from overread.formats.cml.form import build_form, columns_read
from overread.formats.cml.problems import CmlProblem
from overread.formats.cml.read import read_cml
from overread.formats.cml.write import write_cml
from overread.store.judging import touch
from overread.store.models import DesignVersion, Job, TestQuestion, Unit, User
from overread.store.queries.design import current_design, design_of, test_questions_of
from overread.store.test_questions import add_version
from overread.store.versions import add_design_version
from overread.store.write import write


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
    return new, [*read.problems, *_invisible(new, image)]


def _invisible(design: Design, image: str) -> list[CmlProblem]:
    """Columns that the form reads and contributors may not see."""
    return [
        CmlProblem(
            1,
            1,
            Message("Contributors don't see the column “{name}”: it stays empty.", name=name),
            Message("Let them see it under Design, or take it out of the form."),
            is_fatal=False,
        )
        for name in sorted(columns_read(design) - {*design.columns, image})
    ]


def refuse_faults(design: Design) -> None:
    """Raises Refused with the first thing that keeps a design from being stored."""
    found = faults(design)
    if found:
        first = found[0]
        raise Refused(Problem(first.question, None, None, first.problem, first.advice))
    build_form(design)


def revise_design(job: Job, design: Design, *, actor: User | None, at: datetime) -> Redesigned:
    """A new version of the design; the same one changes nothing. Raises Refused."""
    refuse_faults(design)
    _refuse_telling_columns(job, design)
    with write():
        latest = current_design(job)
        old = Design.from_document(latest.document)
        if design == old:
            return Redesigned(latest)
        if Job.objects.get(pk=job.pk).state == JobState.DRAFT:
            lost = _read_labels_anew(job, old, design, actor, at)
        else:
            lost = 0
            _refuse_lost_answers(job, old, design)
        version = add_design_version(job, design, actor, at)
        touch(job)
        audit.record("revise design", job, actor=actor, at=at, version=version.number)
    return Redesigned(version, lost=lost)


def _refuse_telling_columns(job: Job, design: Design) -> None:
    """No contributor sees a column that tells the answer, the patient or the file."""
    for column in sorted(design.shown_columns):
        if column in job.secret_columns or is_golden_column(column):
            raise Refused.because(
                Message(
                    "Contributors can't see the column “{name}”: it tells too much.", name=column
                ),
                Message("Leave out labels, patients, file names and test questions."),
            )


def _read_labels_anew(job: Job, old: Design, new: Design, actor: User | None, at: datetime) -> int:
    """Given labels and test questions by the new questions; how many test questions fit no more."""
    if _offers(old) == _offers(new):
        return 0
    main, means = new.main_question.name, meanings(new.main_question)
    known: dict[int, dict[str, str]] = {}
    changed = []
    for unit in job.units.all():
        value = means.get(normal_label(unit.data.get(job.label_column, "")))
        value = value or means.get(normal_label(unit.given.get(old.main_question.name, "")))
        given = {main: value} if value else {}
        known[unit.pk] = given
        if given != unit.given:
            unit.given = given
            changed.append(unit)
    Unit.objects.bulk_update(changed, ["given"], batch_size=1000)
    _forget_bounds(job, new)
    return sum(
        not _fits_now(test, new, known[test.unit_id], actor, at) for test in test_questions_of(job)
    )


def _forget_bounds(job: Job, design: Design) -> None:
    """Bounds of answers that are not there any more would remove everybody."""
    shares = job.answer_bounds.get("shares", {})
    kept = {name: one for name, one in shares.items() if name in design.main_question.values}
    if kept != shares:
        job.answer_bounds = {**job.answer_bounds, "shares": kept}
        job.save(update_fields=["answer_bounds"])


def _offers(design: Design) -> tuple[str, Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    offered = {one.name: accepted_values(one) for one in design.questions}
    return design.main_question.name, offered, meanings(design.main_question)


def _fits_now(
    test: TestQuestion, design: Design, given: dict[str, str], actor: User | None, at: datetime
) -> bool:
    """Keep a test question with what it still accepts; without the main answer it is none."""
    content = content_of(test)
    kept = _kept(content, design)
    main = design.main_question
    if main.name not in kept.accepted and main.name in given:
        reasons = {one.value: one.reason for one in main.choices if one.reason}
        value = given[main.name]
        reason = {main.name: reasons[value]} if value in reasons else {}
        kept = Content(
            {**kept.accepted, main.name: [value]}, {**kept.reasons, **reason}, kept.places
        )
    if main.name not in kept.accepted:
        test.current = None
        test.save(update_fields=["current"])
        test.delete()
        return False
    if kept != content:
        add_version(test, kept, actor=actor, at=at)
    return True


def _kept(content: Content, design: Design) -> Content:
    offered = {one.name: accepted_values(one) for one in design.questions}
    accepted = {
        name: [value for value in values if value in offered.get(name, ())]
        for name, values in content.accepted.items()
    }
    accepted = {name: values for name, values in accepted.items() if values}
    return Content(
        accepted,
        {name: text for name, text in content.reasons.items() if name in accepted},
        {name: places for name, places in content.places.items() if name in accepted},
    )


def _refuse_lost_answers(job: Job, old: Design, new: Design) -> None:
    """After launch a question keeps its name and type, and an answer its value."""
    now = {one.name: one for one in new.questions}
    main = old.main_question.name
    if main != new.main_question.name:
        raise _refused(Message("The job is launched, and “{name}” labels its images.", name=main))
    for question in old.questions:
        other = now.get(question.name)
        if other is None:
            continue
        gone = accepted_values(question).keys() - accepted_values(other).keys()
        if type(other) is not type(question) or gone:
            raise _refused(
                Message("The job is launched, and “{name}” has answers.", name=question.name)
            )


def _refused(why: Message) -> Refused:
    return Refused.because(
        why,
        Message(
            "Words, help and new answers can change now. For another question, give it another "
            "name, or copy the job."
        ),
    )
