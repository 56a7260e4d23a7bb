"""Marks that a cell holds, in overread's form or in the reference platform's."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec

from overread.core.design import Marks
from overread.core.marks import MOST_MARKS, Mark, MarkKind, read_marks


def marks_to_review(question: Marks, cell: str) -> list[Mark]:
    """The marks in a cell that the question lets stand as an answer: its kinds, its labels.

    A mark that nobody could draw would keep its reader from going on.
    """
    named = {name: one.value for one in question.labels for name in (one.label, one.value)}
    one_by_one = msgspec.structs.replace(question, min=0, max=None)
    found = [_called(mark, named) for mark in read_shapes(cell)]
    return [mark for mark in found if one_by_one.refuse([msgspec.to_builtins(mark)]) is None]


def read_shapes(cell: str) -> list[Mark]:
    """The marks in a cell; what is none is left out."""
    with suppress(ValueError, RecursionError):
        found = json.loads(cell)
        if isinstance(found, list):
            ours = [_mark(one) for one in found[:MOST_MARKS]]
            return [mark for one in ours for mark in read_marks([one]) or ()]
    return []


def write_shapes(marks: Iterable[Mark], name: str) -> str:
    """Marks as the reference platform's list of shapes; `name` begins their ids."""
    shapes = [
        {
            "class": mark.label,
            "coordinates": _coordinates(mark),
            "type": mark.kind.value,
            "id": f"{name}-{number}",
        }
        for number, mark in enumerate(marks, 1)
    ]
    return json.dumps(shapes, ensure_ascii=False, separators=(",", ":"))


def _coordinates(mark: Mark) -> Any:
    points = [(_short(x), _short(y)) for x, y in mark.points]
    if mark.kind == MarkKind.BOX:
        across, down = [x for x, _y in points], [y for _x, y in points]
        x, y = min(across), min(down)
        return {"h": _short(max(down) - y), "w": _short(max(across) - x), "x": x, "y": y}
    corners = [{"x": x, "y": y} for x, y in points]
    return corners[0] if mark.kind == MarkKind.DOT else corners


def _short(number: float) -> float:
    """To a hundredth of a pixel; whole where it is."""
    rounded = round(number, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _called(mark: Mark, named: dict[str, str]) -> Mark:
    """The mark under the value of its label; without any labels, marks have none."""
    label = named.get(mark.label, mark.label) if named else ""
    return msgspec.structs.replace(mark, label=label)


def _mark(shape: Any) -> dict[str, Any] | None:
    """A shape as a mark: boxes have their upper left corner, height and width."""
    if not isinstance(shape, dict):
        return None
    if "kind" in shape:
        return shape
    label, where = str(shape.get("class") or ""), shape.get("coordinates")
    try:
        points = _points(where)
    except (KeyError, TypeError):
        return None
    return {"kind": shape.get("type"), "points": points, "label": label}


def _points(where: Any) -> list[list[float]]:
    if isinstance(where, list):
        return [[one["x"], one["y"]] for one in where]
    x, y = where["x"], where["y"]
    return [[x, y], [x + where["w"], y + where["h"]]] if "w" in where else [[x, y]]
