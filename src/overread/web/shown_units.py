"""What the reading page gets of a page's units, whoever reads: contributor, or owner who tries."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from overread.store.hot.knowledge import Context
from overread.store.hot.rows import Picture
from overread.web import images

Document = dict[str, Any]


def shown_units(
    by_place: Mapping[int, int],
    pictures: Mapping[int, Sequence[Picture]],
    context: Context,
    *,
    viewer: str,
    expires: int,
) -> list[Document]:
    """By place, with images that `viewer` may fetch until about `expires` (ms UTC)."""
    return [
        {"place": place, "images": [_image(one, viewer, expires) for one in pictures[unit]]}
        | ({"context": context[unit]} if unit in context else {})
        for place, unit in by_place.items()
    ]


def _image(picture: Picture, viewer: str, expires: int) -> Document:
    return {
        "role": picture.role,
        "address": images.address(picture.handle, viewer, expires),
        "width": picture.width,
        "height": picture.height,
        "synthetic": bool(picture.synthetic),
        "full": _full(picture, viewer, expires) if picture.full else None,
    }


def _full(picture: Picture, viewer: str, expires: int) -> Document:
    assert picture.full is not None
    return {
        "address": images.address(picture.full, viewer, expires),
        "width": picture.full_width,
        "height": picture.full_height,
        "greys": msgspec.Raw(picture.greys.encode()),
    }
