"""Questions as a contributor's page gets them: nothing of what answers mean to the owner."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from overread.core.counterbalance import order_for
from overread.core.design import (
    AnyQuestion,
    Choice,
    Derived,
    Design,
    Hidden,
    Marks,
    Number,
    OneChoice,
    Rating,
    Scope,
    SeveralChoices,
    Text,
    YesNo,
)
from overread.core.logic import Logic, alternatives

Document = dict[str, Any]


def shown_questions(design: Design, contributor: int = 0) -> list[Document]:
    """`contributor` chooses the order of counterbalanced answers; hidden questions stay here."""
    return [
        _common(question) | _own(question, contributor)
        for question in design.questions
        if not isinstance(question, Hidden)
    ]


def _common(question: AnyQuestion) -> Document:
    return {
        "name": question.name,
        "type": question.__struct_config__.tag,
        "label": question.label,
        "help": question.help,
        "required": question.required,
        "only_if": logic_document(question.only_if),
        "scope": question.scope.value,
        "part": question.part,
        "where": _where(question),
        "choices": [],
    }


def _where(question: AnyQuestion) -> str:
    """What the answer is about, where it is not the whole; X-rays show the patient mirrored."""
    if question.scope == Scope.SIDE:
        sides = {
            "right": _("The patient's right side: on the left of the image"),
            "left": _("The patient's left side: on the right of the image"),
        }
        return sides.get(question.part, question.part)
    roles = {
        "frontal": _("frontal view"),
        "lateral": _("lateral view"),
        "prior": _("earlier image"),
    }
    if question.scope == Scope.IMAGE:
        return roles.get(question.part, question.part)
    return question.part if question.scope == Scope.REGION else ""


def _own(question: AnyQuestion, contributor: int) -> Document:
    """What only this type has."""
    match question:
        case OneChoice() | SeveralChoices():
            offered = order_for(contributor, question)
            menu = isinstance(question, OneChoice) and question.menu
            return {"choices": _choices(offered), "menu": menu}
        case Derived():
            rules = [
                {"value": one.value, "when": logic_document(one.when)} for one in question.rules
            ]
            return {"choices": _choices(question.choices), "rules": rules}
        case YesNo():
            return {"yes": question.yes, "no": question.no, "key": question.key}
        case Rating():
            return _fields(question, "points", "first", "lowest", "highest", "names")
        case Number():
            return _fields(question, "whole", "minimum", "maximum", "unit")
        case Text():
            return _fields(question, "long", "format", "shortest", "limit", "prompt")
        case Marks():
            labels = {"labels": _choices(question.labels)}
            return _fields(question, "kinds", "min", "max") | labels
    return {}


def _fields(question: AnyQuestion, *names: str) -> Document:
    return {name: getattr(question, name) for name in names}


def _choices(choices: Sequence[Choice]) -> list[Document]:
    """Without keys of their own, answers have their places' digits."""
    own = any(one.key for one in choices)
    keys = [one.key if own else str(place) for place, one in enumerate(choices, 1)]
    return [
        {"value": one.value, "label": one.label, "key": key if len(key) == 1 else ""}
        for one, key in zip(choices, keys, strict=True)
    ]


def logic_document(logic: Logic | None) -> list[list[Document]] | None:
    """Lists of conditions, of which one list has to hold; None where nothing has to."""
    if logic is None:
        return None
    return [
        [{"question": c.question, "values": list(c.values), "negated": c.negated} for c in every]
        for every in alternatives(logic)
    ]
