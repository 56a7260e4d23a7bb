"""What readers drew on an image, in words and as an <x-ray> draws it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from overread.core.aggregation.marks import Finding
from overread.core.design import Mark, MarkKind, Marks
from overread.store.models import Rendition
from overread.store.queries.drawn import Drawn


@dataclass(frozen=True)
class Line:
    """A mark in words; who: how many of how many readers drew it, or which."""

    what: str
    where: str
    who: str
    share: float | None = None
    stands: bool = True


def in_words(question: Marks, drawn: Drawn) -> list[Line]:
    """The marks that stand."""
    return [_line(question, one, drawn) for one in drawn.image.standing]


def findings_in_words(question: Marks, drawn: Drawn) -> list[Line]:
    """All findings, those that don't stand too."""
    return [_line(question, one, drawn) for one in drawn.image.findings]


def readers_in_words(question: Marks, drawn: Drawn) -> list[Line]:
    """What each reader drew, or that they drew nothing."""
    return [
        line
        for who, drawing in zip(drawn.by, drawn.image.drawings, strict=True)
        for line in [
            Line(_what(question, mark), _where(mark), who.participation.pseudonym, who.trust)
            for mark in drawing.marks
        ]
        or [Line(_("nothing"), "", who.participation.pseudonym, who.trust)]
    ]


def _line(question: Marks, one: Finding, drawn: Drawn) -> Line:
    count, of = len(one.drawn_by), drawn.readers
    who = _("drawn by {count} of {of}").format(count=count, of=of)
    return Line(_what(question, one.mark), _where(one.mark), who, one.support, one.stands)


def _what(question: Marks, mark: Mark) -> str:
    kinds = {
        MarkKind.BOX: _("box"),
        MarkKind.DOT: _("dot"),
        MarkKind.POLYGON: _("outline"),
        MarkKind.LINE: _("line"),
    }
    labels = {one.value: one.label for one in question.labels}
    kind, label = kinds[mark.kind], labels.get(mark.label, mark.label)
    return f"{kind}: {label}" if label else kind


def _where(mark: Mark) -> str:
    """In pixels of the source, from the upper left."""
    across, down = [round(x) for x, _y in mark.points], [round(y) for _x, y in mark.points]
    if mark.kind == MarkKind.DOT:
        return _("at {x}, {y}").format(x=across[0], y=down[0])
    return _("from {left}, {top} to {right}, {bottom}").format(
        left=min(across), top=min(down), right=max(across), bottom=max(down)
    )


def layers(found: list[Drawn], picture: Rendition | None) -> dict[str, Any]:
    """Marks by layer in pixels of the picture that is shown: readers' thin, the consensus thick."""
    if picture is None or not picture.image.width:
        return {}
    by = picture.width / picture.image.width
    drawings = [drawing for one in found for drawing in one.image.drawings]
    return {
        "readers": [_scaled(mark, by) for one in drawings for mark in one.marks],
        "consensus": [_scaled(one.mark, by) for it in found for one in it.image.standing],
    }


def _scaled(mark: Mark, by: float) -> dict[str, Any]:
    points = [(round(x * by, 2), round(y * by, 2)) for x, y in mark.points]
    return {"kind": mark.kind.value, "points": points, "label": mark.label}
