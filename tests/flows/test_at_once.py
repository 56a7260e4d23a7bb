"""Two who do the same at once, in threads: on PostgreSQL nothing but the job's lock parts them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connections

from overread.core.problems import Refused
from overread.core.states import JobState, StepError
from overread.flows.judging.launching import cancel, launch, launch_rest, pause
from overread.flows.people import invite
from overread.store.models import AuditEntry, Job, Slot
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
WAIT_SECONDS = 30


def at_once(*doings: Callable[[], T]) -> list[T | Exception]:
    """What each of them returned or raised."""
    ready = Barrier(len(doings))

    def do(doing: Callable[[], T]) -> T | Exception:
        ready.wait(WAIT_SECONDS)
        try:
            return doing()
        except (Refused, StepError) as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(do, doings))


def test_people_invited_at_once_have_numbers_of_their_own(job: Job) -> None:
    made = at_once(*[lambda: invite(job, count=3, actor=None, at=NOON)] * 4)
    assert not [one for one in made if isinstance(one, Exception)]
    pseudonyms = job.participations.order_by("pseudonym").values_list("pseudonym", flat=True)
    assert list(pseudonyms) == [f"contributor-{number:03d}" for number in range(1, 13)]


def test_a_job_launched_twice_at_once_is_launched_once(job: Job) -> None:
    made = at_once(*[lambda: launch(job, actor=None, at=NOON, rng=Random(1))] * 2)
    assert len([one for one in made if isinstance(one, Job)]) == 1
    assert AuditEntry.objects.filter(action="launch").count() == 1
    assert Slot.objects.filter(job=job).count() == 10


def test_the_rest_launched_twice_at_once_is_launched_once(job: Job) -> None:
    launch(job, actor=None, at=NOON, rng=Random(1), rows=4)
    at_once(*[lambda: launch_rest(job, actor=None, at=NOON, rng=Random(2))] * 2)
    assert Slot.objects.filter(job=job).count() == 10


def test_a_canceled_job_is_not_paused_after_all(running_job: Job) -> None:
    doings = [lambda act=act: act(running_job, actor=None, at=NOON) for act in (cancel, pause)]
    at_once(*doings)
    assert Job.objects.get(pk=running_job.pk).state == JobState.CANCELED
