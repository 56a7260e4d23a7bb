"""What the model is fitted to, whether a fit is out of date, and what a label rests on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models.fields.json import KeyTextTransform

from overread.core.aggregation import Agreed, Opinion, agree
from overread.core.design import Choosing, Design, Marks, as_values
from overread.core.golden import accepted_values
from overread.core.judging import TAINTED
from overread.core.problems import Message
from overread.core.states import UnitState
from overread.store.models import (
    Consensus,
    Job,
    Judgment,
    Membership,
    ModelFit,
    Participation,
    Posterior,
    TestQuestion,
    Unit,
)
from overread.store.models.people import Expertise, Role
from overread.store.queries.aggregation import Contributor, contributors
from overread.store.queries.design import design_of
from overread.store.queries.drawn import Drawn, drawn, drawn_questions

# A fit of an earlier one is out of date: another method, or figures that it has not.
FIT_VERSION = 2
RELEASED = 10
_MEMBER = ("team", "user", "expertise")
_PERSON = ("job", "job__team", "pk", "user", "state", "judgments_made")


# (unit, participation, answer)
Row = tuple[int, int, str]


@dataclass(frozen=True)
class Readings:
    """Counted answers to the main question.

    known: accepted answers of test questions that accept one; expertise: by participation;
    subgroup: a unit's cell of the column that the owner compares by.
    """

    question: str
    answers: Sequence[str]
    rows: Sequence[Row]
    known: Mapping[int, str]
    expertise: Mapping[int, str]
    subgroup: Mapping[int, str]
    last: int


def readings(job: Job) -> Readings:
    """Untainted judgments that answer; a contributor's first answer where one came again."""
    question = design_of(job).main_question
    counted = job.participations.exclude(state__in=TAINTED)
    kept = Judgment.objects.exclude(unit__state=UnitState.ERASED)
    rows = kept.filter(participation__in=counted, attempt=0).order_by("pk")
    found, last = [], 0
    for pk, unit, by, given in rows.values_list("pk", "unit", "participation", "answers"):
        last = pk
        found += [(unit, by, value) for value in as_values(given.get(question.name))[:1]]
    return Readings(
        question.name,
        list(accepted_values(question)),
        found,
        _known(job, question.name),
        _expertise(job),
        _subgroup(job),
        last,
    )


def _expertise(job: Job) -> dict[int, str]:
    members = Membership.objects.filter(team=job.team_id, role=Role.CONTRIBUTOR)
    by_user = dict(members.values_list("user", "expertise"))
    everybody = job.participations.values_list("pk", "user")
    return {pk: by_user.get(user, Expertise.LAY) for pk, user in everybody}


def _subgroup(job: Job) -> dict[int, str]:
    if not job.compared_by:
        return {}
    cells = job.units.values_list("pk", KeyTextTransform(job.compared_by, "data"))
    return {unit: (cell or "").strip() for unit, cell in cells}


def _known(job: Job, question: str) -> dict[int, str]:
    enabled = TestQuestion.objects.filter(unit__job=job, state=TestQuestion.State.ENABLED)
    versions = enabled.values_list("unit", "current__accepted")
    accepted = {unit: (one or {}).get(question, []) for unit, one in versions}
    return {unit: values[0] for unit, values in accepted.items() if len(values) == 1}


def marks() -> dict[int, str]:
    """By job with judgments that count, a text that changes whenever a fit of it would.

    It reads no judgment: a contributor's count of them tells whether more came in.
    """
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    enabled = TestQuestion.objects.filter(state=TestQuestion.State.ENABLED).order_by("pk")
    for job, *test in enabled.values_list("unit__job", "pk", "current"):
        found[job].append(("test", *test))
    members = Membership.objects.filter(role=Role.CONTRIBUTOR)
    expertise = {(team, by): one for team, by, one in members.values_list(*_MEMBER)}
    people = Participation.objects.filter(judgments_made__gt=0).order_by("pk")
    for job, column in Job.objects.exclude(compared_by="").values_list("pk", "compared_by"):
        found[job].append(("compared by", column))
    counting = set()
    for job, team, pk, by, state, made in people.values_list(*_PERSON):
        if state not in TAINTED:
            found[job].append((pk, made, str(expertise.get((team, by), Expertise.LAY))))
            counting.add(job)
    return {job: _digest(found[job]) for job in counting}


