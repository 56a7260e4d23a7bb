"""One contributor, as the owner sees them before deciding."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overread.core.aggregation.within import Within, within
from overread.core.removal import Tally, stays, strays
from overread.store.judging import Marked, mark, rules_of
from overread.store.models import ImportedContributor, Job, Judgment, Participation, Unit
from overread.store.queries.aggregation import Contributor
from overread.store.queries.repeats import reread

MOST_MISSES = 24


@dataclass(frozen=True)
class Missed:
    """A test question that was missed, with what was said."""

    judgment: Judgment
    marked: Marked

    @property
    def unit(self) -> Unit:
        return self.judgment.unit


@dataclass(frozen=True)
class Profile:
    """`given` and `others` count answers to the main question on work, theirs and all others'.

    `would_fall` says that the job's own rules would remove this contributor at the next page.
    `unanswered` counts rows read twice that one reading leaves without an answer.
    """

    participation: Participation
    tested: Tally
    given: Mapping[str, int]
    others: Mapping[str, int]
    missed: Sequence[Missed]
    would_fall: bool
    with_themselves: Within
    unanswered: int

    @property
    def imported(self) -> ImportedContributor | None:
        return Contributor(self.participation, self.tested).imported

    @property
    def trust(self) -> float | None:
        return Contributor(self.participation, self.tested).trust


def profile(job: Job, participation: int) -> Profile | None:
    """The same number of queries for everybody; None for one who is not in this job."""
    found = job.participations.filter(pk=participation).select_related("imported").first()
    if found is None:
        return None
    tested = Tally.from_document(json.loads(found.tally))
    given = Counter[str](json.loads(found.given))
    again = reread(job, [found.pk])
    return Profile(
        found,
        tested,
        given,
        _others(job, found),
        _missed(found),
        _falls(job, tested, given),
        within(again.again),
        again.unanswered.get(found.pk, 0),
    )


def _falls(job: Job, tested: Tally, given: Mapping[str, int]) -> bool:
    rules = rules_of(job)
    kept = stays(rules.removal_rule, tested, rules.minimum_accuracy)
    return not kept or strays(given, rules.answer_bounds) is not None


def _others(job: Job, own: Participation) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for given in job.participations.exclude(pk=own.pk).values_list("given", flat=True):
        total.update(json.loads(given))
    return total


def _missed(participation: Participation) -> list[Missed]:
    """The latest misses, with those that are forgiven by now."""
    answers = participation.judgments.filter(test__isnull=False).select_related("unit")
    judgments = list(answers.order_by("-pk"))
    marks = mark(judgments)
    found = [Missed(one, marks[one.pk]) for one in judgments if one.pk in marks]
    return [one for one in found if one.marked.missed][:MOST_MISSES]
