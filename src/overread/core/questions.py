"""The types of questions, what each takes for an answer, and answers that are derived.

| type | answer |
|---|---|
| one choice | the choice's value |
| several choices | a list of values, each once |
| yes or no | the value of "yes", or that of "no" |
| rating, number | a number |
| text | the text |
| marks | a list of marks (core.marks) |
| derived, hidden | the value that follows; nobody is asked |
"""

from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Literal

import msgspec

from overread.core.answers import Answers, Matching, Wrong, is_empty
from overread.core.logic import Logic, holds
from overread.core.marks import MarkKind, read_marks
from overread.core.text_formats import TextFormat

LARGEST = 1e15  # of a number: whole ones are exact up to it
SHORT, LONG = 500, 10_000  # characters of a text, where the owner sets no limit


class Scope(StrEnum):
    """What an answer is about; `Question.part` says which image, side or region."""

    STUDY = "study"
    IMAGE = "image"
    SIDE = "side"
    REGION = "region"


class Aggregation(StrEnum):
    """How judgments become one answer, by the reference platform's names.

    TOP: the answer with the highest confidence. ABOVE: every answer whose confidence is above
    `Question.threshold`. MEAN: the mean. ALL: everything that was said.
    """

    TOP = "agg"
    ABOVE = "cagg"
    MEAN = "avg"
    ALL = "all"


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer that can be picked.

    `settles` is False for an answer such as "unsure", which leaves a unit unresolved.
    `given` lists the cells of a label column that mean this answer; `reason` is the
    text offered when a labelled row becomes a test question.
    """

    value: str
    label: str
    key: str = ""
    settles: bool = True
    given: tuple[str, ...] = ()
    reason: str = ""


class Question(
    msgspec.Struct, frozen=True, dict=True, omit_defaults=True, kw_only=True, tag_field="type"
):
    """What is asked of every unit; the base of the types below.

    `source` is the text that the question was read from. It is written again, byte for byte, as
    long as it says the same.
    """

    # Nobody is asked: the answer follows from others.
    is_computed: ClassVar[bool] = False
    # A test question can list the answers that it accepts.
    is_testable: ClassVar[bool] = True
    usual_aggregation: ClassVar[Aggregation] = Aggregation.TOP

    name: str
    label: str
    help: str = ""
    required: bool = True
    only_if: Logic | None = None
    scope: Scope = Scope.STUDY
    part: str = ""
    tested: bool = False
    matching: Matching = Matching.ANY
    aggregation: Aggregation | None = None
    threshold: float = 0.5
    source: str = ""

    @property
    def aggregated(self) -> Aggregation:
        return self.aggregation or self.usual_aggregation

    @property
    def second_column(self) -> Literal["confidence", "variance", ""]:
        """What reports print beside the aggregated answer."""
        if self.aggregated == Aggregation.ALL:
            return ""
        return "variance" if self.aggregated == Aggregation.MEAN else "confidence"

    def is_asked(self, answers: Answers) -> bool:
        return holds(self.only_if, answers)

    @property
    def logics(self) -> tuple[Logic | None, ...]:
        """What this question goes by: when it is asked, and what it is computed from."""
        return (self.only_if,)

    def refuse(self, answer: object) -> Wrong | None:
        """What is wrong with an answer that is not empty."""
        raise NotImplementedError

    def wrong(self, answers: Answers) -> Wrong | None:
        """What is wrong with the answer to this question, given all of a unit's answers."""
        answer = answers.get(self.name)
        if self.is_computed or not self.is_asked(answers):
            return None if answer is None else Wrong.NOT_ASKED
        if is_empty(answer):
            return Wrong.MISSING if self.required else None
        return self.refuse(answer)


class Choosing(Question, frozen=True, kw_only=True):
    """A question with choices. `counterbalanced` shows them in an order of each contributor's."""

    choices: tuple[Choice, ...]
    counterbalanced: bool = False

    @cached_property
    def values(self) -> frozenset[str]:
        return frozenset(choice.value for choice in self.choices)


class OneChoice(Choosing, frozen=True, tag="one choice", kw_only=True):
    """`menu` shows a drop-down list."""

    menu: bool = False

    def refuse(self, answer: object) -> Wrong | None:
        is_offered = isinstance(answer, str) and answer in self.values
        return None if is_offered else Wrong.NOT_OFFERED


class SeveralChoices(Choosing, frozen=True, tag="several choices", kw_only=True):
    def refuse(self, answer: object) -> Wrong | None:
        is_offered = (
            isinstance(answer, list)
            and all(isinstance(value, str) and value in self.values for value in answer)
            and len(set(answer)) == len(answer)
        )
        return None if is_offered else Wrong.NOT_OFFERED


