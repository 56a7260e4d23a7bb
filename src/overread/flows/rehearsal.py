"""A job's copy, worked through by simulated contributors: what runs in a dry run's own process.

The copy lies in a database of its own. It holds the design, the settings and how many rows there
are, with the answers that are known: no image, no name, no cell of the table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from django.db.models import F

from overread.core.design import Design
from overread.core.instants import milliseconds
from overread.core.judging import TAINTED
from overread.core.simulation import Crowd, Kind, score, unit_random
from overread.core.states import JobState, Mode, PageState, ParticipationState
from overread.core.test_questions import Content
from overread.flows import simulation
from overread.flows.aggregation import results
from overread.flows.judging.answers import Given
from overread.flows.judging.launching import launch
from overread.flows.judging.pages import next_page
from overread.flows.judging.submission import submit
from overread.flows.people import first_team, invite
from overread.flows.simulation import Reader, Simulation, Tested
from overread.store.models import Blob, DesignVersion, Image, Job, Page, Unit, UnitImage
from overread.store.models import TestQuestion as TestQuestionRow
from overread.store.test_questions import add
from overread.store.write import write

# People who are at it together; after so many in all the rehearsal gives up.
TOGETHER, MOST_PEOPLE = 5, 400
# If so many came and nobody passed, nobody will.
ENOUGH_TO_TELL = 40
PAGE_MS = 60_000


@dataclass(frozen=True)
class Row:
    """`truth` is what the row shows; `accepted` what is known of a test question, else None."""

    truth: str
    accepted: Mapping[str, Sequence[str]] | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Script:
    """What is rehearsed. `guessers` is the share of contributors who don't look."""

    settings: Mapping[str, Any]
    design: Mapping[str, Any]
    rows: Sequence[Row]
    guessers: float
    seed: int


@dataclass(frozen=True)
class Rehearsed:
    """How it went. `accuracy` holds the consensus against the truth, None where none was known.

    `people` came; of them `passed` the quiz (or there was none), `failed` it, were `removed`, or
    ran `out` of test questions or of their share.
    """

    rows: int
    done: int
    people: int
    passed: int
    failed: int
    removed: int
    out: int
    pages: int
    judgments: int
    untrusted: int
    accuracy: float | None

    @property
    def finished(self) -> bool:
        return self.done == self.rows


def rehearse(script: Script, *, at: datetime) -> Rehearsed:
    """Launch a copy in this process's own database and let people come until it is done."""
    job, truth = _stage(script, at)
    job = launch(job, actor=None, at=at, rng=Random(script.seed))
    play = _Play(script, job, _simulation(script, job, truth), milliseconds(at))
    play.run(at)
    return _outcome(job, play)


def _stage(script: Script, at: datetime) -> tuple[Job, dict[int, Row]]:
    design = Design.from_document(script.design)
    team = first_team()
    with write():
        job = Job.objects.create(
            team=team, title="Dry run", template="", created_at=at, **script.settings
        )
        DesignVersion.objects.create(job=job, number=1, document=design.document(), created_at=at)
        units = Unit.objects.bulk_create(
            Unit(job=job, number=number) for number in range(1, len(script.rows) + 1)
        )
        _add_pictures(units, job)
        known = list(zip(units, script.rows, strict=True))
        made = add(
            [(unit, Content(row.accepted)) for unit, row in known if row.accepted is not None],
            actor=None,
            at=at,
        )
        hidden = {unit.pk for unit, row in known if row.hidden}
        shy = [one.pk for one in made if one.unit_id in hidden]
        TestQuestionRow.objects.filter(pk__in=shy).update(hidden=True)
    return job, {unit.pk: row for unit, row in known}


def _add_pictures(units: Sequence[Unit], job: Job) -> None:
    """Rows need an image to be judged; nobody looks at it here, so it has no pixels."""
    blob = Blob.objects.create(sha256="0" * 64, size=0, media_type="image/png")
    images = Image.objects.bulk_create(
        Image(team=job.team, original=blob, fingerprint=f"{unit.pk:064d}", width=1, height=1)
        for unit in units
    )
    UnitImage.objects.bulk_create(
        UnitImage(unit=unit, image=image) for unit, image in zip(units, images, strict=True)
    )


