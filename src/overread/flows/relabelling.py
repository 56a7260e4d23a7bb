"""What a draft's rows were known to show, told in the words of a new design.

Reading and writing are apart: all rows are read before anybody waits for a turn to write, and
then few statements write, however many rows there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from overread.core.design import Design
from overread.core.golden import accepted_values, meanings
from overread.core.intake import normal_label
from overread.core.test_questions import Content
from overread.flows.test_questions import content_of
from overread.store.models import Job, TestQuestion, Unit, User
from overread.store.queries.design import test_questions_of
from overread.store.test_questions import add_versions, remove


@dataclass(frozen=True)
class Relabelling:
    """What changes: rows by the answer that they are given now ("" for none), test questions
    with what they still accept, and those that fit no more.
    """

    rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    kept: Sequence[tuple[TestQuestion, Content]] = ()
    lost: Sequence[TestQuestion] = ()


NOTHING = Relabelling()
# SQLite takes some 30,000 parameters in a statement.
AT_ONCE = 10_000


def relabelling(job: Job, old: Design, new: Design) -> Relabelling:
    """Given labels and test questions by the new questions; nothing is written."""
    if _offers(old) == _offers(new):
        return NOTHING
    given = _Given(job, old, new)
    rows: dict[str, list[int]] = defaultdict(list)
    for unit, cells, before in job.units.order_by("pk").values_list("pk", "data", "given"):
        answer = given.of(cells, before)
        if before != _document(new, answer):
            rows[answer].append(unit)
    kept, lost = [], []
    for test in test_questions_of(job):
        content = content_of(test)
        fitting = _fitting(content, new, given.of(test.unit.data, test.unit.given))
        if new.main_question.name not in fitting.accepted:
            lost.append(test)
        elif fitting != content:
            kept.append((test, fitting))
    return Relabelling(rows, kept, lost)


def relabel(
    job: Job, found: Relabelling, design: Design, *, actor: User | None, at: datetime
) -> None:
    """Write what was found, within the caller's turn."""
    for answer, units in found.rows.items():
        for first in range(0, len(units), AT_ONCE):
            some = Unit.objects.filter(pk__in=units[first : first + AT_ONCE])
            some.update(given=_document(design, answer))
    add_versions(found.kept, actor=actor, at=at)
    remove(found.lost)
    _forget_bounds(job, design)


def _offers(design: Design) -> tuple[str, Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    offered = {one.name: accepted_values(one) for one in design.questions}
    return design.main_question.name, offered, meanings(design.main_question)


class _Given:
    """The answer that is known of a row, by its cell or by what it was given before."""

    def __init__(self, job: Job, old: Design, new: Design) -> None:
        self.column = job.label_column
        self.before = old.main_question.name
        self.means = meanings(new.main_question)
        known = {"": ""} | self.means
        own = {cell: known.get(normal_label(said)) for cell, said in job.label_meanings.items()}
        self.own = {cell: means for cell, means in own.items() if means is not None}

    def of(self, cells: Mapping[str, str], before: Mapping[str, str]) -> str:
        cell = normal_label(cells.get(self.column, ""))
        if cell in self.own:
            return self.own[cell]
        said = cell, before.get(self.before, "")
        known = (self.means.get(normal_label(one), "") for one in said)
        return next(filter(None, known), "")


def _document(design: Design, answer: str) -> dict[str, str]:
    return {design.main_question.name: answer} if answer else {}


def _fitting(content: Content, design: Design, given: str) -> Content:
    """What a test question still accepts; without the main answer, the row's given one."""
    kept, main = _kept(content, design), design.main_question
    if main.name in kept.accepted or not given:
        return kept
    why = {one.value: one.reason for one in main.choices}.get(given)
    reasons = {**kept.reasons, main.name: why} if why else kept.reasons
    return Content({**kept.accepted, main.name: [given]}, reasons, kept.places)


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


def _forget_bounds(job: Job, design: Design) -> None:
    """Bounds of answers that are not there any more would remove everybody."""
    shares = job.answer_bounds.get("shares", {})
    kept = {name: one for name, one in shares.items() if name in design.main_question.values}
    if kept != shares:
        job.answer_bounds = {**job.answer_bounds, "shares": kept}
        job.save(update_fields=["answer_bounds"])
