"""An element of CML as a typed question."""

import re
from collections.abc import Callable
from contextlib import suppress
from html import unescape
from typing import Any

import msgspec
import nh3

from overread.core.design import (
    Aggregation,
    AnyQuestion,
    Choice,
    Derived,
    Hidden,
    Logic,
    MarkKind,
    Marks,
    Matching,
    Number,
    OneChoice,
    Rating,
    Rule,
    Scope,
    SeveralChoices,
    Text,
    YesNo,
)
from overread.core.problems import Message
from overread.core.questions import LARGEST
from overread.formats.cml.choices import read_choice, slug
from overread.formats.cml.only_if import Lookup, NotUnderstood, read_only_if
from overread.formats.cml.problems import Reporter
from overread.formats.cml.scan import Element
from overread.formats.cml.validates import read_validates

# The tags of questions, and those that may stand in each.
CHILDREN: dict[str, tuple[str, ...]] = {
    "text": (),
    "textarea": (),
    "checkbox": (),
    "checkboxes": ("checkbox",),
    "radios": ("radio",),
    "select": ("option",),
    "ratings": ("rating",),
    "hidden": (),
    "shapes": ("option",),
    "derived": ("radio", "rule"),
}
HELPERS = ("instructions", "gold")
# The tag that a child stands in, mostly.
ELSEWHERE = {child: tag for tag, children in reversed(CHILDREN.items()) for child in children}
MOST_POINTS = 100

_QUOTED = re.compile(r"\w+")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_COLUMN = re.compile(r"\{\{-?\s*(\w+)\s*-?\}\}")
_AGGREGATION = re.compile(r"(agg|cagg|avg|all)(?:_(\d*\.?\d+))?")


def read_field(element: Element, text: str, lookup: Lookup, report: Reporter) -> AnyQuestion:
    """The question that an element asks; what it depends on is looked up by name."""
    return _Field(element, text, lookup, report).read()


def name_of(element: Element) -> str:
    return element.get("name") or slug(element.get("label"))


