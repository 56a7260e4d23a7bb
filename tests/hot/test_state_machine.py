"""Random jobs, step by step: the store does what the model says, on either database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from overread.core.judging import RunOut
from overread.core.stopping import StoppingRule
from overread.store.hot.writer import Database
from tests.hot.play import replies, right, take_step
from tests.hot.server_of_tests import empty_database
from tests.hot.world import (
    ANSWERS,
    Setting,
    World,
    drawn,
    open_settings,
    raw,
    start_over,
)

ROOT = Path(__file__).resolve().parents[2]
ONE_JUDGMENT = {"judgments_per_unit": 1, "page_seconds": 60}
MATCHING = {
    "stopping_rule": StoppingRule.MATCHING.value,
    "judgments_per_unit": 2,
    "maximum_judgments_per_unit": 4,
}
SEEDS, MORE_SEEDS = 6, 200
drawn_by_hypothesis = st.randoms(use_true_random=False)
someone = st.integers(0, 4)


class Judging(RuleBasedStateMachine):
    """Contributors and the owner at one job, in any order."""

    database: Database
    world: World

    @initialize(rng=drawn_by_hypothesis)
    def job(self, rng: Random) -> None:
        start_over()
        self.world = World(drawn(rng), self.database)

    @rule(served=st.booleans())
    def by_server_or_command_line(self, served: bool) -> None:
        self.world.served = served

    @rule(seconds=st.sampled_from((1, 6, 30, 61, 3600)))
    def time_passes(self, seconds: int) -> None:
        self.world.passes(seconds)

    @rule(who=someone, retake=st.booleans())
    def ask(self, who: int, retake: bool) -> None:
        self.world.ask(self._who(who), retake=retake)

    @rule()
    def all_ask_at_once(self) -> None:
        self.world.ask(*self.world.people)

    @rule(who=someone, rng=drawn_by_hypothesis)
    def send_the_open_page(self, who: int, rng: Random) -> None:
        page = self.world.model.open_page(self._who(who))
        if page is not None:
            self.world.send(page.who, page.id, replies(page, self.world.model, rng))

    @rule(who=someone, rng=drawn_by_hypothesis)
    def ask_and_send(self, who: int, rng: Random) -> None:
        self.ask(who, False)
        self.world.passes(6)
        self.send_the_open_page(who, rng)

    @precondition(lambda self: self.world.model.pages)
    @rule(who=someone, which=st.integers(0, 99), rng=drawn_by_hypothesis)
    def send_some_page(self, who: int, which: int, rng: Random) -> None:
        """Late, judged already, or another contributor's."""
        pages = list(self.world.model.pages.values())
        page = pages[which % len(pages)]
        sender = self._who(who) if which % 5 == 0 else page.who
        self.world.send(sender, page.id, replies(page, self.world.model, rng))

    @rule()
    def pause(self) -> None:
        self.world.pause()

    @rule()
    def resume(self) -> None:
        self.world.resume()

    @rule(really=st.sampled_from((False,) * 9 + (True,)))
    def cancel(self, really: bool) -> None:
        if really:
            self.world.cancel()

    @rule()
    def launch_the_rest(self) -> None:
        self.world.launch_rest()

    @rule(which=st.integers(0, 11))
    def hold(self, which: int) -> None:
        """Or put in use again."""
        tests = list(self.world.model.tests)
        if tests:
            self.world.hold(tests[which % len(tests)])

    @rule(which=st.integers(0, 11), answer=st.sampled_from(ANSWERS))
    def accept_another_answer(self, which: int, answer: str) -> None:
        tests = list(self.world.model.tests)
        if tests:
            self.world.accept_too(tests[which % len(tests)], answer)

    @rule(rng=drawn_by_hypothesis)
    def change_settings(self, rng: Random) -> None:
        self.world.change_settings(**open_settings(rng))

    @rule(who=someone)
    def remove(self, who: int) -> None:
        self.world.remove(self._who(who))

    @rule(who=someone)
    def restore(self, who: int) -> None:
        self.world.restore(self._who(who))

    @rule(who=someone)
    def settle(self, who: int) -> None:
        self.world.settle(self._who(who))

    def _who(self, who: int) -> int:
        return self.world.people[who % len(self.world.people)]


