"""When a question is asked, or a derived answer holds: conditions on other answers."""

from collections.abc import Iterator
from itertools import groupby, product
from math import prod

import msgspec

from overread.core.answers import Answers, as_values

MOST_ALTERNATIVES = 1000


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another question has one of these answers; any answer at all where none is listed.

    `negated` turns it round: it then also holds where the other question has no answer.
    """

    question: str
    values: tuple[str, ...] = ()
    negated: bool = False

    def holds(self, answers: Answers) -> bool:
        given = [value for value in as_values(answers.get(self.question)) if value]
        found = bool(set(given) & set(self.values)) if self.values else bool(given)
        return found != self.negated


# One condition, or several lists of them: it holds where all conditions of any list do.
Logic = Condition | tuple[tuple[Condition, ...], ...]


def alternatives(logic: Logic | None) -> tuple[tuple[Condition, ...], ...]:
    """Lists of conditions, of which one list has to hold; no condition always holds."""
    if logic is None:
        return ((),)
    return ((logic,),) if isinstance(logic, Condition) else logic


def holds(logic: Logic | None, answers: Answers) -> bool:
    return any(all(one.holds(answers) for one in every) for every in alternatives(logic))


def both(outer: Logic | None, inner: Logic | None) -> Logic | None:
    """What holds where both do. Raises ValueError where that takes too many conditions."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    if len(alternatives(outer)) * len(alternatives(inner)) > MOST_ALTERNATIVES:
        raise ValueError("too many conditions")
    return tuple(
        tuple(dict.fromkeys((*left, *right)))
        for left, right in product(alternatives(outer), alternatives(inner))
    )


def conditions(logic: Logic | None) -> Iterator[Condition]:
    for every in alternatives(logic):
        yield from every


def weight(logic: Logic | None) -> int:
    """How many lists of single conditions say the same."""
    return sum(
        prod(max(1, len(one.values)) for one in every if not one.negated)
        for every in alternatives(logic)
    )


def expanded(logic: Logic | None) -> tuple[tuple[Condition, ...], ...]:
    """The same with at most one value in each condition; empty where nothing has to hold."""
    if logic is None:
        return ()
    found = (
        tuple(dict.fromkeys(one for part in parts for one in part))
        for every in alternatives(logic)
        for parts in product(*map(_single, every))
    )
    return tuple(dict.fromkeys(found))


def _single(condition: Condition) -> list[tuple[Condition, ...]]:
    """One of these lists has to hold."""
    name, negated = condition.question, condition.negated
    if len(condition.values) < 2:
        return [(condition,)]
    each = [Condition(name, (value,), negated) for value in dict.fromkeys(condition.values)]
    return [tuple(each)] if negated else [(one,) for one in each]


def folded(logic: Logic | None) -> Logic | None:
    """The same in as few conditions as it was meant in: `expanded` turned round."""
    if logic is None:
        return None
    lists: list[tuple[Condition, ...]] = [_joined(every) for every in expanded(logic)]
    before = None
    while before != len(lists):
        before = len(lists)
        lists = _merged(lists)
    return lists[0][0] if len(lists) == 1 and len(lists[0]) == 1 else tuple(lists)


def _joined(every: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Not this and not that answer to a question are one condition."""
    found: list[Condition] = []
    for (name, is_joined), same in groupby(every, key=lambda one: (one.question, _excludes(one))):
        if is_joined:
            values = tuple(value for one in same for value in one.values)
            found.append(Condition(name, values, negated=True))
        else:
            found += same
    return tuple(found)


def _excludes(one: Condition) -> bool:
    return one.negated and bool(one.values)


def _merged(lists: list[tuple[Condition, ...]]) -> list[tuple[Condition, ...]]:
    """Neighbours that differ in one answer alone are one list."""
    found: list[tuple[Condition, ...]] = []
    for every in lists:
        both_ways = _either(found[-1], every) if found else None
        if both_ways is None:
            found.append(every)
        else:
            found[-1] = both_ways
    return found


def _either(
    left: tuple[Condition, ...], right: tuple[Condition, ...]
) -> tuple[Condition, ...] | None:
    """One list that says left or right, in the same order when it is expanded again."""
    differ = [place for place, (a, b) in enumerate(zip(left, right, strict=False)) if a != b]
    if len(left) != len(right) or len(differ) != 1:
        return None
    [place] = differ
    a, b = left[place], right[place]
    is_alike = a.question == b.question and not a.negated and not b.negated
    is_in_order = all(len(one.values) < 2 or one.negated for one in left[:place])
    if not (is_alike and is_in_order and a.values and b.values) or set(a.values) & set(b.values):
        return None
    merged = Condition(a.question, (*a.values, *b.values))
    return (*left[:place], merged, *left[place + 1 :])
