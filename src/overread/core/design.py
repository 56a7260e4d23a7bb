"""A job's design: instructions, and a lossless tree of markup and typed questions.

The names of what questions are made of can be imported from here too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, Self, TypeVar

import msgspec

from overread.core.answers import Answers, Matching, Wrong, WrongAnswer, as_values
from overread.core.logic import Condition, Logic, both, conditions, folded
from overread.core.marks import Mark, MarkKind
from overread.core.questions import (
    Aggregation,
    AnyQuestion,
    Choice,
    Choosing,
    Derived,
    Hidden,
    Marks,
    Number,
    OneChoice,
    Question,
    Rating,
    Rule,
    Scope,
    SeveralChoices,
    Text,
    YesNo,
)

T = TypeVar("T")

__all__ = [
    "Aggregation",
    "Answers",
    "AnyQuestion",
    "Choice",
    "Choosing",
    "Condition",
    "Derived",
    "Design",
    "Example",
    "ExampleGroup",
    "Group",
    "Hidden",
    "Instructions",
    "Logic",
    "Mark",
    "MarkKind",
    "Marks",
    "Markup",
    "Matching",
    "Node",
    "Number",
    "OneChoice",
    "Question",
    "Rating",
    "Rule",
    "Scope",
    "SeveralChoices",
    "Text",
    "Wrong",
    "WrongAnswer",
    "YesNo",
    "as_values",
    "with_short_conditions",
]


class Markup(msgspec.Struct, frozen=True, tag_field="type", tag="markup"):
    """HTML or Liquid between the questions, kept byte for byte."""

    text: str


class Group(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="group"):
    """Nodes that are shown, and asked, together. `opening` and `closing` are its tags' text."""

    nodes: tuple["Node", ...]
    only_if: Logic | None = None
    opening: str = ""
    closing: str = ""


Node = Markup | Group | AnyQuestion


class Instructions(msgspec.Struct, frozen=True):
    """Four parts, each Markdown."""

    overview: str = ""
    steps: str = ""
    rules: str = ""
    examples: str = ""


class ExampleGroup(StrEnum):
    """TYPICAL of an answer; SUBTLE; MISLEADING: looks ill but is healthy; UNREADABLE."""

    TYPICAL = "typical"
    SUBTLE = "subtle"
    MISLEADING = "misleading"
    UNREADABLE = "unreadable"


class Example(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A unit of the job, withdrawn from work, with what to see on it.

    `answers` is what it shows, by question; `marks` are in pixels of its first image.
    """

    unit: int
    group: ExampleGroup = ExampleGroup.TYPICAL
    caption: str = ""
    answers: dict[str, Any] = {}
    marks: tuple[Mark, ...] = ()


class Design(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """What a contributor reads and answers. Stored as immutable versions.

    `columns` are those of the table whose cells contributors may see.
    """

    instructions: Instructions
    nodes: tuple[Node, ...]
    notice: str = ""
    cannot_be_judged: Choice = Choice("cannot be judged", "This image can't be judged", "x")
    columns: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Read a stored document; raises msgspec.ValidationError where it is none."""
        return msgspec.convert(document, cls)

    def document(self) -> dict[str, Any]:
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built

    @cached_property
    def questions(self) -> tuple[AnyQuestion, ...]:
        """Every question in its order; it is asked where its groups are shown."""
        return tuple(_questions(self.nodes, None))

    @cached_property
    def main_question(self) -> OneChoice | Derived:
        """The question that labels a unit: the first with one choice that test questions test."""
        for question in self.questions:
            if isinstance(question, OneChoice | Derived) and question.tested:
                return question
        raise ValueError("the design has no question with one choice that is tested")

    @cached_property
    def checked(self) -> dict[str, list[WrongAnswer]]:
        """What is wrong with answers that were checked before, by their text."""
        return {}

    @cached_property
    def computed(self) -> tuple[Derived | Hidden, ...]:
        """In the order in which they need one another, as the reading page has them."""
        by_name = {one.name: one for one in self.questions if isinstance(one, Derived | Hidden)}
        needs = {
            name: {condition.question for logic in one.logics for condition in conditions(logic)}
            for name, one in by_name.items()
        }
        try:
            order = list(TopologicalSorter(needs).static_order())
        except CycleError:  # no such design is stored (core.design_faults)
            order = list(by_name)
        return tuple(by_name[name] for name in order if name in by_name)

    def completed(self, answers: Answers) -> dict[str, Any]:
        """The answers with those that follow from them: what a judgment keeps."""
        found = dict(answers)
        for question in self.computed:
            value = question.compute(found) if question.is_asked(found) else None
            if value is not None:
                found[question.name] = value
        return found

    @cached_property
    def shown_columns(self) -> frozenset[str]:
        """The columns whose cells reach contributors, as words or as marks to review."""
        reviewed = {one.review for one in self.questions if isinstance(one, Marks)}
        return frozenset({*self.columns, *reviewed} - {""})

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.questions)

    def asked_of(self, accepted: Mapping[str, T]) -> dict[str, T]:
        """Of what a test question accepts, what this version asks for."""
        return {name: values for name, values in accepted.items() if name in self.names}

    def is_right(self, accepted: Mapping[str, Collection[str]], answers: Answers) -> bool:
        """Whether answers pass a test question: right on every question that it tests.

        A question that these answers did not lead to was not asked, so it can't be missed.
        """
        return all(
            question.matching.fits(accepted[question.name], as_values(answers.get(question.name)))
            for question in self.questions
            if question.name in accepted and question.is_asked(answers)
        )

    def wrong_answers(self, answers: Answers) -> list[WrongAnswer]:
        """Everything wrong with one unit's answers; empty when they can be stored."""
        known = {question.name for question in self.questions}
        seen = self.completed(answers) if self.computed else answers
        found = [
            WrongAnswer(question.name, wrong)
            for question in self.questions
            if (wrong := question.wrong(answers if question.is_computed else seen)) is not None
        ]
        return found + [WrongAnswer(name, Wrong.NOT_ASKED) for name in answers if name not in known]


def _questions(nodes: Sequence[Node], outer: Logic | None) -> Iterator[AnyQuestion]:
    for node in nodes:
        if isinstance(node, Group):
            yield from _questions(node.nodes, both(outer, node.only_if))
        elif not isinstance(node, Markup):
            logic = both(outer, node.only_if)
            yield node if outer is None else msgspec.structs.replace(node, only_if=logic)


def with_short_conditions(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The same nodes, each condition in as few words as it can be said in."""
    return tuple(map(_shortened, nodes))


def _shortened(node: Node) -> Node:
    if isinstance(node, Markup):
        return node
    if isinstance(node, Group):
        node = msgspec.structs.replace(node, nodes=with_short_conditions(node.nodes))
    if isinstance(node, Derived):
        rules = tuple(Rule(one.value, folded(one.when)) for one in node.rules)
        node = msgspec.structs.replace(node, rules=rules)
    return msgspec.structs.replace(node, only_if=folded(node.only_if))
