"""The language of `only-if`: `field`, `field:[value]`, `field:[index]`, `field:unchecked`, `!`,
`++` (and), `||` (or).
"""

import re
from collections.abc import Callable, Sequence

from overread.core.golden import accepted_values
from overread.core.logic import Condition, Logic, expanded
from overread.core.problems import Message
from overread.core.questions import AnyQuestion, YesNo

Lookup = Callable[[str], AnyQuestion | None]
MOST = 1000  # conditions

_TERM = re.compile(r"(?P<not>!?)\s*(?P<name>[\w-]+)\s*(:\s*(\[(?P<value>[^\]]*)\]|(?P<word>\w+)))?")
# One character on either side: many blanks would be looked at again from each of them.
_OR = re.compile(r"\|\||(?<=\s)or(?=\s)", re.IGNORECASE)
_AND = re.compile(r"\+\+|(?<=\s)and(?=\s)", re.IGNORECASE)
# What may stand between the brackets as it is: a number would be an index.
_PLAIN = re.compile(r"(?!\d+\Z)[\w .,/-]+\Z")


class NotUnderstood(ValueError):
    """What can't be read as a condition, and what to write instead."""

    def __init__(self, problem: Message, advice: Message) -> None:
        super().__init__(str(problem))
        self.problem, self.advice = problem, advice


def read_only_if(text: str, lookup: Lookup) -> Logic | None:
    """Raises NotUnderstood."""
    if not text.strip():
        return None
    terms = [[_condition(term, lookup) for term in _AND.split(part)] for part in _OR.split(text)]
    if sum(map(len, terms)) > MOST:
        words = Message("There are more than {most} conditions.", most=MOST)
        raise NotUnderstood(words, Message("Make it simpler."))
    if len(terms) == 1 and len(terms[0]) == 1:
        return terms[0][0]
    return tuple(tuple(every) for every in terms)


def _condition(term: str, lookup: Lookup) -> Condition:
    match = _TERM.fullmatch(term.strip())
    if match is None:
        raise NotUnderstood(
            Message("“{term}” is no condition.", term=term.strip()),
            Message(
                "Write a question's name, name:[value] or !name:[value]; join them by ++ or ||."
            ),
        )
    name, negated = match["name"], bool(match["not"])
    other = lookup(name)
    if match["word"]:
        if match["word"].lower() != "unchecked":
            raise NotUnderstood(
                Message("“{word}” is no condition.", word=match["word"]),
                Message("Write {name}:[value] or {name}:unchecked.", name=name),
            )
        values = (other.yes,) if isinstance(other, YesNo) else ()
        return Condition(name, values, negated=not negated)
    if match["value"] is None:
        values = (other.yes,) if isinstance(other, YesNo) else ()
        return Condition(name, values, negated)
    return Condition(name, (_value(match["value"].strip(), other),), negated)


def _value(text: str, other: AnyQuestion | None) -> str:
    """A value, or the one at an index that counts from 0."""
    offered = list(accepted_values(other)) if other else []
    if text.isdecimal() and len(text) < 6 and int(text) < len(offered):
        return offered[int(text)]
    return text


def write_only_if(logic: Logic | None, lookup: Lookup) -> str:
    return "||".join(
        "++".join(_term(condition, lookup) for condition in every) for every in expanded(logic)
    )


def _term(condition: Condition, lookup: Lookup) -> str:
    sign = "!" if condition.negated else ""
    if not condition.values:
        return f"{sign}{condition.question}"
    other = lookup(condition.question)
    offered = list(accepted_values(other)) if other else []
    return f"{sign}{condition.question}:[{_written(condition.values[0], offered)}]"


def _written(value: str, offered: Sequence[str]) -> str:
    if _PLAIN.match(value) and value == value.strip():
        return value
    return str(offered.index(value)) if value in offered else value