def _simulation(script: Script, job: Job, truth: Mapping[int, Row]) -> Simulation:
    design, crowd = Design.from_document(script.design), Crowd()
    answers = simulation.answers_of(design)
    units = {
        unit: Tested(
            row.truth,
            crowd.difficulty(
                unit_random(script.seed, unit), answers, row.truth, tested=row.accepted is not None
            ),
        )
        for unit, row in truth.items()
    }
    return Simulation(job, design, crowd, answers, units)


@dataclass
class _Play:
    """People at work, a page each in turn."""

    script: Script
    job: Job
    simulation: Simulation
    now: int
    people: int = 0
    working: list[tuple[int, Reader]] = field(default_factory=list)

    def run(self, at: datetime) -> None:
        while not self._is_over():
            if len(self.working) < TOGETHER:
                self._more_people(at)
            self.working = [one for one in self.working if self._turn(*one)]

    def _is_over(self) -> bool:
        self.job.refresh_from_db(fields=["state"])
        if self.job.state != JobState.RUNNING or self.people >= MOST_PEOPLE:
            return True
        hopeless = self.people >= ENOUGH_TO_TELL and not self.working
        return hopeless and not self.passed().exists()

    def passed(self) -> Any:
        return self.job.participations.filter(pages__mode=Mode.WORK)

    def _more_people(self, at: datetime) -> None:
        count = TOGETHER - len(self.working)
        for one in invite(self.job, count=count, actor=None, at=at, simulated=True):
            rng = Random(f"reader {self.script.seed} {self.people}")
            guesses = rng.random() < self.script.guessers
            kind = Kind.SPAMMER if guesses else Kind.DILIGENT
            self.working.append((one.participation.pk, Reader(one.token, kind, rng)))
            self.people += 1

    def _turn(self, participation: int, reader: Reader) -> bool:
        """One page of one person; whether he or she goes on."""
        self.now += PAGE_MS // TOGETHER
        offer = next_page(participation, at=self.now, rng=reader.rng)
        if offer.retakes:
            offer = next_page(participation, at=self.now, rng=reader.rng, retake=True)
        if offer.page is None:
            return False
        given = [
            Given(**simulation.judge(self.simulation, reader, place, unit))
            for place, unit in offer.page.by_place.items()
        ]
        submit(participation, offer.page.id, given, at=self.now + PAGE_MS, rng=reader.rng)
        is_work = offer.page.mode == Mode.WORK
        return not (is_work and reader.rng.random() < self.simulation.crowd.gives_up)


def _outcome(job: Job, play: _Play) -> Rehearsed:
    states = list(job.participations.values_list("state", "judgments_made"))

    def count(*wanted: ParticipationState) -> int:
        return sum(state in wanted for state, _ in states)

    found = list(_labels(job, play.simulation))
    held = score(found, play.simulation.answers.positive)
    return Rehearsed(
        rows=job.slots.count(),
        done=job.slots.filter(counted__gte=F("wanted")).count(),
        people=play.people,
        passed=play.passed().distinct().count(),
        failed=count(ParticipationState.FAILED_QUIZ),
        removed=count(ParticipationState.REMOVED),
        out=count(ParticipationState.MAXED_OUT),
        pages=Page.objects.filter(participation__job=job, state=PageState.SUBMITTED).count(),
        judgments=sum(made for _, made in states),
        untrusted=sum(made for state, made in states if state in TAINTED),
        accuracy=held.accuracy,
    )


def _labels(job: Job, played: Simulation) -> Iterator[tuple[str | None, str]]:
    """Each finished row's consensus, None where it is tied, with the truth."""
    question = played.design.main_question.name
    for one in results(job).units:
        if one.judged.golden is None and one.counted:
            agreed: Any = one.answers[question]
            tied = agreed is None or agreed.tied
            yield None if tied else agreed.answer, played.units[one.judged.unit.pk].truth
