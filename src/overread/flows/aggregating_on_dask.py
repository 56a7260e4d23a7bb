"""The same fit with the judgments spread over a Dask cluster.

Every worker keeps its share of the tasks, laid out once. An iteration ships the table of chances
(contributors x classes^2 numbers) to each and brings whole-number sums back, so the result is that
of one process to the last bit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from overread.core.aggregation.auto import Auto
from overread.core.aggregation.dawid_skene import DawidSkene
from overread.core.aggregation.fit import Fit
from overread.core.aggregation.judgments import Floats, Integers, Judgments, parts
from overread.core.aggregation.methods import METHODS
from overread.core.aggregation.sums import Local, Sums, add_up
from overread.core.problems import Message, Refused
from overread.flows.aggregating_tables import fit_here
from overread.formats.judgment_tables import JudgmentTable

CONNECT_SECONDS = 20


def fit_on(scheduler: str | None) -> Callable[[str, JudgmentTable], Fit]:
    """Fits on the cluster at `scheduler`, else on one started here; methods without an EM here.

    Raises Refused without the extra `dask`.
    """
    if find_spec("distributed") is None:
        raise Refused.because(
            Message("Dask is not installed."), Message("Install it: pip install 'overread[dask]'.")
        )

    def fit(method: str, table: JudgmentTable) -> Fit:
        chosen = METHODS[method]
        if not isinstance(chosen, (Auto, DawidSkene)):
            return fit_here(method, table)
        with _client(scheduler) as client:
            return fit_with(client, chosen, table.judgments, table.known)

    return fit


@contextmanager
def _client(scheduler: str | None) -> Iterator[Any]:
    """Of the scheduler at that address, else of a cluster of two processes on this machine."""
    import distributed

    make: Any = distributed
    if scheduler:
        with make.Client(scheduler, timeout=CONNECT_SECONDS) as client:
            yield client
        return
    own = make.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with own as cluster, make.Client(cluster) as client:
        yield client


def fit_with(client: Any, method: Auto | DawidSkene, judgments: Judgments, known: Integers) -> Fit:
    """Spread the judgments over the cluster's workers and fit."""
    return method.fit_to(judgments, known, place=Held.on(client, judgments).with_known)


@dataclass(frozen=True)
class Held:
    """Judgments on the cluster's workers, sent once for any number of fits; `parts` are the tasks
    of each and its future."""

    client: Any
    parts: list[tuple[slice, Any]]

    @classmethod
    def on(cls, client: Any, judgments: Judgments) -> "Held":
        """As many parts as the cluster has threads, each on one worker."""
        count = max(sum(client.nthreads().values()), 1)
        found = [
            (tasks, client.scatter(part, direct=False)) for tasks, part in parts(judgments, count)
        ]
        client.rebalance([part for _, part in found])
        return cls(client, found)

    def with_known(self, judgments: Judgments, known: Integers) -> "Spread":
        """A fit's source; what is known goes to where the judgments lie."""
        local = partial(Local, threads=1, of=len(judgments))
        sources = [
            self.client.submit(local, part, known[tasks], pure=False) for tasks, part in self.parts
        ]
        return Spread(self.client, sources, judgments.workers, judgments.classes)


@dataclass(frozen=True)
class Spread:
    """A source whose parts lie on a cluster; `parts` are futures of `Local`."""

    client: Any
    parts: list[Any]
    workers: int
    classes: int

    def begin(self) -> Sums:
        return self._sum(Local.begin)

    def expect(self, chances: Floats, prior: Floats) -> Sums:
        tables = self.client.scatter(chances, broadcast=True)
        return self._sum(Local.expect, tables, prior)

    def posterior(self, chances: Floats, prior: Floats) -> Floats:
        tables = self.client.scatter(chances, broadcast=True)
        futures = [
            self.client.submit(Local.posterior, part, tables, prior, pure=False)
            for part in self.parts
        ]
        return np.concatenate(self.client.gather(futures))

    def _sum(self, method: Callable[..., Sums], *given: Any) -> Sums:
        futures = [self.client.submit(method, part, *given, pure=False) for part in self.parts]
        return add_up(self.client.gather(futures))
