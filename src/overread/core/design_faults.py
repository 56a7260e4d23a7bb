"""What keeps a design from being used: each fault with what to do about it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from overread.core.design import (
    Aggregation,
    AnyQuestion,
    Choosing,
    Design,
    Hidden,
    Marks,
    Number,
    OneChoice,
    Question,
    Rating,
    Text,
    YesNo,
)
from overread.core.golden import accepted_values
from overread.core.logic import MOST_ALTERNATIVES, Condition, conditions, weight
from overread.core.problems import Message

MOST_POINTS = 20


@dataclass(frozen=True)
class Fault:
    """`question` is the name of the question at fault, "" for the design as a whole."""

    question: str
    problem: Message
    advice: Message


def faults(design: Design) -> list[Fault]:
    """Everything that has to be put right before the design can be stored."""
    found = [*_size(design), *_names(design)]
    if not found:
        by_name = {one.name: one for one in design.questions}
        for question in design.questions:
            found += _own(question, design.cannot_be_judged.key)
            found += _conditions(question, by_name)
        found += _circles(design)
        found += _main(design)
    return found


def _size(design: Design) -> Iterator[Fault]:
    if is_too_heavy(design):
        yield Fault("", Message("There are too many conditions."), Message("Make them simpler."))


def _names(design: Design) -> Iterator[Fault]:
    for name, count in Counter(one.name for one in design.questions).items():
        if count > 1:
            yield Fault(
                name,
                Message("{count} questions are called “{name}”.", count=count, name=name),
                Message("Give each its own name: it is a column of the results."),
            )
    for question in design.questions:
        if not is_name(question.name):
            yield Fault(
                question.name,
                Message("“{name}” can't be the name of a question.", name=question.name),
                Message("Use lower-case letters, digits and _, beginning with a letter."),
            )


def is_name(name: str) -> bool:
    """Whether reports, forms and other systems can take it as a column."""
    return (
        name.isascii()
        and name.replace("_", "a").isalnum()
        and name == name.lower()
        and name[0].isalpha()
    )


def _own(question: AnyQuestion, cannot: str) -> Iterator[Fault]:
    if not question.label.strip() and not isinstance(question, Hidden):
        yield _fault(question, "The question has no text.", "Say what is asked.")
    if isinstance(question, Choosing):
        yield from _choices(question, cannot)
    if isinstance(question, Rating) and not 2 <= question.points <= MOST_POINTS:
        yield _fault(question, "A rating has from 2 to 20 points.", "Change their number.")
    if isinstance(question, Rating) and len(question.names) not in (0, question.points):
        yield _fault(question, "Not every point has its words.", "Name all points, or none.")
    if isinstance(question, YesNo) and question.yes in ("", question.no):
        yield _fault(
            question, "Ticked and not ticked mean the same.", "Give them different values."
        )
    if isinstance(question, Number | Marks | Text) and _is_empty_range(question):
        yield _fault(question, "The least is more than the most.", "Turn the two limits round.")
    if isinstance(question, Marks) and not question.kinds:
        yield _fault(question, "There is nothing to draw with.", "Choose boxes, dots or lines.")
    if question.aggregation == Aggregation.MEAN and not isinstance(question, Rating | Number):
        yield _fault(question, "Only numbers have a mean.", "Choose another way to aggregate.")
    if question.tested and not question.is_testable:
        yield _fault(
            question,
            "Test questions can't test this type of question.",
            'Untick “tested”, in CML: gold="false".',
        )


def _key_of_the_page(question: Choosing, cannot: str) -> Iterator[Fault]:
    if cannot and any(choice.key.lower() == cannot.lower() for choice in question.choices):
        yield Fault(
            question.name,
            Message("The key {key} says that an image can't be judged.", key=cannot),
            Message("Give the answer another key."),
        )


def _choices(question: Choosing, cannot: str) -> Iterator[Fault]:
    least = 2 if isinstance(question, OneChoice) else 1
    if len(question.choices) < least:
        yield _fault(question, "There is nothing to choose from.", "Add answers.")
    yield from _key_of_the_page(question, cannot)
    yield from _repeated(question, (one.value for one in question.choices), "value")
    yield from _repeated(question, (one.label for one in question.choices), "label")
    yield from _repeated(question, (one.key for one in question.choices if one.key), "key")
    for choice in question.choices:
        if not choice.value or len(choice.value.split("\n")) > 1:
            yield _fault(question, "An answer has no value.", "Give each answer a short value.")
        if len(choice.key) > 1:
            yield _fault(question, "A key is one character.", "Shorten it, or leave it empty.")
    for rule in getattr(question, "rules", ()):
        if rule.value not in question.values:
            yield _fault(question, "A rule leads to no answer.", "Add the answer it leads to.")


def _repeated(question: Question, things: Iterable[str], what: str) -> Iterator[Fault]:
    for thing, count in Counter(things).items():
        if count > 1:
            yield Fault(
                question.name,
                Message("Two answers have the {what} “{thing}”.", what=what, thing=thing),
                Message("Make them different."),
            )


def _is_empty_range(question: Number | Marks | Text) -> bool:
    low: float | None
    high: float | None
    match question:
        case Marks():
            low, high = question.min, question.max
        case Text():
            low, high = question.shortest, question.limit
        case _:
            low, high = question.minimum, question.maximum
    return low is not None and high is not None and low > high


def _conditions(question: AnyQuestion, by_name: Mapping[str, AnyQuestion]) -> Iterator[Fault]:
    for condition in _all_conditions(question):
        other = by_name.get(condition.question)
        if other is None or isinstance(other, Hidden):
            yield Fault(
                question.name,
                Message("It depends on “{name}”, which nobody asks.", name=condition.question),
                Message("Use one of: {names}.", names=", ".join(by_name)),
            )
            continue
        known = accepted_values(other)
        for value in condition.values:
            if known and value not in known:
                yield Fault(
                    question.name,
                    Message("“{name}” has no answer “{value}”.", name=other.name, value=value),
                    Message("Use one of: {names}.", names=", ".join(known)),
                )


def is_too_heavy(design: Design) -> bool:
    """Whether conditions are so many that nobody should work them out."""
    return any(
        weight(logic) > MOST_ALTERNATIVES for one in design.questions for logic in one.logics
    )


def _all_conditions(question: AnyQuestion) -> Iterator[Condition]:
    for logic in question.logics:
        yield from conditions(logic)


def _circles(design: Design) -> Iterator[Fault]:
    graph = {
        one.name: {condition.question for condition in _all_conditions(one)}
        for one in design.questions
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names = list(dict.fromkeys(error.args[1]))
        yield Fault(
            names[0],
            Message("These questions wait for each other: {names}.", names=", ".join(names)),
            Message("Ask one of them always."),
        )


def _main(design: Design) -> Iterator[Fault]:
    try:
        main = design.main_question
    except ValueError:
        yield Fault(
            "",
            Message("No question with one answer is tested."),
            Message('Tick “tested” at the question that labels an image; in CML: gold="true".'),
        )
        return
    if main.aggregated != Aggregation.TOP:
        yield _fault(
            main,
            "The first tested question labels the images, so it needs one answer for each.",
            "Leave its aggregation as it is usual (agg).",
        )


def _fault(question: Question, problem: str, advice: str) -> Fault:
    return Fault(question.name, Message(problem), Message(advice))
