"""Choices in CML, and what may be guessed of an answer that says no more than its label."""

import re
from collections.abc import Sequence
from html import escape

from overread.core.questions import Choice
from overread.formats.cml.scan import Element

_UNSETTLED = {
    "unknown", "unsure", "not_sure", "notsure", "ns", "uncertain", "uncategorized", "other",
    "cant_tell", "can_t_tell", "unclear", "dont_know", "don_t_know", "not_certain", "maybe",
}  # fmt: skip
_GIVEN = {"yes": ("1", "true"), "no": ("0", "false")}


def slug(text: str) -> str:
    """What the reference platform makes of a label: lower case, letters, digits and _."""
    return re.sub(r"[^a-z0-9_]", "", re.sub(r"\s+", "_", text.strip().lower()))


def read_choice(element: Element) -> Choice:
    label = element.get("label") or element.get("value")
    value = element.get("value") or slug(label)
    given = element.attributes.get("data-given")
    settles = element.get("data-settles").lower()
    return Choice(
        value,
        label,
        element.get("data-key"),
        settles != "false" if settles else _settles(value, label),
        _split(given.value) if given else _GIVEN.get(value.lower(), ()),
        element.get("data-reason"),
    )


def _settles(value: str, label: str) -> bool:
    return not {slug(value), slug(label)} & _UNSETTLED


def write_choice(tag: str, choice: Choice) -> str:
    usual = _GIVEN.get(choice.value.lower(), ())
    settles = "true" if choice.settles else "false"
    attributes = {
        "label": choice.label,
        "value": choice.value,
        "data-key": choice.key or None,
        "data-settles": None if choice.settles == _settles(choice.value, choice.label) else settles,
        "data-given": None if choice.given == usual else _joined(choice.given),
        "data-reason": choice.reason or None,
    }
    return f"<cml:{tag}{written(attributes)}/>"


def written(attributes: dict[str, str | None]) -> str:
    """Attributes as they stand in a tag; None leaves one out."""
    return "".join(
        f' {name}="{_quoted(value)}"' for name, value in attributes.items() if value is not None
    )


def _quoted(value: str) -> str:
    return escape(value, quote=False).replace('"', "&quot;")


def _joined(cells: Sequence[str]) -> str:
    """Cells with | between; one in a cell is written \\|."""
    return "|".join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells)


def _split(text: str) -> tuple[str, ...]:
    cells = re.findall(r"(?:\\.|[^|\\])+", text)
    return tuple(re.sub(r"\\(.)", r"\1", cell) for cell in cells)


def write_choices(tag: str, choices: Sequence[Choice]) -> list[str]:
    return [write_choice(tag, choice) for choice in choices]
