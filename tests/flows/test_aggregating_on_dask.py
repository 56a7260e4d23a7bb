"""A cluster of two processes gives what one process gives."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from distributed import Client, LocalCluster

from overread.core.aggregation import DawidSkene
from overread.core.aggregation.auto import FOLDS, Auto
from overread.core.aggregation.judgments import parts
from overread.flows.aggregating_on_dask import Spread, fit_with
from tests.core.aggregation.crowds import simulate

METHOD = DawidSkene(iterations=8)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        yield client


def test_two_workers_give_the_same_bytes_as_one_process(client: Any) -> None:
    crowd = simulate(tasks=20_000, workers=60, per_task=3, prevalence=(0.3, 0.7))
    known = np.where(np.arange(20_000) % 50, -1, crowd.truth)
    here = METHOD.fit_to(crowd.judgments, known)
    there = fit_with(client, METHOD, crowd.judgments, known)
    assert there.log_likelihood == here.log_likelihood
    assert there.history == here.history
    assert (there.posterior == here.posterior).all()


def test_auto_chooses_and_fits_there_as_it_does_here(client: Any) -> None:
    panel = simulate(tasks=200, workers=5, per_task=5).judgments
    unknown = np.full(200, -1)
    here, there = Auto().fit_to(panel, unknown), fit_with(client, Auto(), panel, unknown)
    assert here.method == there.method
    assert (here.posterior == there.posterior).all()


def test_the_trials_of_auto_run_there_too(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judgments are sent once, whatever number of fits a choice takes."""
    crowd = simulate(tasks=400, workers=12, per_task=5)
    known = np.where(np.arange(400) < 40, crowd.truth, -1)
    here = Auto().fit_to(crowd.judgments, known)
    fits, begin = [], Spread.begin
    monkeypatch.setattr(Spread, "begin", lambda self: fits.append(self.parts) or begin(self))
    there = fit_with(client, Auto(), crowd.judgments, known)
    assert len(fits) == 2 * FOLDS + 1  # one accuracy each, matrices; and what was chosen
    assert here.notes["trials"] == there.notes["trials"]
    assert (here.posterior == there.posterior).all()


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_a_split_keeps_every_judgment(count: int) -> None:
    judgments = simulate(tasks=9000, workers=20, per_task=2).judgments
    found = list(parts(judgments, count))
    assert sum(len(part) for _, part in found) == len(judgments)
    assert sum(part.tasks for _, part in found) == 9000
    assert (np.concatenate([part.votes for _, part in found]) == judgments.votes).all()
