"""The order of answers: fixed, or turned from contributor to contributor.

Which answer stands first sways people. Over all contributors each settling answer stands in each
place equally often (a Latin square, by rotation); answers such as "unsure" stay at the end.
"""

from collections.abc import Sequence

import msgspec

from overread.core.questions import Choice, Choosing


def order_for(contributor: int, question: Choosing) -> Sequence[Choice]:
    """The choices as one contributor sees them. Digit keys stay with the places, so that 1 is
    always the first; other keys go with their answer.
    """
    settling = [choice for choice in question.choices if choice.settles]
    if not question.counterbalanced or len(settling) < 2:
        return question.choices
    turn = contributor % len(settling)
    turned = iter(settling[turn:] + settling[:turn])
    ordered = [next(turned) if choice.settles else choice for choice in question.choices]
    if not all(choice.key.isdigit() for choice in settling):
        return ordered
    return [
        msgspec.structs.replace(choice, key=place.key)
        for choice, place in zip(ordered, question.choices, strict=True)
    ]