def send_right(world: World, who: int) -> None:
    page = world.model.open_page(who)
    assert page is not None
    world.send(who, page.id, [right(world.model.tests.get(unit or 0)) for unit in page.units])


@pytest.fixture
def database(transactional_db: None) -> Iterator[Database]:
    """The server's own connection."""
    made = raw()
    yield made
    made.close()


def run(connected: Database, examples: int) -> None:
    class Connected(Judging):
        database = connected

    run_state_machine_as_test(
        Connected,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_a_job_ends_though_its_last_page_came_in_during_a_pause(database: Database) -> None:
    world = World(Setting(units=1, tests=0, settings=ONE_JUDGMENT), database)
    lena, rafael, _ = world.people
    world.ask(lena)
    world.pause()
    send_right(world, lena)
    world.resume()
    world.ask(rafael)


def test_units_of_a_page_that_ran_out_lie_ahead_of_one_who_just_passed_the_quiz(
    database: Database,
) -> None:
    world = World(Setting(settings=ONE_JUDGMENT), database)
    lena, rafael, _ = world.people
    world.ask(lena)
    send_right(world, lena)
    world.passes(30)
    world.ask(rafael)
    world.passes(30)
    send_right(world, rafael)


def test_no_page_shows_a_test_question_twice_where_they_repeat(database: Database) -> None:
    """The same picture twice would say which one is the test."""
    quiz_leaves_one = {"quiz_length": 7, "test_questions_per_page": 2, "minimum_accuracy": 0.0}
    repeat = {**quiz_leaves_one, "units_per_page": 5, "when_tests_run_out": RunOut.REPEAT.value}
    world = World(Setting(units=60, people=12, settings=repeat), database)
    for who in world.people:
        world.ask(who)
        send_right(world, who)


@pytest.mark.parametrize("stopping", [{}, MATCHING], ids=["fixed", "dynamic"])
def test_work_that_comes_again_does_what_the_model_says(
    database: Database, stopping: dict[str, Any]
) -> None:
    """Pages run out, come late, people are removed and restored, and some read rows again."""
    again = {"repeat_share": 0.2, "repeat_hours": 1, "minimum_accuracy": 0.0, "page_seconds": 7200}
    world = World(Setting(units=80, settings={**again, **stopping}), database)
    rng = Random("again")
    for _ in range(100):
        take_step(world, rng)
    given = [page for page in world.model.pages.values() if page.again]
    assert sum(page.submitted_at is not None for page in given) > 3


def test_the_store_does_what_the_model_says(database: Database) -> None:
    run(database, examples=40)


@pytest.mark.long
def test_the_store_does_what_the_model_says_at_length(database: Database) -> None:
    run(database, examples=1000)


def test_both_databases_do_the_same(other_database: str, tmp_path: Path) -> None:
    seeds = range(SEEDS)
    assert played(seeds, tmp_path, "") == played(seeds, tmp_path, other_database)


@pytest.mark.long
def test_both_databases_do_the_same_at_length(other_database: str, tmp_path: Path) -> None:
    seeds = range(SEEDS, SEEDS + MORE_SEEDS)
    assert played(seeds, tmp_path, "") == played(seeds, tmp_path, other_database)


def played(seeds: range, folder: Path, url: str) -> list[str]:
    """What was told in these jobs on a fresh database."""
    home = folder / (urlsplit(url).scheme or "sqlite")
    home.mkdir()
    command = [sys.executable, "-m", "tests.hot.play", *map(str, seeds)]
    variables = {**os.environ, "OVERREAD_HOME": str(home), "OVERREAD_DATABASE_URL": url}
    ran = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    lines = ran.stdout.splitlines()
    assert [json.loads(line)[0] for line in lines] == list(seeds)
    return lines


@pytest.fixture
def other_database() -> Iterator[str]:
    with empty_database() as url:
        yield url
