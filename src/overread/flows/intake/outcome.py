"""What came of an intake, in figures."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from overread.core.intake import Columns, PatientRule
from overread.core.problems import Problem
from overread.flows.intake.drafts import Draft
from overread.flows.intake.reading import Reading

# Problems that are kept with the intake; a report has them all.
KEPT = 1_000


@dataclass
class Outcome:
    """`left_out` counts rows and files that became no unit; held rows are units.

    `refused` says why nothing came in at all.
    """

    columns: Columns | None = None
    rule: PatientRule | None = None
    rows: int = 0
    images: int = 0
    held: int = 0
    left_out: int = 0
    replaced: int = 0
    labelled: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    refused: Problem | None = None
    # By group of DICOM attributes: in how many files, and how many in all.
    files: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    _patients: set[str] = field(default_factory=set)
    _alone: int = 0

    @property
    def people(self) -> int:
        """Patients, each row without one counted as its own."""
        return len(self._patients) + self._alone

    def note(self, problem: Problem) -> None:
        """Something that became no unit, or a remark on how a source was read."""
        self.left_out += not problem.is_note
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def count(self, draft: Draft, reading: Reading, question: str) -> None:
        self.rows += 1
        self.images += draft.picture is not None
        self.held += draft.problem is not None
        if draft.picture is not None:
            self.files.update(draft.picture.attributes.keys())
            self.attributes.update(draft.picture.attributes)
        if question in draft.given:
            self.labelled[draft.given[question]] += 1
        if key := patient_key(draft, reading):
            self._patients.add(key)
        else:
            self._alone += 1

    def document(self) -> dict[str, Any]:
        columns = self.columns
        roles = {
            "image": columns.image if columns else None,
            "label": columns.label if columns else None,
            "patient": columns.patient if columns else None,
        }
        return {
            "columns": roles,
            "patients_by_name": self.rule.name if self.rule else None,
            "rows": self.rows,
            "images": self.images,
            "labelled": dict(self.labelled),
            "held": self.held,
            "left_out": self.left_out,
            "patients": self.people,
            "replaced": self.replaced,
            "deidentified": {
                group: {"files": files, "attributes": self.attributes[group]}
                for group, files in sorted(self.files.items())
            },
        }


def patient_key(draft: Draft, reading: Reading) -> str | None:
    """By the table's column, else by the DICOM file, else by the file's name."""
    if reading.columns.patient:
        return draft.cells[reading.columns.patient].strip() or None
    if draft.picture is not None and draft.picture.patient:
        return draft.picture.patient
    return reading.rule.key(draft.reference) if reading.rule else None
