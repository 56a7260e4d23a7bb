"""What an answer is, what can be wrong with one, and when it fits the accepted ones."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Answers = Mapping[str, object]


class Wrong(StrEnum):
    """What can be wrong with an answer; the words for it are chosen where it is shown."""

    MISSING = "missing"
    NOT_OFFERED = "not offered"
    NOT_ASKED = "not asked"
    OUT_OF_RANGE = "out of range"
    MALFORMED = "malformed"


class Matching(StrEnum):
    """When an answer to a test question is right; the reference platform's three rules.

    ANY: one of the values given is accepted. STRICT: all that are given are. EXACT: those given
    are the accepted ones, no more and no less.
    """

    ANY = "any"
    STRICT = "strict"
    EXACT = "exact"

    def fits(self, accepted: Collection[str], given: Collection[str]) -> bool:
        right, said = set(accepted), set(given)
        if self == Matching.EXACT:
            return said == right
        return bool(said & right) and (self == Matching.ANY or said <= right)


@dataclass(frozen=True)
class WrongAnswer:
    question: str
    wrong: Wrong


def is_empty(answer: object) -> bool:
    return answer is None or answer == "" or answer == []


def as_values(answer: object) -> Sequence[str]:
    """An answer of any type as the list of its values, as reports print them.

    Marks are one value together: their JSON.
    """
    if answer is None:
        return ()
    if isinstance(answer, list | tuple):
        if any(isinstance(one, Mapping) for one in answer):
            return (json.dumps(answer, ensure_ascii=False, separators=(",", ":")),)
        return tuple(_as_value(value) for value in answer)
    return (_as_value(answer),)


def _as_value(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
