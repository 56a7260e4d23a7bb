"""Examples as pages show them: in their groups, with picture, marks, caption and answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from overread.core.design import Design, Example, ExampleGroup, Mark, MarkKind
from overread.core.golden import accepted_values
from overread.store.models import Job, Rendition
from overread.store.queries.thumbnails import lossless, thumbnails

Address = Callable[[Rendition], str]


def group_words() -> dict[ExampleGroup, str]:
    return {
        ExampleGroup.TYPICAL: _("Typical"),
        ExampleGroup.SUBTLE: _("Subtle"),
        ExampleGroup.MISLEADING: _("Looks ill, but is healthy"),
        ExampleGroup.UNREADABLE: _("Can't be judged"),
    }


def shown_examples(design: Design, job: Job, address: Address) -> list[dict[str, Any]]:
    """Groups that have examples; `address` gives a picture's address for the one who looks."""
    if not design.examples:
        return []
    found = job.units.in_bulk([one.unit for one in design.examples])
    examples = [one for one in design.examples if one.unit in found]
    pictures = thumbnails(found[one.unit] for one in examples)
    full = lossless(pictures)
    cards = [
        (one, _card(design, one, view, address) | {"film": _film(view, full, address)})
        for one, view in zip(examples, (picture.large for picture in pictures), strict=True)
        if view
    ]
    return [
        {"group": group.value, "label": label, "examples": shown}
        for group, label in group_words().items()
        if (shown := [card for one, card in cards if one.group == group])
    ]


def _card(design: Design, example: Example, picture: Rendition, address: Address) -> dict[str, Any]:
    image = picture.image
    scale = picture.width / image.width if image.width else 1
    return {
        "unit": example.unit,
        "caption": example.caption,
        "answer": answer_words(design, example),
        "address": address(picture),
        "width": picture.width,
        "height": picture.height,
        "synthetic": image.synthetic,
        "shapes": [_shape(mark, scale) for mark in example.marks],
    }


def _film(view: Rendition, lossless: Mapping[int, Rendition], address: Address) -> str:
    """The JSON that an <x-ray> shows the picture by: what units have in docs/judging-api.md."""
    full = lossless.get(view.image_id)
    values = full and {
        "address": address(full),
        "width": full.width,
        "height": full.height,
        "greys": view.image.greys,
    }
    return json.dumps(
        {
            "role": "frontal",
            "address": address(view),
            "width": view.width,
            "height": view.height,
            "synthetic": view.image.synthetic,
            "full": values,
        }
    )


def answer_words(design: Design, example: Example) -> str:
    labels = {one.name: accepted_values(one) for one in design.questions}
    return ", ".join(
        labels.get(name, {}).get(value, value) for name, value in example.answers.items()
    )


def _shape(mark: Mark, scale: float) -> dict[str, Any]:
    """A mark as SVG draws it, in pixels of the picture that is shown."""
    points = [(round(x * scale, 1), round(y * scale, 1)) for x, y in mark.points]
    text = " ".join(f"{x},{y}" for x, y in points)
    if mark.kind == MarkKind.BOX:
        (left, top), (right, bottom) = _corners(points)
        size = {"width": round(right - left, 1), "height": round(bottom - top, 1)}
        return {"kind": "box", "x": left, "y": top, **size}
    if mark.kind == MarkKind.DOT:
        return {"kind": "dot", "x": points[0][0], "y": points[0][1]}
    return {"kind": mark.kind.value, "points": text}


def _corners(
    points: Sequence[tuple[float, float]],
) -> tuple[tuple[float, float], tuple[float, float]]:
    across, down = [x for x, _y in points], [y for _x, y in points]
    return (min(across), min(down)), (max(across), max(down))