class YesNo(Question, frozen=True, tag="yes or no", kw_only=True):
    """A box to tick. A box left empty is answered with `no`; "" keeps no answer of it."""

    yes: str = "true"
    no: str = "false"
    key: str = ""

    def refuse(self, answer: object) -> Wrong | None:
        return None if answer in (self.yes, self.no) else Wrong.NOT_OFFERED


class Rating(Question, frozen=True, tag="rating", kw_only=True):
    """`points` in a line, numbered from `first`; `names` says what each means, or the ends do."""

    usual_aggregation: ClassVar[Aggregation] = Aggregation.MEAN

    points: int = 5
    first: int = 1
    lowest: str = ""
    highest: str = ""
    names: tuple[str, ...] = ()

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.points)

    def refuse(self, answer: object) -> Wrong | None:
        is_offered = type(answer) is int and answer in self.numbers
        return None if is_offered else Wrong.NOT_OFFERED


class Number(Question, frozen=True, tag="number", kw_only=True):
    """Bounds are inclusive."""

    is_testable: ClassVar[bool] = False
    usual_aggregation: ClassVar[Aggregation] = Aggregation.ALL

    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""

    def refuse(self, answer: object) -> Wrong | None:
        if type(answer) not in (int, float) or not abs(answer) <= LARGEST:  # type: ignore[arg-type]
            return Wrong.MALFORMED
        number = float(answer)  # type: ignore[arg-type]
        if self.whole and not number.is_integer():
            return Wrong.MALFORMED
        low = self.minimum is None or number >= self.minimum
        high = self.maximum is None or number <= self.maximum
        return None if low and high else Wrong.OUT_OF_RANGE


class Text(Question, frozen=True, tag="text", kw_only=True):
    """A line, or with `long` several. Lengths are in characters; `longest` 0 is the usual limit."""

    is_testable: ClassVar[bool] = False
    usual_aggregation: ClassVar[Aggregation] = Aggregation.ALL

    long: bool = False
    format: TextFormat = TextFormat.ANY
    shortest: int = 0
    longest: int = 0
    prompt: str = ""

    @property
    def limit(self) -> int:
        return self.longest or (LONG if self.long else SHORT)

    def refuse(self, answer: object) -> Wrong | None:
        if not isinstance(answer, str) or not answer.strip():
            return Wrong.MALFORMED
        if not self.shortest <= len(answer) <= self.limit:
            return Wrong.OUT_OF_RANGE
        return None if self.format.fits(answer) else Wrong.MALFORMED


class Marks(Question, frozen=True, tag="marks", kw_only=True):
    """Drawn on the image. `labels` say what a mark can be; without any, marks have none.

    `review` names a column of the unit with marks that somebody else has drawn: they are shown
    to be kept, changed or taken away.
    """

    is_testable: ClassVar[bool] = False
    usual_aggregation: ClassVar[Aggregation] = Aggregation.ALL

    kinds: tuple[MarkKind, ...] = (MarkKind.BOX,)
    labels: tuple[Choice, ...] = ()
    min: int = 0
    max: int | None = None
    review: str = ""

    def refuse(self, answer: object) -> Wrong | None:
        marks = read_marks(answer)
        if marks is None or not all(mark.is_whole for mark in marks):
            return Wrong.MALFORMED
        labels = {one.value for one in self.labels} or {""}
        if any(mark.kind not in self.kinds or mark.label not in labels for mark in marks):
            return Wrong.NOT_OFFERED
        is_enough = self.min <= len(marks) and (self.max is None or len(marks) <= self.max)
        return None if is_enough else Wrong.OUT_OF_RANGE


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer is `value` where `when` holds; without it, always."""

    value: str
    when: Logic | None = None


class Derived(Choosing, frozen=True, tag="derived", kw_only=True):
    """Computed from other answers: the value of the first rule that holds; shown, never asked."""

    is_computed: ClassVar[bool] = True

    rules: tuple[Rule, ...]

    @property
    def logics(self) -> tuple[Logic | None, ...]:
        return (self.only_if, *(rule.when for rule in self.rules))

    def compute(self, answers: Answers) -> str | None:
        return next((one.value for one in self.rules if holds(one.when, answers)), None)


class Hidden(Question, frozen=True, tag="hidden", kw_only=True):
    """A fixed text that is stored with every judgment and shown to nobody."""

    is_computed: ClassVar[bool] = True
    is_testable: ClassVar[bool] = False
    usual_aggregation: ClassVar[Aggregation] = Aggregation.ALL

    label: str = ""
    value: str = ""

    def compute(self, answers: Answers) -> str | None:
        return self.value or None


AnyQuestion = OneChoice | SeveralChoices | YesNo | Rating | Number | Text | Marks | Derived | Hidden
