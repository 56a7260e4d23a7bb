"""How good the labels are, as rows with a number, an interval and a place on a scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from overread.store.models import ModelFit
from overread.store.models.people import Expertise


@dataclass(frozen=True)
class Row:
    """A share in whole per cents and its bounds at 95 %."""

    label: str
    at: int
    low: int
    high: int

    @property
    def drawn_from(self) -> int:
        """On a scale from 0 to 100; agreement can be worse than chance."""
        return max(self.low, 0)

    @property
    def drawn(self) -> int:
        return max(self.high - self.drawn_from, 0)


@dataclass(frozen=True)
class Group:
    title: str
    words: str
    rows: list[Row]


def shown_figures(fit: ModelFit | None, labels: Mapping[str, str]) -> list[Group]:
    """Nothing before the first fit; labels: the answers' words by value."""
    figures = fit.figures if fit else {}
    if not figures:
        return []
    prevalence = {labels.get(value, value): one for value, one in figures["prevalence"].items()}
    groups = [
        Group(
            _("Accuracy"),
            _("The share of labels that are right."),
            _rows(
                {
                    _("as the method expects, if readers err independently"): figures["expected"],
                    _(
                        "measured on test questions held out of the fit, which have more "
                        "judgments than other rows"
                    ): figures["measured"],
                }
            ),
        ),
        Group(
            _("How frequent each answer is"),
            _("Corrected for what contributors confuse."),
            _rows(prevalence),
        ),
        Group(
            _("Agreement"),
            _(
                "How far readers agree beyond chance: 100 % is perfect, 0 % is chance alone. "
                "On such images experts themselves often reach about 50 %."
            ),
            _rows(_coefficients(figures["agreement"])),
        ),
        *_with_themselves(figures.get("with_themselves")),
        *(_among(kind, found) for kind, found in figures["by_expertise"].items()),
        *(
            _where(figures["compared_by"], cell, found)
            for cell, found in figures.get("by_subgroup", {}).items()
        ),
    ]
    return [group for group in groups if group.rows]


def _coefficients(found: Mapping[str, Any]) -> dict[str, Any]:
    words = {"percent agreement": _("two readers give the same answer (chance included)")}
    return {words.get(title, title): one for title, one in found.items()}


def _with_themselves(found: Mapping[str, Any] | None) -> list[Group]:
    if not found:
        return []
    words = _(
        "Rows that the same reader judged twice: {rows}; readers who did: {readers}. "
        "The intervals allow for readers who differ."
    )
    said = words.format(rows=found["repeats"], readers=found["contributors"])
    rows = {
        _("the same answer twice (chance included)"): found["percent"],
        "Krippendorff's alpha": found["alpha"],
    }
    return [Group(_("Agreement of readers with themselves"), said, _rows(rows))]


def _among(expertise: str, found: Mapping[str, Any]) -> Group:
    title = _("Agreement among readers who are: {kind}").format(kind=Expertise(expertise).label)
    return Group(title, "", _rows(_coefficients(found)))


def _where(column: str, cell: str, found: Mapping[str, Any]) -> Group:
    title = _("Agreement on images with {column}: {cell}")
    said = title.format(column=column, cell=cell or _("empty"))
    return Group(said, "", _rows(_coefficients(found)))


def _rows(intervals: Mapping[str, Mapping[str, Any] | None]) -> list[Row]:
    """Those that are defined."""
    return [
        Row(label, *(round(100 * one[key]) for key in ("estimate", "low", "high")))
        for label, one in intervals.items()
        if one and one["estimate"] is not None
    ]
