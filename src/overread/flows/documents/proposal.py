"""A job's proposal: why, for whom, with what data, how it is kept honest, and what it takes.

What can be computed is filled in; the rest is asked of the owner, in its place.
"""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from overread.core.proposal import Ask, Curve, Part, Pictures, Table, Text, to_markdown
from overread.flows.documents.facts import known
from overread.flows.documents.sections import sections
from overread.formats.markdown import safe_html
from overread.store.models import Job

# Of the drawing of a curve, in its own units.
WIDTH, HEIGHT, LEFT, BOTTOM = 460, 220, 44, 40


def proposal_markdown(job: Job) -> str:
    """To edit; plots are the tables of their points."""
    found = known(job)
    return to_markdown(found.title, sections(found), _("To fill in:"))


def proposal_html(job: Job) -> str:
    """To read and print: one file that needs no network and no script."""
    found = known(job)
    shown = [(one.title, [_part(part) for part in one.parts]) for one in sections(found)]
    asks = sum(isinstance(part, Ask) for one in sections(found) for part in one.parts)
    context = {"title": found.title, "sections": shown, "asks": asks}
    return render_to_string("documents/proposal.html", context)


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Text():
            return {"text": mark_safe(safe_html(part.markdown))}
        case Ask():
            return {"ask": part.question}
        case Table():
            bars = [f"{100 * share:.0f}%" for share in part.shares] or [""] * len(part.rows)
            return {"head": part.head, "rows": list(zip(part.rows, bars, strict=True))}
        case Pictures():
            return {"pictures": part.shown}
        case Curve():
            return {"curve": _drawing(part)}


def _drawing(curve: Curve) -> dict[str, Any]:
    """Where the points of a curve lie; x from its first to its last point, y from 0 to 1."""
    first, last = curve.points[0][0], curve.points[-1][0]
    wide, high = WIDTH - LEFT - 24, HEIGHT - BOTTOM - 12
    dots = [
        (LEFT + wide * (x - first) / (last - first), 12 + high * (1 - y), x, y)
        for x, y in curve.points
    ]
    return {
        "x": curve.x,
        "y": curve.y,
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": LEFT + wide,
        "low": 12 + high,
        "foot": HEIGHT - 6,
        "line": " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in dots),
        "levels": [(f"{12 + high * (1 - level):.1f}", f"{level:.0%}") for level in (0, 0.5, 1)],
        "ticks": [(f"{x:.1f}", f"{value:.0%}") for x, _, value, _ in dots[::2]],
        "points": [(f"{value:.0%}", f"{y:.0%}") for _, _, value, y in dots],
    }
