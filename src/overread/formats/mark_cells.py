"""Cells that hold marks as a JSON list."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from overread.core.aggregation.marks import Finding
from overread.formats.cml.shapes import write_shapes

NOTHING_DRAWN = "[]"
# As much as Python's reader of CSV takes; a mark of a thousand points is shorter.
MAX_MARKS_CELL = 131_072


def list_in(cell: str) -> list[Any] | None:
    with suppress(ValueError, RecursionError):
        found = json.loads(cell)
        return found if isinstance(found, list) else None
    return None


def holds_marks(labels: Iterable[str]) -> bool:
    """Whether a label column holds marks: one cell that does is enough."""
    lists = [one for cell in labels if cell.startswith("[") and (one := list_in(cell)) is not None]
    return any(map(_is_drawn, lists)) or (bool(lists) and not any(lists))


def _is_drawn(found: list[Any]) -> bool:
    return any(isinstance(one, dict) and bool({"kind", "type"} & one.keys()) for one in found)


def write_findings(findings: Sequence[Finding], name: str, readers: int) -> str:
    """Shapes of the reference platform's form, each with how many of how many readers drew it."""
    shapes = json.loads(write_shapes([one.mark for one in findings], name))
    for shape, one in zip(shapes, findings, strict=True):
        shape["drawn_by"], shape["readers"] = len(one.drawn_by), readers
        shape["support"] = round(one.support, 4)
    return json.dumps(shapes, ensure_ascii=False, separators=(",", ":"))
