"""A table of marks becomes one drawing a task, with a report; no job is needed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from overread.core.aggregation.drawn_images import DrawnImage, together
from overread.core.aggregation.judgments import Floats
from overread.core.aggregation.marks import RADIUS_SHARE, Drawing, Fusing, with_others
from overread.core.aggregation.subgroups import largest
from overread.core.problems import Message
from overread.formats.aggregation_page import Say
from overread.formats.consensus_files import plain, write_json
from overread.formats.judged_marks import MarksTable
from overread.formats.marks_files import (
    DrawnBy,
    write_drawn_by,
    write_marks_consensus,
    write_marks_page,
)

WORTH_A_LOOK = 50
REASONS = {
    Fusing.FUSION: Message(
        "Marks of several readers that overlap are one finding; it stands with at least half of "
        "the readers' trust, and lies at their weighted mean. Outlines are settled by vote."
    ),
    Fusing.MEDIAN: Message(
        "Marks of several readers that overlap are one finding; it stands with at least half of "
        "the readers' trust, and lies at the median of their corners. Outlines are settled by "
        "STAPLE."
    ),
}


@dataclass(frozen=True)
class Aggregated:
    """A table's images in the order of its tasks."""

    table: MarksTable
    fusing: Fusing
    radius: float

    @cached_property
    def images(self) -> list[DrawnImage]:
        return [
            DrawnImage(
                [Drawing(marks, self._weight(worker)) for worker, marks in rows],
                self.radius,
                self.fusing,
            )
            for rows in self.table.drawn
        ]

    def _weight(self, worker: int) -> float:
        trust = 1.0 if self.table.trust is None else float(self.table.trust[worker])
        return 1.0 if np.isnan(trust) else trust


def aggregate_marks(
    name: str,
    table: MarksTable,
    fusing: Fusing,
    out: Path,
    say: Say = str,
    radius: float | None = None,
) -> dict[str, Any]:
    """Fuse and write the four files into `out`, which is made; returns report.json's document.

    radius: within which two points are one; a share of the table's extent where it isn't given.
    """
    reach = RADIUS_SHARE * table.extent if radius is None else radius
    found = Aggregated(table, fusing, reach)
    readers = drawn_by(found)
    report = _report(name, found, readers)
    out.mkdir(parents=True, exist_ok=True)
    write_marks_consensus(out / "consensus.csv", table.tasks, found.images, fusing)
    write_drawn_by(out / "contributors.csv", readers)
    write_json(out / "report.json", report)
    write_marks_page(out / "report.html", plain(report), say)
    return report


def drawn_by(found: Aggregated) -> list[DrawnBy]:
    """Each contributor against the consensus and against the others."""
    table, size = found.table, len(found.table.workers)
    made, marks, stood, standing, met = np.zeros((5, size), dtype=np.int64)
    agreed = np.zeros(size)
    for rows, image in zip(table.drawn, found.images, strict=True):
        beside = with_others(image.drawings, radius=image.radius)
        for at, (worker, drawn) in enumerate(rows):
            made[worker] += 1
            marks[worker] += len(drawn)
            stood[worker] += sum(at in one.drawn_by for one in image.standing)
            standing[worker] += len(image.standing)
            if len(rows) > 1:
                met[worker] += 1
                agreed[worker] += beside[at]
    return [
        DrawnBy(
            table.workers[one],
            int(made[one]),
            int(marks[one]),
            _over(stood[one], standing[one]),
            _over(stood[one], marks[one]),
            _over(agreed[one], met[one]),
        )
        for one in range(size)
    ]


def _over(part: float, of: float) -> float:
    return float(part) / float(of) if of else float("nan")


def _report(name: str, found: Aggregated, readers: Sequence[DrawnBy]) -> dict[str, Any]:
    table, images = found.table, found.images
    whole = together(images)
    return {
        "table": name,
        "version": version("overread"),
        "method": found.fusing.value,
        "reason": REASONS[found.fusing],
        "radius": found.radius,
        "columns": asdict(table.columns),
        "sizes": {
            "judgments": whole.drawings,
            "tasks": len(table.tasks),
            "contributors": len(table.workers),
            "marks": sum(one.marks for one in readers),
            "findings": sum(len(one.standing) for one in images),
        },
        "left_out": {Message(reason): count for reason, count in table.left_out.items()},
        "marks_left_out": {Message(reason): count for reason, count in table.unusable.items()},
        "labels": {label: asdict(one) for label, one in whole.labels.items()},
        "agreement": {Message(title): asdict(one) for title, one in whole.agreement.items()},
        "contributors": [asdict(one) for one in _busiest(readers)],
        "worth_a_look": _worth_a_look(table.tasks, images),
        "subgroups": {one.column: _by(one.cells, one.of, images) for one in table.groupings},
    }


def _by(cells: Sequence[str], of: Any, images: Sequence[DrawnImage]) -> dict[str, Any]:
    return {
        cells[group]: asdict(together([images[at] for at in np.flatnonzero(of == group).tolist()]))
        for group in largest(of)
    }


def _busiest(readers: Sequence[DrawnBy]) -> list[DrawnBy]:
    return sorted(readers, key=lambda one: -one.judgments)[:1000]


def _worth_a_look(tasks: Sequence[str], images: Sequence[DrawnImage]) -> list[dict[str, Any]]:
    """Where the consensus is most disputed, then where readers' marks overlap least."""
    sure: Floats = np.array([one.share for one in images])
    alike = np.nan_to_num([one.overlap for one in images], nan=1.0)
    order = np.lexsort((np.round(alike, 9), np.round(sure, 9)))[:WORTH_A_LOOK]
    return [
        {
            "task": tasks[at],
            "findings": len(images[at].standing),
            "probability": sure[at],
            "overlap": images[at].overlap,
            "judgments": len(images[at].drawings),
        }
        for at in order.tolist()
    ]