def _digest(rows: list[tuple[Any, ...]]) -> str:
    return sha256(repr((FIT_VERSION, rows)).encode()).hexdigest()[:16]


def out_of_date() -> list[Job]:
    """Jobs whose judgments the latest fit has not seen, or whose fit has none left."""
    now = marks()
    fitted = dict(ModelFit.objects.values_list("job", "inputs"))
    jobs = now.keys() | fitted.keys()
    stale = [job for job in jobs if fitted.get(job, {}).get("of") != now.get(job)]
    return list(Job.objects.filter(pk__in=stale).order_by("pk"))


@dataclass(frozen=True)
class Look:
    """What another look at a unit is worth by the latest fit, as a probability.

    expert: that an expert's answer changes the label, or gives one where the present answer
    settles nothing; judgment: how much likelier one more judgment makes the answer right.
    """

    expert: float
    judgment: float


def worth_another_look(job: Job, question: Choosing) -> dict[int, Look]:
    """By unit; question: the main one."""
    settled = {choice.value for choice in question.choices if choice.settles}
    rows = Posterior.objects.filter(unit__job=job)
    return {
        unit: Look(1.0 - probability if answer in settled else 1.0, gain)
        for unit, answer, probability, gain in rows.values_list(
            "unit", "answer", "probability", "gain"
        )
    }


def latest_fit(job: Job) -> ModelFit | None:
    return ModelFit.objects.filter(job=job).first()


def posteriors(job: Job) -> dict[int, dict[str, Any]]:
    """By unit, what a snapshot keeps of the latest fit."""
    fit = latest_fit(job)
    if fit is None:
        return {}
    rows = Posterior.objects.filter(unit__job=job).values_list("unit", "answer", "probability")
    same = {"method": fit.method, "version": fit.version, "fitted_at": fit.created_at.isoformat()}
    return {
        unit: {**same, "answer": answer, "probability": probability}
        for unit, answer, probability in rows
    }


@dataclass(frozen=True)
class Reading:
    """One judgment of a unit, with what is known of who made it."""

    judgment: Judgment
    contributor: Contributor
    answer: str
    fitted: Mapping[str, Any] | None

    @property
    def counts(self) -> bool:
        return not self.contributor.tainted and bool(self.answer)


@dataclass(frozen=True)
class Explanation:
    """What a unit's label rests on: judgments, confidence now, the fit, released snapshots; and
    what was drawn, by question.
    """

    unit: Unit
    readings: Sequence[Reading]
    agreed: Agreed | None
    fit: ModelFit | None
    posterior: Posterior | None
    released: Sequence[Consensus]
    drawn: Sequence[tuple[Marks, Drawn]]

    @property
    def reason(self) -> Message | None:
        return Message.from_document(self.fit.reason) if self.fit else None

    @property
    def warnings(self) -> list[Message]:
        return [Message.from_document(one) for one in self.fit.warnings] if self.fit else []

    @property
    def counted(self) -> int:
        return sum(one.counts for one in self.readings)

    @property
    def trusted(self) -> int:
        """Counted judgments by contributors above 0.9 on test questions."""
        trusts = (one.contributor.trust for one in self.readings if one.counts)
        return sum(trust is not None and trust > 0.9 for trust in trusts)


def explanation(job: Job, unit: Unit) -> Explanation:
    design = design_of(job)
    question = design.main_question
    crowd = contributors(job)
    fit = latest_fit(job)
    fitted = fit.contributors if fit else {}
    found = [
        Reading(
            one,
            crowd[one.participation_id],
            next(iter(as_values(one.answers.get(question.name))), ""),
            fitted.get(str(one.participation_id)),
        )
        for one in unit.judgments.filter(attempt=0).order_by("pk")
    ]
    opinions = [Opinion((one.answer,), one.contributor.trust) for one in found if one.counts]
    return Explanation(
        unit,
        found,
        agree(opinions, list(accepted_values(question))),
        fit,
        Posterior.objects.filter(unit=unit).first(),
        list(unit.consensus.order_by("-created_at", "pk")[:RELEASED]),
        _drawn_on(job, design, unit),
    )


def _drawn_on(job: Job, design: Design, unit: Unit) -> list[tuple[Marks, Drawn]]:
    found = drawn(job, design, [unit.pk])
    return [
        (question, found[question.name][unit.pk])
        for question in drawn_questions(design)
        if unit.pk in found[question.name]
    ]
