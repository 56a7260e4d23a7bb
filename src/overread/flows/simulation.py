"""Simulated contributors who work through a running server's own JSON routes."""

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from overread.core.design import Design
from overread.core.golden import meanings
from overread.core.intake import file_name, normal_label
from overread.core.problems import Message, Problem, Refused
from overread.core.simulated_answers import answers_with
from overread.core.simulation import Answers, Crowd, Difficulty, Kind, read, unit_random
from overread.core.states import JobState
from overread.flows.people import invite
from overread.formats.tables import read_table
from overread.store.models import Job, Judgment, Page
from overread.store.queries.design import design_of

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Tested:
    """What a simulated reader knows of a unit: its truth and how hard it is."""

    truth: str
    difficulty: Difficulty


@dataclass
class Reader:
    """A simulated contributor."""

    token: str
    kind: Kind
    rng: Random
    gone: bool = False
    judgments: int = 0


@dataclass(frozen=True)
class Simulation:
    """All that the readers share."""

    job: Job
    design: Design
    crowd: Crowd
    answers: Answers
    units: Mapping[int, Tested]
    readers: Sequence[Reader] = field(default_factory=list)


def answers_of(design: Design) -> Answers:
    """The main question's answers; the last one that decides counts as positive."""
    choices = design.main_question.choices
    settled = [choice.value for choice in choices if choice.settles]
    unsure = [choice.value for choice in choices if not choice.settles]
    return Answers(settled, unsure, settled[-1], design.cannot_be_judged.value)


def prepare(
    job: Job,
    truth: Mapping[int, str],
    crowd: Crowd,
    *,
    contributors: int,
    spammers: int,
    seed: int,
    at: datetime,
) -> Simulation:
    """Invite simulated contributors. Raises Refused unless the job runs, has no real judgment,
    and the truth of every unit is known.
    """
    _refuse_unfit(job, truth)
    design = design_of(job)
    answers = answers_of(design)
    tests = set(
        job.units.filter(test_question__isnull=False, slot=None).values_list("pk", flat=True)
    )
    units = {
        unit: Tested(
            value, crowd.difficulty(unit_random(seed, unit), answers, value, tested=unit in tests)
        )
        for unit, value in truth.items()
    }
    invitations = invite(job, count=contributors, actor=None, at=at, simulated=True)
    readers = [
        Reader(
            one.token,
            Kind.SPAMMER if number < spammers else Kind.DILIGENT,
            Random(f"reader {seed} {number}"),
        )
        for number, one in enumerate(invitations)
    ]
    return Simulation(job, design, crowd, answers, units, readers)


def _refuse_unfit(job: Job, truth: Mapping[int, str]) -> None:
    if job.state != JobState.RUNNING:
        raise Refused.because(
            Message("The job is {state}, not running.", state=job.state),
            Message("Launch it first: overread job launch {job}.", job=job.pk),
        )
    if Judgment.objects.filter(participation__job=job, participation__simulated=False).exists():
        raise Refused.because(
            Message("The job has real judgments."),
            Message("Simulated ones would mix with them; make a job for the simulation."),
        )
    shown = job.units.filter(unit_images__isnull=False).exclude(state="held").distinct()
    unknown = [unit.number for unit in shown if unit.pk not in truth]
    if unknown:
        raise Refused.because(
            Message("The truth of {count} rows is not known.", count=len(unknown)),
            Message("Give a table with --truth FILE.csv:IMAGE_COLUMN:LABEL_COLUMN."),
        )


def known_truth(job: Job, table: Path | None, image: str, label: str) -> dict[int, str]:
    """The right answer per unit: the given label, else the table's, by file name.

    Without column names, the table's columns that fit most cells are taken. Raises Refused.
    """
    design = design_of(job)
    question, cannot = design.main_question, design.cannot_be_judged.value
    given = meanings(question)
    given[normal_label(cannot)] = cannot
    by_name = _truth_by_name(table, image, label, given) if table else {}
    truth: dict[int, str] = {}
    for unit in job.units.select_related("test_question__current"):
        reference = file_name(unit.data.get(job.image_column, ""))
        if reference in by_name:
            truth[unit.pk] = by_name[reference]
        if unit.given:
            truth[unit.pk] = unit.given[question.name]
    return truth


