"""What an aggregated report says, beside what the judgments that came over add up to here."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from overread.core.aggregation import Opinion, agree, average
from overread.core.design import Aggregation, AnyQuestion, as_values
from overread.core.golden import accepted_values
from overread.core.problems import Message, Problem

# Reports print four decimals.
CLOSE = 0.0001
_WHY = Message(
    "Nothing to do. The two differ where the full report leaves judgments out, or where trust has"
    " changed since."
)
# (contributor, answers), and whether they are trusted with how much.
Votes = Sequence[tuple[str, Mapping[str, Any]]]
Trust = Mapping[str, tuple[float | None, bool]]


def differences(
    figures: Mapping[str, Any], votes: Votes, trust: Trust, questions: Sequence[AnyQuestion]
) -> Iterator[Problem]:
    """Remarks on one unit, without its place."""
    counted = [(trust[by][0], answers) for by, answers in votes if not trust[by][1]]
    if figures["judgments"] and figures["judgments"] != str(len(counted)):
        said = Message(
            "Appen counts {there} trusted judgments, {here} came over.",
            there=figures["judgments"],
            here=len(counted),
        )
        yield Problem("", None, None, said, _WHY, is_note=True)
    for question in questions:
        there = figures["results"].get(question.name)
        opinions = [Opinion(as_values(said.get(question.name)), weight) for weight, said in counted]
        here = _aggregated(question, opinions)
        if there and here and not _same(there, here):
            yield Problem("", None, question.name, _differ(there, here), _WHY, is_note=True)


def _aggregated(question: AnyQuestion, opinions: Sequence[Opinion]) -> tuple[str, float] | None:
    """The answer with its confidence, or the mean with its variance; None for the rest."""
    if question.aggregated == Aggregation.TOP:
        agreed = agree(opinions, list(accepted_values(question)))
        return (agreed.answer, agreed.confidence) if agreed else None
    if question.aggregated == Aggregation.MEAN:
        mean = average(opinions)
        return (f"{round(mean.mean, 4):g}", mean.variance) if mean else None
    return None


def _same(there: Sequence[str], here: tuple[str, float]) -> bool:
    with suppress(ValueError):
        close = not there[1] or abs(float(there[1]) - here[1]) <= CLOSE
        return close and there[0] == here[0]
    return False


def _differ(there: Sequence[str], here: tuple[str, float]) -> Message:
    return Message(
        "Appen says “{answer}” with {second}; here it is “{own}” with {own_second}.",
        answer=there[0][:40],
        second=there[1][:10],
        own=here[0],
        own_second=f"{here[1]:.4g}",
    )


def by_unit(said: Iterator[tuple[str, str, Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """Votes by the platform's id of the unit."""
    found: dict[str, list[Any]] = defaultdict(list)
    for unit, by, answers in said:
        found[unit].append((by, answers))
    return found
