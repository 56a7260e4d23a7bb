"""What was refused or held: where, what, and what to do next."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self


class Message(str):
    """A sentence for a person that can still be translated.

    It reads as its English text. `template` is the gettext message and `values` fill it in, so
    that a page may say it in another language: `gettext(message.template).format(**values)`.
    """

    template: str
    values: dict[str, str | int]

    def __new__(cls, template: str, **values: str | int) -> Self:
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template = template
        message.values = values
        return message

    def document(self) -> dict[str, Any]:
        """The message as it is stored, still to be translated."""
        return {"template": self.template, "values": self.values}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        return cls(document["template"], **document["values"])


@dataclass(frozen=True)
class Problem:
    """One thing that was refused or held. `row` counts from 1, without the header.

    A note tells how something was read; nothing was refused or held for it.
    """

    source: str
    row: int | None
    column: str | None
    problem: Message
    advice: Message
    is_note: bool = False

    def said(self, say: Callable[[Message], str]) -> "Problem":
        """The same in another language."""
        words = Message(say(self.problem)), Message(say(self.advice))
        return replace(self, problem=words[0], advice=words[1])

    def document(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "row": self.row,
            "column": self.column,
            "problem": self.problem.document(),
            "advice": self.advice.document(),
            **({"note": True} if self.is_note else {}),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        problem = Message.from_document(document["problem"])
        advice = Message.from_document(document["advice"])
        source, row, column = (document[name] for name in ("source", "row", "column"))
        return cls(source, row, column, problem, advice, document.get("note", False))

    def __str__(self) -> str:
        where = [self.source] if self.source else []
        where += [f"row {self.row}"] if self.row is not None else []
        where += [f"column {self.column}"] if self.column is not None else []
        return ": ".join(filter(None, [", ".join(where), f"{self.problem} {self.advice}".strip()]))


class Refused(ValueError):
    """Nothing was taken in, for the reason in `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem)

    @classmethod
    def because(cls, problem: Message, advice: Message, *, source: str = "") -> Self:
        return cls(Problem(source, None, None, problem, advice))
