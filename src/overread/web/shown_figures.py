"""How good the labels are, as rows with a number, an interval and a place on a scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from overread.core.aggregation.drawn_images import OVERLAP, PRESENCE
from overread.core.design import Design
from overread.store.models import ModelFit
from overread.store.models.people import Expertise
from overread.store.queries.drawn import drawn_questions
from overread.store.queries.fits import FIT_VERSION


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


def shown_figures(fit: ModelFit | None, design: Design) -> list[Group]:
    """Nothing before the first fit, or of one by an earlier version, which soon comes anew."""
    figures = fit.figures if fit and fit.version == FIT_VERSION else {}
    if not figures:
        return []
    labels = {choice.value: choice.label for choice in design.main_question.choices}
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
            _drawn(one.label, found, {label.value: label.label for label in one.labels})
            for one in drawn_questions(design)
            if (found := figures["marks"].get(one.name))
        ),
        *(
            _where(figures["compared_by"], cell, found, labels)
            for cell, found in figures["by_subgroup"].items()
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


def _where(column: str, cell: str, found: Mapping[str, Any], labels: Mapping[str, str]) -> Group:
    title = _("Images with {column}: {cell}").format(column=column, cell=cell or _("empty"))
    rows = {
        _("labels that are right, as the method expects"): found["expected"],
        _("answers that are right, on test questions"): found["answers"],
        **{
            _("how frequent: {answer}").format(answer=labels.get(value, value)): one
            for value, one in found["prevalence"].items()
        },
        **_coefficients(found["agreement"]),
    }
    return Group(title, "", _rows(rows))


def _drawn(question: str, found: Mapping[str, Any], labels: Mapping[str, str]) -> Group:
    title = _("Marks: {question}").format(question=question)
    words = {
        OVERLAP: _("overlap of two readers' marks (100 % where both drew the same, or nothing)"),
        PRESENCE: _("agreement beyond chance on whether there is anything to draw"),
    }
    rows = {words[name]: one for name, one in found["agreement"].items()}
    for value, one in found["labels"].items():
        if value:
            row = _("images where {mark} stands").format(mark=labels.get(value, value))
        else:
            row = _("images where a mark stands")
        rows[row] = one
    return Group(title, "", _rows(rows))


def _rows(intervals: Mapping[str, Mapping[str, Any] | None]) -> list[Row]:
    """Those that are defined."""
    return [
        Row(label, *(round(100 * one[key]) for key in ("estimate", "low", "high")))
        for label, one in intervals.items()
        if one and one["estimate"] is not None
    ]
