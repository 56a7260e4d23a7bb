"""What is in the sources, before anything of them is stored."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import msgspec

from overread.core.golden import is_golden_column
from overread.core.intake import (
    PatientRule,
    file_name,
    normal_label,
    picture_in,
    suggest_patient_rule,
)
from overread.core.names import is_identifying
from overread.core.problems import Problem
from overread.flows.intake.drafts import Draft, Picture, Progress, Report
from overread.flows.intake.journal import Line
from overread.flows.intake.outcome import Outcome
from overread.flows.intake.plan import Plan, line_of
from overread.flows.intake.reading import SAMPLE
from overread.flows.intake.sources import Sources
from overread.flows.intake.units import Kind
from overread.formats.image_files import ImageFiles

FIRST_ROWS = 10
# Patients of whom the names are kept, to show some; characters of a cell that is shown.
GROUPS, NAMES, SHOWN = 200, 4, 80
HIDDEN = "…"
# Different label cells that are told apart; a column with more holds no labels.
DIFFERENT = 200
LONGEST_LABEL = 200


@dataclass
class Groups:
    """Which of the first file names a rule gives to one patient: some, to be looked at."""

    rule: PatientRule | None
    names: dict[str, list[str]] = field(default_factory=dict)
    seen: int = 0

    def add(self, reference: str) -> None:
        self.seen += 1
        if self.rule is None or self.seen > SAMPLE:
            return
        key = self.rule.key(reference)
        if key is None or (key not in self.names and len(self.names) == GROUPS):
            return
        found = self.names.setdefault(key, [])
        if len(found) < NAMES:
            found.append(file_name(reference))

    def examples(self, most: int = 5) -> list[tuple[str, list[str]]]:
        """Patients with several images: first one of each kind of name."""
        several = [(key, names) for key, names in self.names.items() if len(names) > 1]
        kinds = {re.sub(r"\d+", "0", key): key for key, _ in reversed(several)}
        return sorted(several, key=lambda one: one[0] not in kinds.values())[:most]


@dataclass
class LabelCells:
    """What stands in the label column: every different cell, with how many rows have it.

    `others` counts the rows of further cells.
    """

    rows: Counter[str] = field(default_factory=Counter)
    written: dict[str, str] = field(default_factory=dict)
    others: int = 0

    def add(self, cell: str) -> None:
        label = normal_label(cell)
        if not label:
            return
        is_full = len(self.written) == DIFFERENT and label not in self.written
        if is_full or len(label) > LONGEST_LABEL:
            self.others += 1
            return
        self.written.setdefault(label, cell.strip())
        self.rows[label] += 1

    def meanings(self, given: Mapping[str, str]) -> list[dict[str, Any]]:
        """The most frequent first; `answer` is None for what is not known, "" for no label."""
        by_rows = sorted(self.rows.items(), key=lambda one: (-one[1], one[0]))
        return [
            {"cell": self.written[label], "rows": rows, "answer": given.get(label)}
            for label, rows in by_rows
        ]


@dataclass
class Preview:
    """An outcome that did not come about, and what helps to judge whether it should.

    `missing` counts rows without their image.
    """

    plan: Plan
    columns: Sequence[str]
    has_table: bool
    groups: Groups
    outcome: Outcome = field(default_factory=Outcome)
    labels: LabelCells = field(default_factory=LabelCells)
    first: list[dict[str, Any]] = field(default_factory=list)
    missing: int = 0

    def see(self, line: Line) -> None:
        roles, cells = self.plan.reading.columns, msgspec.json.decode(line.data)
        self.groups.add(cells.get(roles.image, ""))
        if roles.label and self.plan.reading.given:
            self.labels.add(cells[roles.label])
        if len(self.first) < FIRST_ROWS:
            self.first.append(
                {
                    "row": line.number,
                    "cells": {name: _shown(name, cell) for name, cell in cells.items()},
                    "answer": line.given.get(self.plan.question),
                    "problem": msgspec.json.decode(line.problem) if line.problem else None,
                }
            )

    def label_meanings(self) -> list[dict[str, Any]]:
        return self.labels.meanings(self.plan.reading.given)

    def examples(self) -> dict[str, Any]:
        """What the sources hold, in part, beside what would come of them."""
        return {
            "does": self.plan.kind,
            "missing": self.missing,
            "label_meanings": self.label_meanings(),
            "patient_examples": [list(one) for one in self.groups.examples()],
            "first_rows": self.first,
        }

    def document(self) -> dict[str, Any]:
        rule = self.groups.rule
        return {
            **self.outcome.document(),
            **self.examples(),
            "has_table": self.has_table,
            "names": list(self.columns),
            "labels_beyond": self.labels.others,
            "patient_rule": rule.name if rule else None,
        }


def _shown(column: str, cell: str) -> str:
    """Names of persons are looked at by nobody, and kept nowhere for it; an address ends in what
    tells it from the others.
    """
    if cell and is_identifying(column):
        return HIDDEN
    return (f"{HIDDEN}/{file_name(cell)}" if "://" in cell else cell)[:SHOWN]


def lines_by_name(plan: Plan, found: Sources, progress: Progress) -> Iterator[Line]:
    """As `Plan.lines`, but no image is opened: it is taken for good where its file is there."""
    reading, files = plan.reading, found.files
    yield from map(Line.of, (*reading.notes, *files.problems))
    folder = files.choose_folder(picture_in(one)[0] for one in reading.references())
    for done, item in enumerate(reading.items()):
        progress(done, reading.total)
        if isinstance(item, Problem):
            yield Line.of(item)
            continue
        if item.problem is None:
            _find(item, files, folder, reading.columns.image)
        yield line_of(item, reading)
    progress(reading.total, reading.total)


def _find(draft: Draft, files: ImageFiles, folder: str, column: str | None) -> None:
    match = files.find(picture_in(draft.reference)[0], folder)
    if match.problem is None:
        draft.picture = Picture(draft.reference)
    else:
        draft.problem = replace(match.problem, source=draft.source, row=draft.row, column=column)


def look_through(plan: Plan, found: Sources, lines: Iterable[Line], report: Report) -> Preview:
    """Everything but the storing, from the plan's `lines`; `report` gets every problem."""
    rule = plan.reading.rule or _suggested_rule(plan)
    preview = Preview(plan, _columns(plan, found), bool(found.tables), Groups(rule))
    plan.begin(preview.outcome)

    def tell(problem: Problem) -> None:
        preview.missing += problem.row is not None and problem.column == plan.reading.columns.image
        report(problem)

    for line in lines:
        preview.outcome.add(line, plan.question, tell)
        if line.number:
            preview.see(line)
    return preview


def _suggested_rule(plan: Plan) -> PatientRule | None:
    """What the owner declined, so that it can be chosen again."""
    if plan.reading.columns.patient or plan.kind != Kind.REPLACE:
        return None
    return suggest_patient_rule(list(islice(plan.reading.references(), SAMPLE)))


def _columns(plan: Plan, found: Sources) -> list[str]:
    """Those of the table that can have a role."""
    if not found.tables:
        return list(plan.reading.columns.roles())
    return [name for name in found.tables[0].columns if not is_golden_column(name)]