class _Field:
    def __init__(self, element: Element, text: str, lookup: Lookup, report: Reporter) -> None:
        self.element, self.text, self.lookup, self.report = element, text, lookup, report
        self.validation = read_validates(element.get("validates"))

    def read(self) -> AnyQuestion:
        readers: dict[str, Callable[[], AnyQuestion]] = {
            "text": self._text,
            "textarea": self._text,
            "checkbox": self._yes_no,
            "checkboxes": self._several,
            "radios": self._one,
            "select": self._one,
            "ratings": self._rating,
            "hidden": self._hidden,
            "shapes": self._marks,
            "derived": self._derived,
        }
        question = readers[self.element.tag]()
        self._look_over(question)
        return msgspec.structs.replace(
            question, source=self.text[self.element.start : self.element.end]
        )

    def _common(self, testable: bool = True) -> dict[str, Any]:
        element = self.element
        return {
            "name": name_of(element),
            "label": element.get("label"),
            "help": self._help(),
            "required": self.validation.required,
            "only_if": self._logic(element),
            "scope": self._scope(),
            "part": element.get("data-part"),
            "tested": testable and element.get("gold").lower() != "false",
            "matching": self._matching(),
            **self._aggregation(),
        }

    def _help(self) -> str:
        if "instructions" in self.element.attributes:
            return self.element.get("instructions")
        for child in self.element.children:
            if child.tag == "instructions":
                inside = self.text[child.opened : child.closed]
                return " ".join(_plain(inside).split())
        return ""

    def _logic(self, element: Element) -> Logic | None:
        try:
            return read_only_if(element.get("only-if"), self.lookup)
        except NotUnderstood as error:
            self.report.error(element.at("only-if"), error.problem, error.advice)
            return None

    def _scope(self) -> Scope:
        name = self.element.get("data-scope") or Scope.STUDY.value
        if name in set(Scope):
            return Scope(name)
        known = ", ".join(Scope)
        self.report.error(
            self.element.at("data-scope"),
            Message("“{name}” is nothing that an answer is about.", name=name),
            Message("Write one of: {known}.", known=known),
        )
        return Scope.STUDY

    def _matching(self) -> Matching:
        gold = next((one for one in self.element.children if one.tag == "gold"), None)
        for matching in (Matching.EXACT, Matching.STRICT):
            for place in filter(None, (self.element, gold)):
                if place.get(matching.value).lower() == "true":
                    return matching
        return Matching.ANY

    def _aggregation(self) -> dict[str, Any]:
        name = self.element.get("aggregation")
        match = _AGGREGATION.fullmatch(name)
        if match is None:
            if name:
                self.report.warn(
                    self.element.at("aggregation"),
                    Message("The aggregation {name} is not computed here.", name=name),
                    Message("Known are agg, avg, all and cagg_x; until then all answers are kept."),
                )
            return {"aggregation": Aggregation.ALL if name else None}
        found: dict[str, Any] = {"aggregation": Aggregation(match[1])}
        return found | ({"threshold": float(match[2])} if match[2] else {})

    def _text(self) -> Text | Number:
        found, element = self.validation, self.element
        if found.is_number:
            return Number(
                **self._common(testable=False),
                whole=found.whole,
                minimum=self._number("data-min", found.minimum),
                maximum=self._number("data-max", found.maximum),
                unit=element.get("data-unit"),
            )
        return Text(
            **self._common(testable=False),
            long=element.tag == "textarea" or element.get("multiple").lower() == "true",
            format=found.format,
            shortest=found.shortest,
            longest=found.longest,
            prompt=element.get("default"),
        )

    def _number(self, name: str, otherwise: float | None) -> float | None:
        if name not in self.element.attributes:
            return otherwise
        text = self.element.get(name)
        with suppress(ValueError):
            # Written so that it refuses what is no number by its name too.
            if abs(number := float(text)) <= LARGEST:
                return number
        words = Message("“{value}” is no number.", value=text[:20])
        self.report.error(self.element.at(name), words, Message("Write a number as 1.5."))
        return otherwise

    def _yes_no(self) -> YesNo:
        yes = self.element.get("value") or "true"
        no, key = self.element.get("default"), self.element.get("data-key")
        return YesNo(**self._common(), yes=yes, no=no, key=key)

    def _one(self) -> OneChoice:
        return OneChoice(**self._common(), **self._choosing(), menu=self.element.tag == "select")

    def _several(self) -> SeveralChoices:
        return SeveralChoices(**self._common(), **self._choosing())

    def _choosing(self) -> dict[str, Any]:
        return {
            "choices": self._choices(),
            "counterbalanced": self.element.get("data-order").lower() == "counterbalanced",
        }

    def _choices(self) -> tuple[Choice, ...]:
        tags = [tag for tag in CHILDREN[self.element.tag] if tag != "rule"]
        return tuple(read_choice(one) for one in self.element.children if one.tag in tags)

    def _rating(self) -> Rating:
        children = [one for one in self.element.children if one.tag == "rating"]
        common = self._common()
        common["lowest"], common["highest"] = (
            self.element.get("data-lowest"),
            self.element.get("data-highest"),
        )
        if not children:
            return Rating(**common, points=self._points())
        choices = [read_choice(one) for one in children]
        values, labels = [one.value for one in choices], [one.label for one in choices]
        first = int(values[0]) if _WHOLE.fullmatch(values[0]) else 1
        if values != [str(number) for number in range(first, first + len(values))]:
            self.report.error(
                children[0].start,
                Message("The values of a rating are whole numbers in a row."),
                Message('Write value="1", value="2" and so on, or use cml:radios.'),
            )
        names = () if labels == values else tuple(labels)
        return Rating(**common, points=len(values), first=first, names=names)

    def _points(self) -> int:
        text = self.element.get("points") or "5"
        if _WHOLE.fullmatch(text) and 2 <= int(text) <= MOST_POINTS:
            return int(text)
        words = Message("“{points}” points are no rating.", points=text[:20])
        self.report.error(self.element.at("points"), words, Message('Write points="5".'))
        return 5

    def _hidden(self) -> Hidden:
        element = self.element
        if "{{" in element.get("value"):
            words = Message("A hidden field keeps its text as it is written, Liquid too.")
            advice = Message("Columns stand in the reports by themselves.")
            self.report.warn(element.at("value"), words, advice)
        common = self._common(testable=False) | {"required": True}
        return Hidden(**common, value=element.get("value"))

    def _marks(self) -> Marks:
        element = self.element
        review = _COLUMN.search(element.get("review-data"))
        labels = self._choices()
        if element.get("ontology").lower() == "true" and not labels:
            self.report.warn(
                element.at("ontology"),
                Message("What the shapes can be called is not in the form."),
                Message('Add <cml:option label="…" value="…"/> to cml:shapes for each class.'),
            )
        most = self._number("data-max", None)
        return Marks(
            **self._common(testable=False),
            kinds=self._kinds(),
            labels=labels,
            min=int(self._number("data-min", None) or 0),
            max=None if most is None else int(most),
            review=review[1] if review else "",
        )

    def _kinds(self) -> tuple[MarkKind, ...]:
        names = _QUOTED.findall(self.element.get("type")) or [MarkKind.BOX.value]
        for name in names:
            if name not in set(MarkKind):
                self.report.warn(
                    self.element.at("type"),
                    Message("Nobody can draw “{name}” here.", name=name),
                    Message("Use one of: {known}.", known=", ".join(MarkKind)),
                )
        return tuple(dict.fromkeys(MarkKind(name) for name in names if name in set(MarkKind)))

    def _derived(self) -> Derived:
        rules = [one for one in self.element.children if one.tag == "rule"]
        read = tuple(Rule(one.get("value"), self._logic(one)) for one in rules)
        return Derived(**self._common() | {"required": True}, **self._choosing(), rules=read)

    def _look_over(self, question: AnyQuestion) -> None:
        """What was written and does nothing here."""
        for name in self.validation.unknown:
            self.report.warn(
                self.element.at("validates"),
                Message("The validator {name} is not checked here.", name=name),
                Message("See which are in docs/reference/cml.md."),
            )
        if not question.is_testable and self.element.get("gold").lower() == "true":
            self.report.warn(
                self.element.at("gold"),
                Message("Test questions can't test “{name}”.", name=question.name),
                Message("They test choices, boxes to tick and ratings."),
            )


def _plain(html: str) -> str:
    """The words of a piece of HTML."""
    return unescape(nh3.clean(html, tags=set()))
