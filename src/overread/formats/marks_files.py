"""Write what an aggregation of marks found: consensus.csv, contributors.csv, report.html."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from overread.core.aggregation.drawn_images import DrawnImage
from overread.core.aggregation.marks import Fusing
from overread.core.problems import Message
from overread.formats.aggregation_page import AGREEMENT, MOST_ROWS, Page, Say, percent
from overread.formats.consensus_files import decimal
from overread.formats.csv_lines import csv_line
from overread.formats.mark_cells import write_findings


@dataclass(frozen=True)
class DrawnBy:
    """A contributor: found, the share of the consensus' marks on their images that they drew;
    kept, the share of their own marks that stand; agreement, the overlap with others' marks.
    """

    worker: str
    judgments: int
    marks: int
    found: float
    kept: float
    agreement: float


def write_marks_consensus(
    path: Path, tasks: Sequence[str], images: Sequence[DrawnImage], fusing: Fusing
) -> None:
    """One line a task: its marks as JSON, the share of trust behind them, and for each label of a
    mark `p_LABEL`, the share of the trust of those who drew one. Empty without a judgment.
    """
    drawn = (mark for one in images for drawing in one.drawings for mark in drawing.marks)
    labels = sorted({mark.label for mark in drawn} - {""})
    header = ["task", "label", "probability", "judgments", "method"]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line([*header, *(f"p_{label}" for label in labels)]))
        for task, image in zip(tasks, images, strict=True):
            file.write(csv_line(_cells(task, image, fusing, labels)))


def _cells(task: str, image: DrawnImage, fusing: Fusing, labels: Sequence[str]) -> Iterator[str]:
    made = len(image.drawings)
    yield task
    yield write_findings(image.standing, task, made) if made else ""
    yield decimal(image.share) if made else ""
    yield str(made)
    yield fusing.value
    total = sum(one.weight for one in image.drawings)
    for label in labels:
        drew = sum(
            one.weight for one in image.drawings if any(mark.label == label for mark in one.marks)
        )
        yield decimal(drew / total) if total else ""


def write_drawn_by(path: Path, readers: Sequence[DrawnBy]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line([one.name for one in fields(DrawnBy)]))
        for reader in readers:
            worker, judgments, marks, *shares = astuple(reader)
            file.write(csv_line([worker, str(judgments), str(marks), *map(decimal, shares)]))


def write_marks_page(path: Path, report: Mapping[str, Any], say: Say = str) -> None:
    """report: the document of report.json; say: turns a message into the reader's language."""
    path.write_text(_MarksPage(report, say).text() + "\n", encoding="utf-8")


@dataclass(frozen=True)
class _MarksPage(Page):
    def sections(self) -> list[str]:
        return [
            *self.section(
                Message("Marks"),
                self._labels(self.report["labels"]),
                about=Message("The share of tasks where a mark stands."),
            ),
            *self.section(Message("Agreement"), self.agreement(), about=AGREEMENT),
            *self._subgroups(),
            *self.section(
                Message("Contributors"),
                self._contributors(),
                about=Message(
                    "Found: the share of the consensus' marks that somebody drew. Kept: the share "
                    "of somebody's marks that stand."
                ),
            ),
            *self.section(
                Message("Tasks most worth another look"),
                self._tasks(),
                about=Message("Ordered by how disputed the marks are."),
            ),
        ]

    def _labels(self, found: Mapping[str, Any]) -> str:
        rows = [
            [label or self.say(Message("any mark")), self.interval(one)]
            for label, one in found.items()
        ]
        return self.table(map(Message, ("label", "share of tasks (95 %)")), rows)

    def _subgroups(self) -> Iterator[str]:
        for column, cells in self.report["subgroups"].items():
            titles = "cell", "tasks", "overlap of marks (95 %)", "tasks with a mark (95 %)"
            rows = [
                [
                    cell or self.say(Message("(empty)")),
                    one["images"],
                    self.interval(next(iter(one["agreement"].values()))),
                    self.interval(one["labels"][""]),
                ]
                for cell, one in cells.items()
            ]
            yield from self.section(
                Message("By {column}", column=column), self.table(map(Message, titles), rows)
            )

    def _contributors(self) -> str:
        titles = "contributor", "judgments", "marks", "found", "kept", "agreement with others"
        rows = [
            [
                one["worker"],
                one["judgments"],
                one["marks"],
                *(percent(one[name]) for name in ("found", "kept", "agreement")),
            ]
            for one in self.report["contributors"][:MOST_ROWS]
        ]
        return self.table(map(Message, titles), rows)

    def _tasks(self) -> str:
        titles = "task", "marks that stand", "share behind them", "overlap", "judgments"
        rows = [
            [
                one["task"],
                one["findings"],
                percent(one["probability"]),
                percent(one["overlap"]),
                one["judgments"],
            ]
            for one in self.report["worth_a_look"]
        ]
        return self.table(map(Message, titles), rows)