def _truth_by_name(table: Path, image: str, label: str, given: Mapping[str, str]) -> dict[str, str]:
    read_ = read_table(table)
    rows = [row.cells for row in read_.rows]
    labels = {name: sum(normal_label(row[name]) in given for row in rows) for name in read_.columns}
    images = {name: sum("." in file_name(row[name]) for row in rows) for name in read_.columns}
    image = image or max(images, key=images.__getitem__)
    label = label or max(labels, key=labels.__getitem__)
    for column in (image, label):
        if column not in read_.columns:
            raise Refused(
                Problem(
                    table.name,
                    None,
                    column,
                    Message("There is no such column."),
                    Message("The columns are: {columns}.", columns=", ".join(read_.columns)),
                )
            )
    return {
        file_name(row[image]): given[value]
        for row in rows
        if (value := normal_label(row[label])) in given
    }


def run(simulation: Simulation, server: str, told: Callable[[int], None]) -> None:
    """Let every reader do a page in turn until nobody has anything left. `told` gets judgments.

    Raises Refused where the server can't be reached or refuses.
    """
    with closing(_connection(server)) as connection:
        while working := [reader for reader in simulation.readers if not reader.gone]:
            for reader in working:
                told(_turn(simulation, reader, connection))


def _connection(server: str) -> http.client.HTTPConnection:
    parts = urlsplit(server)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT_SECONDS)
    return http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_SECONDS)


def _turn(simulation: Simulation, reader: Reader, connection: http.client.HTTPConnection) -> int:
    """One page of one reader; the number of judgments made."""
    base = f"/api/jobs/{simulation.job.pk}"
    offer = _post(connection, f"{base}/page", reader.token, {})
    if offer["progress"]["may_retake"]:
        offer = _post(connection, f"{base}/page", reader.token, {"retake": True})
    if offer["page"] is None:
        reader.gone = True
        return 0
    places = Page.objects.get(pk=offer["page"]["id"]).places
    judgments = [judge(simulation, reader, place, unit) for place, unit in places.items()]
    sent = {"page": offer["page"]["id"], "judgments": judgments}
    answer = _post(connection, f"{base}/submission", reader.token, sent)
    # Whoever passed the quiz has a page reserved, and does it.
    gives_up = reader.rng.random() < simulation.crowd.gives_up and answer["mode"] == "work"
    # A failed quiz may be taken again: the next request tells.
    going_on = {"practising", "quiz", "failed quiz", "working"}
    reader.gone = gives_up or answer["state"] not in going_on
    reader.judgments += len(judgments)
    return len(judgments)


def _post(
    connection: http.client.HTTPConnection, path: str, token: str, body: object
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
    except OSError as error:
        raise Refused.because(
            Message("The server can't be reached: {why}.", why=str(error)),
            Message("Start it with overread serve and give its address with --server."),
        ) from None
    if response.status != http.client.OK:
        raise Refused.because(
            Message("The server answered {status} to {path}.", status=response.status, path=path),
            Message("Check that --server runs on this OVERREAD_HOME."),
        )
    answer: dict[str, Any] = json.loads(text)
    return answer


def judge(simulation: Simulation, reader: Reader, place: int, unit: int) -> dict[str, Any]:
    """What a reader answers to the unit at a place of a page, as it is sent."""
    rng, crowd = reader.rng, simulation.crowd
    spent = round(rng.lognormvariate(9, 0.5))  # milliseconds, about 8 seconds
    tested = simulation.units[unit]
    answer = read(rng, reader.kind, tested.difficulty, simulation.answers, tested.truth)
    if answer == simulation.answers.cannot or rng.random() < crowd.cannot_judge:
        return {"place": place, "answers": {}, "cannot_be_judged": True, "milliseconds": spent}
    answers = answers_with(simulation.design, answer, rng)
    return {"place": place, "answers": answers, "cannot_be_judged": False, "milliseconds": spent}
