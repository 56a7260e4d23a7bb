"""Marks as COCO's annotations (Lin and others 2014, Microsoft COCO), in pixels of the source.

Boxes have a `bbox` of left, top, width and height; outlines a `segmentation` besides; dots and
lines have `keypoints`, each x, y and 2 for visible. Beside COCO's own fields stand `kind`,
`drawn_by`, `readers`, and as `score` the share of the readers' trust.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overread.core.aggregation.drawn_images import DrawnImage
from overread.core.aggregation.marks import Finding
from overread.core.marks import Mark, MarkKind

DIGITS = 2
Row = tuple[int, str, "AnnotatedImage"]


@dataclass(frozen=True)
class AnnotatedImage:
    """An image of so many pixels, and what was drawn on it by question."""

    width: int
    height: int
    drawn: Mapping[str, DrawnImage]


def write_coco(path: Path, rows: Sequence[Row]) -> None:
    """rows: (number of the unit, file name, what was drawn)."""
    text = json.dumps(coco(rows), ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def coco(rows: Sequence[Row]) -> dict[str, Any]:
    names = sorted({name for _, _, image in rows for name, _, _ in _findings(image)})
    category = {name: number for number, name in enumerate(names, 1)}
    annotations = [
        {"image_id": unit, "category_id": category[name], **_annotation(finding, readers)}
        for unit, _, image in rows
        for name, finding, readers in _findings(image)
    ]
    return {
        "images": [
            {"id": unit, "file_name": file, "width": image.width, "height": image.height}
            for unit, file, image in rows
        ],
        "categories": [
            {"id": number, "name": label or question, "supercategory": question}
            for (question, label), number in category.items()
        ],
        "annotations": [{"id": number, **one} for number, one in enumerate(annotations, 1)],
    }


def _findings(image: AnnotatedImage) -> Iterator[tuple[tuple[str, str], Finding, int]]:
    for question, drawn in image.drawn.items():
        for finding in drawn.standing:
            yield (question, finding.mark.label), finding, len(drawn.drawings)


def _annotation(finding: Finding, readers: int) -> dict[str, Any]:
    mark = finding.mark
    across, down = [x for x, _ in mark.points], [y for _, y in mark.points]
    left, top = min(across), min(down)
    width, height = max(across) - left, max(down) - top
    return {
        "bbox": [round(number, DIGITS) for number in (left, top, width, height)],
        "area": round(_area(mark, width, height), DIGITS),
        "iscrowd": 0,
        **_shape(mark),
        "kind": mark.kind.value,
        "score": round(finding.support, 4),
        "drawn_by": len(finding.drawn_by),
        "readers": readers,
    }


def _shape(mark: Mark) -> dict[str, Any]:
    flat = [round(number, DIGITS) for point in mark.points for number in point]
    if mark.kind == MarkKind.BOX:
        return {}
    if mark.kind == MarkKind.POLYGON:
        return {"segmentation": [flat]}
    points = [(round(x, DIGITS), round(y, DIGITS), 2) for x, y in mark.points]
    return {
        "keypoints": [number for point in points for number in point],
        "num_keypoints": len(points),
    }


def _area(mark: Mark, width: float, height: float) -> float:
    """Of an outline by the shoelace formula."""
    if mark.kind == MarkKind.BOX:
        return width * height
    if mark.kind != MarkKind.POLYGON:
        return 0.0
    after = (*mark.points[1:], mark.points[0])
    pairs = zip(mark.points, after, strict=True)
    return abs(sum(x * there - y * across for (x, y), (across, there) in pairs)) / 2
