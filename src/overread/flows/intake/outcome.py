"""What came of an intake, in figures."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from overread.core.intake import ROLES, Columns, PatientRule
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Report
from overread.flows.intake.journal import Line

# Problems that are kept with the intake; a report has them all.
KEPT = 1_000


@dataclass
class Outcome:
    """`left_out` counts rows and files that became no unit; held rows are units.

    `refused` says why nothing came in at all; one that was `stopped` can be gone on with.
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
    stopped: bool = False
    _patients: set[str] = field(default_factory=set)
    _alone: int = 0

    @property
    def wrong(self) -> int:
        return self.held + self.left_out

    @property
    def people(self) -> int:
        """Patients, each row without one counted as its own."""
        return len(self._patients) + self._alone

    def add(self, line: Line, question: str, report: Report | None = None) -> None:
        """Count one line; its problem, if it has one, is reported."""
        if line.number:
            self._count(line, question)
        if line.number and report is None:
            return
        problem = line.told()
        if problem is not None and report is not None:
            report(problem)
        if problem is not None and not line.number:
            self.left_out += not problem.is_note
            if len(self.problems) < KEPT:
                self.problems.append(problem)

    def account(self, attributes: Mapping[str, int]) -> None:
        """Of one DICOM file; none of another one."""
        self.files.update(attributes.keys())
        self.attributes.update(attributes)

    def _count(self, line: Line, question: str) -> None:
        self.rows += 1
        self.images += len(line.pictures)
        self.held += bool(line.problem)
        if question in line.given:
            self.labelled[line.given[question]] += 1
        if line.patient:
            self._patients.add(line.patient)
        else:
            self._alone += 1

    def document(self) -> dict[str, Any]:
        return {
            "columns": asdict(self.columns) if self.columns else dict.fromkeys(ROLES),
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


def refuse_any(wrong: int) -> None:
    """All or nothing. Raises Refused where so many rows or files have a problem."""
    if wrong:
        raise Refused.because(
            Message("{n} rows or files have a problem, so nothing was taken in.", n=wrong),
            Message("Correct them, or take in the good ones and leave the others."),
        )
