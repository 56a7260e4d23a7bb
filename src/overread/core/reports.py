"""What a reader can say is wrong with an image, and what follows from it."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    NAME_VISIBLE = "name visible"
    OTHER_KIND = "other kind"
    SIDEWAYS = "sideways"
    UNREADABLE = "unreadable"
    UPSETTING = "upsetting"
    URGENT = "urgent"
    NOT_SHOWN = "not shown"


# At once, on one reader's word: a privacy breach, and what nobody can judge.
HOLD = frozenset({Reason.NAME_VISIBLE, Reason.NOT_SHOWN})
# A lay reader may be wrong about these, so it takes two.
HOLD_BY_TWO = frozenset({Reason.OTHER_KIND, Reason.UNREADABLE})
# The owner should look before anything else.
PRESSING = frozenset({Reason.NAME_VISIBLE, Reason.URGENT})
# One reader's word holds so many units that nobody has looked at yet, so that no one can stop a
# job alone; a visible name is hidden all the same.
MOST_HELD_BY_ONE = 20


@dataclass(frozen=True)
class Following:
    """`held`: nobody is asked to judge the unit. `hidden`: no contributor sees the image.

    `dropped`: this reader is not asked to judge it; it says of a test question no more than of
    any other unit.
    """

    held: bool
    hidden: bool
    dropped: bool = False


def following(
    reason: Reason, *, readers: int, held_by_this_reader: int, is_test: bool = False
) -> Following:
    """What a report leads to.

    `readers` is how many have given this reason for the unit, this one among them;
    `held_by_this_reader` how many units are held on this reader's word and not looked at yet.
    A test question that one reader can't see stays for the others: nobody does away with the
    quiz alone.
    """
    if reason == Reason.NAME_VISIBLE:
        return Following(held=True, hidden=True, dropped=True)
    if held_by_this_reader >= MOST_HELD_BY_ONE:
        return Following(held=False, hidden=False)
    at_once = reason in HOLD and not (is_test and readers < 2)
    held = at_once or (reason in HOLD_BY_TWO and readers >= 2)
    return Following(held=held, hidden=False, dropped=held or reason in HOLD)
