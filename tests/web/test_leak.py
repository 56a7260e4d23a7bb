"""What a contributor receives before submitting tells nothing: not which unit is a test question,
and not which answer is right. A classifier tries, and is shown to find a leak where there is one.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray

from overread.flows.people import Invitation, invite
from overread.store.models import Job, Page, Unit, UnitImage
from tests.conftest import now

Floats = NDArray[np.float64]
CONTRIBUTORS, ROUNDS = 3, 30
FOLDS = 5
# Standard errors of an AUC around one half; a leak worth the name is far outside.
BOUND = 3.5


@dataclass(frozen=True)
class Seen:
    """One unit as it was received, with what the store knows of it."""

    unit: int
    features: list[float]
    tested: bool
    answer: str


def auc(scores: Floats, truth: NDArray[np.bool_]) -> float:
    """The chance that a positive scores higher than a negative."""
    ranks = scores.argsort().argsort().astype(float) + 1
    positives = truth.sum()
    rank_sum = ranks[truth].sum() - positives * (positives + 1) / 2
    return float(rank_sum / (positives * (~truth).sum()))


def cross_validated_auc(
    rows: Sequence[Sequence[float]], truth: Sequence[bool], units: Sequence[int]
) -> float:
    """Ridge regression on standardised features, judged on folds that it was not fitted to.

    All that was seen of a unit lies in one fold: else its own looks would tell it again.
    """
    features, labels = np.array(rows), np.array(truth)
    spread = features.std(axis=0)
    features = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    every, place = np.unique(units, return_inverse=True)
    folds = (np.random.default_rng(0).permutation(len(every)) % FOLDS)[place]
    scores = np.zeros(len(labels))
    for fold in range(FOLDS):
        train, test = folds != fold, folds == fold
        weight = np.where(labels[train], 1 / labels[train].mean(), 1 / (1 - labels[train].mean()))
        weighted = features[train] * weight[:, None]
        ridge = weighted.T @ features[train] + 10 * np.eye(features.shape[1])
        fitted = np.linalg.solve(ridge, weighted.T @ (2.0 * labels[train] - 1))
        scores[test] = features[test] @ fitted
    return auc(scores, labels)


def standard_error(truth: Sequence[bool], units: Sequence[int]) -> float:
    """Of an AUC of one half (Hanley and McNeil 1982); a unit seen again is no new evidence."""
    positives = len({unit for unit, one in zip(units, truth, strict=True) if one})
    negatives = len(set(units)) - positives
    return float(np.sqrt((positives + negatives + 1) / (12 * positives * negatives)))


def letters(text: str) -> list[float]:
    """The shape of an opaque text: its length, its first letters, its kinds of letters."""
    kinds = [sum(map(kind, text)) for kind in (str.isdigit, str.isupper, str.islower)]
    return [len(text), *map(float, map(ord, text[:4])), *map(float, kinds)]


def received(unit: dict[str, Any], image: Any, seconds: float) -> list[float]:
    """Everything about a unit but its width, height and pixels."""
    picture = unit["images"][0]
    query = parse_qs(urlsplit(picture["address"]).query)
    head = image.content[: image.content.index(b"\xff\xda")]
    return [
        unit["place"],
        len(json.dumps(unit)),
        float(hash(tuple(picture)) % 97),
        float(picture["synthetic"]),
        *letters(urlsplit(picture["address"]).path),
        float(query["e"][0]) % 1e7,
        *letters(query["s"][0]),
        float(hash(tuple(sorted(image.headers))) % 97),
        float(hash(head) % 97),
        seconds,
        len(image.content),
    ]


def look(client: Client, who: Invitation) -> list[Seen]:
    """Fetch a page and its images as a browser would, then answer it rightly."""
    job, headers = who.participation.job_id, {"Authorization": f"Bearer {who.token}"}
    send: dict[str, Any] = {"content_type": "application/json", "headers": headers}
    reply = client.post(f"/api/jobs/{job}/page", "{}", **send).json()
    if reply["page"] is None:
        return []
    places = Page.objects.get(pk=reply["page"]["id"]).places
    known = {place: Unit.objects.get(pk=unit) for place, unit in places.items()}
    seen, judgments = [], []
    for unit in reply["page"]["units"]:
        before = time.perf_counter()
        image = client.get(unit["images"][0]["address"], headers=headers)
        seconds = time.perf_counter() - before
        truth = known[unit["place"]]
        tested = hasattr(truth, "test_question")
        answer = truth.given.get("finding", "")
        if reply["page"]["mode"] == "work":
            seen.append(Seen(truth.pk, received(unit, image, seconds), tested, answer))
        signs = {"signs": ["one_place"]} if answer == "pneumonia" else {}
        judgments.append(
            {"place": unit["place"], "answers": {"finding": answer or "healthy", **signs}}
        )
    sent = {"page": reply["page"]["id"], "judgments": judgments}
    assert client.post(f"/api/jobs/{job}/submission", json.dumps(sent), **send).status_code == 200
    return seen


@pytest.fixture
def seen(client: Client, make_job: Callable[..., Job]) -> list[Seen]:
    job = make_job(rows=240, labelled=120, launched=True)
    crowd = invite(job, count=CONTRIBUTORS, actor=None, at=now())
    return [one for _ in range(ROUNDS) for who in crowd for one in look(client, who)]


@pytest.mark.django_db
def test_neither_test_questions_nor_answers_can_be_told_from_what_is_received(
    seen: list[Seen],
) -> None:
    tested = [one.tested for one in seen]
    assert sum(tested) > 80
    assert_nothing_tells(seen, tested, "test questions")
    labelled = [one for one in seen if one.tested]
    assert_nothing_tells(labelled, [one.answer == "pneumonia" for one in labelled], "answers")


def assert_nothing_tells(seen: Sequence[Seen], truth: Sequence[bool], what: str) -> None:
    units = [one.unit for one in seen]
    found = cross_validated_auc([one.features for one in seen], truth, units)
    assert abs(found - 0.5) < BOUND * standard_error(truth, units), f"{what}: AUC {found:.2f}"


@pytest.mark.django_db
def test_nothing_that_the_leak_check_knows_of_a_file_reaches_a_contributor(
    client: Client, make_job: Callable[..., Job]
) -> None:
    job = make_job(rows=30, labelled=0, tests=False, launched=True)
    kept = UnitImage.objects.filter(unit__job=job).select_related("image")
    for number, one in enumerate(kept):
        one.image.traces = {"tables": f"table-{number}-secret", "marker": "secret left"}
        one.image.save(update_fields=["traces"])
    kept.update(folder="secret1/secret2")
    (who,) = invite(job, count=1, actor=None, at=now())
    headers = {"Authorization": f"Bearer {who.token}"}
    asked = client.post(
        f"/api/jobs/{job.pk}/page", "{}", content_type="application/json", headers=headers
    )
    received = [asked.content]
    for unit in asked.json()["page"]["units"]:
        for address in (one["address"] for one in unit["images"]):
            image = client.get(address, headers=headers)
            received += [image.content, str(image.headers).encode()]
    assert len(received) > 10
    assert not any(b"secret" in one or b"scan-" in one for one in received)


def test_the_classifier_finds_a_leak_where_there_is_one() -> None:
    """An address one letter longer, or a place that test questions prefer."""
    rng = Random(1)
    tested, units = [rng.random() < 0.2 for _ in range(400)], range(400)
    longer = [[rng.random(), 22 + one + rng.choice((0, 0, 1))] for one in tested]
    first = [[rng.random(), rng.choice((0, 1)) if one else rng.randrange(5)] for one in tested]
    for planted in (longer, first):
        found = cross_validated_auc(planted, tested, units)
        assert found > 0.5 + BOUND * standard_error(tested, units)
