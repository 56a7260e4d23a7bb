"""Questions as a page without script shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from overread.core.design import (
    AnyQuestion,
    Choosing,
    Condition,
    Derived,
    Design,
    Hidden,
    Logic,
    Marks,
    Number,
    OneChoice,
    Rating,
    Text,
    YesNo,
)
from overread.core.logic import alternatives


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    key: str = ""


@dataclass(frozen=True)
class Shown:
    """`kind` is the type of its inputs, "" where there are none; `condition` when it is asked."""

    name: str
    label: str
    help: str
    kind: str
    options: Sequence[Option]
    ends: tuple[str, str]
    condition: str
    note: str


def shown(design: Design) -> list[Shown]:
    """The questions that a contributor may be asked, in their order."""
    return [
        Shown(
            name=one.name,
            label=one.label,
            help=one.help,
            kind=_kind(one),
            options=_options(one),
            ends=(one.lowest, one.highest) if isinstance(one, Rating) else ("", ""),
            condition="" if one.is_computed else _condition(design, one.only_if),
            note=_note(one),
        )
        for one in design.questions
        if not isinstance(one, Hidden)
    ]


def answer_label(question: AnyQuestion, value: str) -> str:
    """A value as contributors read it."""
    if isinstance(question, Choosing):
        return next((one.label for one in question.choices if one.value == value), value)
    return value


def _kind(question: AnyQuestion) -> str:
    if isinstance(question, OneChoice | Rating):
        return "radio"
    if isinstance(question, Number):
        return "number"
    if isinstance(question, Text):
        return "long text" if question.long else "text"
    return "" if isinstance(question, Marks | Derived) else "checkbox"


def _options(question: AnyQuestion) -> list[Option]:
    if isinstance(question, Rating):
        numbers = [str(number) for number in question.numbers]
        labels = question.names or tuple(numbers)
        return [Option(*one) for one in zip(numbers, labels, strict=False)]
    if isinstance(question, YesNo):
        return [Option(question.yes, _("yes"), question.key)]
    if isinstance(question, Choosing) and not isinstance(question, Derived):
        return [Option(one.value, one.label, one.key) for one in question.choices]
    return []


def _note(question: AnyQuestion) -> str:
    if isinstance(question, Derived):
        return "" if question.help else _("Follows from the other answers; nobody is asked.")
    if isinstance(question, Marks):
        kinds = {"box": _("boxes"), "dot": _("dots"), "polygon": _("outlines"), "line": _("lines")}
        drawn = ", ".join(kinds[one.value] for one in question.kinds)
        labels = ", ".join(one.label for one in question.labels)
        words = _("Drawn on the image: {drawn}.").format(drawn=drawn)
        return f"{words} {labels}".strip()
    return question.unit if isinstance(question, Number) else ""


def _condition(design: Design, logic: Logic | None) -> str:
    """When a question is asked, in words."""
    if logic is None:
        return ""
    said = [
        _(" and ").join(_one_condition(design, one) for one in every)
        for every in alternatives(logic)
    ]
    return _("Asked only where {condition}.").format(condition=_(", or ").join(said))


def _one_condition(design: Design, condition: Condition) -> str:
    other = next((one for one in design.questions if one.name == condition.question), None)
    label = other.label if other else condition.question
    values = [answer_label(other, one) if other else one for one in condition.values]
    if condition.negated:
        words = _("“{label}” is not {values}") if values else _("“{label}” has no answer")
    else:
        words = _("“{label}” is {values}") if values else _("“{label}” has an answer")
    return words.format(label=label, values=_(" or ").join(f"“{one}”" for one in values))
