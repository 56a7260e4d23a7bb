"""A design in words."""

from django import template
from django.utils.translation import gettext as _

from overread.core.design import AnyQuestion, Condition, Design
from overread.core.golden import accepted_values
from overread.core.logic import Logic, alternatives

register = template.Library()


@register.filter
def when(question: AnyQuestion, design: Design) -> str:
    """When a question is asked, as a sentence."""
    return _("Asked only where {condition}.").format(
        condition=logic_words(question.only_if, design)
    )


def logic_words(logic: Logic | None, design: Design) -> str:
    """A condition in words, without a full stop."""
    found = [
        _(" and ").join(_condition(one, design) for one in every) for every in alternatives(logic)
    ]
    return _(", or ").join(filter(None, found))


def _condition(condition: Condition, design: Design) -> str:
    other = next((one for one in design.questions if one.name == condition.question), None)
    label = other.label if other else condition.question
    labels = accepted_values(other) if other else {}
    values = _(" or ").join(f"“{labels.get(value, value)}”" for value in condition.values)
    if not values:
        words = _("“{label}” has no answer") if condition.negated else _("“{label}” is answered")
        return words.format(label=label)
    words = (
        _("the answer to “{label}” is not {values}")
        if condition.negated
        else _("the answer to “{label}” is {values}")
    )
    return words.format(label=label, values=values)
