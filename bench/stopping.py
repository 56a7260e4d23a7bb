#!/usr/bin/env python3
"""What dynamic judgments save and cost, replayed on crowds whose true answers are known.

    bench/stopping.py --tune      the two sets and the simulations that the default was chosen on
    bench/stopping.py --report    the default on every set with known answers

A task is judged in a random order of its contributors. A tenth of the tasks are test questions:
all of their judgments are asked for and counted as cost, they come mixed with the others, and
what a contributor's accuracy is taken for grows with them. Nobody is removed. Accuracy is that
on the other tasks; among equal answers it counts what a random choice would be right.
"""

import _environment  # noqa: F401, I001  (first of all)

import argparse
import csv
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from statistics import fmean, pstdev

from overread.core.aggregation import Opinion, confidences
from overread.core.removal import Tested
from overread.core.simulation import Answers, Crowd, IndependentCrowd, Kind, read, unit_random
from overread.core.stopping import DEFAULT, Stopping, StoppingRule, Vote, posterior, wanted

SHARED = Path(os.environ.get("OVERREAD_SHARED", Path(__file__).parents[2] / "shared"))
TUNED_ON = ("gal_hitspam_crowdflower", "weather_amt")
TESTS = 0.1
REDUNDANCIES = (None, 7, 5)  # all that a task has, or that many of them
QUESTION = "answer"
CHEST = Answers(("healthy", "pneumonia"), ("unsure",), "pneumonia", "cannot be judged")

Judged = Sequence[tuple[str, str]]  # (contributor, answer)


@dataclass(frozen=True)
class Task:
    truth: str
    judged: Judged
    test: bool


@dataclass(frozen=True)
class Job:
    """`draw` gives the tasks in the order of work, with their test questions, by a seed."""

    name: str
    values: Sequence[str]
    draw: Callable[[Random], list[Task]]


@dataclass(frozen=True)
class Figures:
    """Shares of 1. `dynamic` and `full` are the accuracies of the trust-weighted answer; the
    other pairs are of a plain count (majority) and of the model's most likely answer."""

    share: float
    dynamic: float
    full: float
    dynamic_majority: float
    majority: float
    dynamic_posterior: float
    full_posterior: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--tune", action="store_true", help="many settings on the tuning sets")
    what.add_argument("--report", action="store_true", help="the default on every set")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.tune:
        jobs, settings = [*real_jobs(TUNED_ON), *simulated_jobs()], list(grid())
    else:
        jobs, settings = [*real_jobs(None), *simulated_jobs()], list(compared())
    rows = []
    print(f"{'set':34}{'rule':23}{'share':>6}{'dynamic':>9}{'majority':>9}{'trust':>7}", end="")
    print(f"{'difference (spread, worst)':>32}{'posterior: dynamic':>20}{'full':>7}")
    for setting in settings:
        for job in jobs:
            figures = [run(job, setting, seed) for seed in range(options.seeds)]
            rows.append(row(job, setting, figures))
            print(line(rows[-1]), flush=True)
        if options.tune:
            summary(rows[-len(jobs) :])
    if options.json:
        options.json.write_text(json.dumps({"default": asdict(DEFAULT), "rows": rows}, indent=1))


def compared() -> Iterator[Stopping]:
    yield DEFAULT
    yield replace(DEFAULT, rule=StoppingRule.CONFIDENCE, threshold=0.9)
    yield replace(DEFAULT, rule=StoppingRule.MATCHING, matches=3)


def grid() -> Iterator[Stopping]:
    for minimum in (2, 3):
        for threshold in (0.98, 0.99, 0.995, 0.998, 0.999):
            yield Stopping(StoppingRule.POSTERIOR, minimum, threshold=threshold)
        for threshold in (0.7, 0.8, 0.9):
            yield Stopping(StoppingRule.CONFIDENCE, minimum, threshold=threshold)
    for matches in (2, 3, 4):
        yield Stopping(StoppingRule.MATCHING, 2, matches=matches)


# -- Jobs


def real_jobs(names: Sequence[str] | None) -> Iterator[Job]:
    """One job per set and redundancy; says which sets can't be replayed, and why."""
    folder = SHARED / "data" / "crowd"
    if not folder.is_dir():
        sys.exit(
            f"No crowd sets in {folder}: set OVERREAD_SHARED to the folder that has data/crowd."
        )
    for path in sorted(folder.iterdir()):
        if names is not None and path.name not in names:
            continue
        missing = [name for name in ("labels.csv", "gold.csv") if not (path / name).exists()]
        if missing:
            print(f"{path.name}: left out, it has no {' and no '.join(missing)}")
            continue
        tasks = load(path)
        mean = fmean(len(judged) for _, judged in tasks)
        values = sorted({answer for _, judged in tasks for _, answer in judged})
        tuned = ", tuned on" if path.name in TUNED_ON else ""
        print(
            f"{path.name}: {len(tasks)} tasks with known answers, {mean:.1f} judgments each{tuned}"
        )
        for redundancy in REDUNDANCIES:
            if redundancy is None or redundancy < mean:
                name = f"{path.name} {redundancy or 'all'}"
                yield Job(name, values, drawer(tasks, redundancy))


def load(folder: Path) -> list[tuple[str, Judged]]:
    """(truth, judgments) of each task with a known answer; a contributor's first one counts."""
    with (folder / "gold.csv").open(newline="") as file:
        gold = {line["task"]: line["gold"] for line in csv.DictReader(file)}
    judged: dict[str, dict[str, str]] = defaultdict(dict)
    with (folder / "labels.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            if line["task"] in gold:
                judged[line["task"]].setdefault(line["worker"], line["label"])
    return [(gold[task], list(own.items())) for task, own in judged.items()]


def drawer(
    tasks: Sequence[tuple[str, Judged]], redundancy: int | None
) -> Callable[[Random], list[Task]]:
    def draw(rng: Random) -> list[Task]:
        order = rng.sample(range(len(tasks)), len(tasks))
        tests = set(rng.sample(order, round(TESTS * len(tasks))))
        return [
            Task(truth, rng.sample(judged, len(judged))[:redundancy], index in tests)
            for index in order
            for truth, judged in [tasks[index]]
        ]

    return draw


def simulated_jobs() -> Iterator[Job]:
    for redundancy in (10, 7, 5):
        yield Job(
            f"simulated X-rays {redundancy}", (*CHEST.settled, *CHEST.unsure), xrays(redundancy)
        )
        yield Job(f"simulated unequal readers {redundancy}", CHEST.settled, unequal(redundancy))


def xrays(redundancy: int, units: int = 300, readers: int = 30) -> Callable[[Random], list[Task]]:
    """Images whose difficulty all readers share; one reader in five picks at random."""
    kinds = [Kind.SPAMMER if reader % 5 == 0 else Kind.DILIGENT for reader in range(readers)]

    def draw(rng: Random) -> list[Task]:
        seed = rng.getrandbits(32)
        tests = set(rng.sample(range(units), round(TESTS * units)))
        tasks = []
        for unit in range(units):
            truth = rng.choice(CHEST.settled)
            drawn = unit_random(seed, unit)
            difficulty = Crowd().difficulty(drawn, CHEST, truth, tested=unit in tests)
            panel = rng.sample(range(readers), redundancy)
            judged = [(str(r), read(rng, kinds[r], difficulty, CHEST, truth)) for r in panel]
            tasks.append(Task(truth, judged, unit in tests))
        return tasks

    return draw


def unequal(redundancy: int, units: int = 300, readers: int = 40) -> Callable[[Random], list[Task]]:
    """Errors are independent, and readers differ: their accuracies follow a beta law."""

    def draw(rng: Random) -> list[Task]:
        crowds = [IndependentCrowd(accuracy=rng.betavariate(6, 2)) for _ in range(readers)]
        tests = set(rng.sample(range(units), round(TESTS * units)))
        tasks = []
        for unit in range(units):
            truth = rng.choice(CHEST.settled)
            judged = []
            for reader in rng.sample(range(readers), redundancy):
                difficulty = crowds[reader].difficulty(rng, CHEST, truth, tested=False)
                judged.append((str(reader), read(rng, Kind.DILIGENT, difficulty, CHEST, truth)))
            tasks.append(Task(truth, judged, unit in tests))
        return tasks

    return draw


# -- Replay


def run(job: Job, stopping: Stopping, seed: int) -> Figures:
    """Judge a job once. A task's maximum is what it has, so that full redundancy is the maximum."""
    tally: dict[str, Tested] = defaultdict(Tested)
    tasks = job.draw(Random(f"stopping {seed}"))
    asked, ended = 0, []
    for task in tasks:
        if task.test:
            asked += len(task.judged)
            for contributor, answer in task.judged:
                seen, missed, _ = tally[contributor]
                tally[contributor] = Tested(seen + 1, missed + (answer != task.truth))
            continue
        rule = replace(stopping, maximum=len(task.judged))
        votes: list[Vote] = []
        for contributor, answer in task.judged:
            if len(votes) >= wanted(rule, votes, {QUESTION: job.values}):
                break
            votes.append(Vote({QUESTION: (answer,)}, tally[contributor]))
        asked += len(votes)
        ended.append((task, len(votes)))
    accuracies = {
        name: fmean(
            credit(scores(job.values, part(task, end), tally), task.truth) for task, end in ended
        )
        for name, scores, part in (
            ("dynamic", by_trust, taken),
            ("full", by_trust, whole),
            ("dynamic_majority", by_count, taken),
            ("majority", by_count, whole),
            ("dynamic_posterior", by_posterior, taken),
            ("full_posterior", by_posterior, whole),
        )
    }
    return Figures(asked / sum(len(task.judged) for task in tasks), **accuracies)


def taken(task: Task, end: int) -> Judged:
    return task.judged[:end]


def whole(task: Task, end: int) -> Judged:
    return task.judged


Tallies = Mapping[str, Tested]


def by_count(values: Sequence[str], judged: Judged, tally: Tallies) -> dict[str, float]:
    return confidences([Opinion((answer,), None) for _, answer in judged], values)


def by_trust(values: Sequence[str], judged: Judged, tally: Tallies) -> dict[str, float]:
    return confidences([Opinion((answer,), tally[one].trust) for one, answer in judged], values)


def by_posterior(values: Sequence[str], judged: Judged, tally: Tallies) -> dict[str, float]:
    given = [((answer,), tally[one]) for one, answer in judged]
    return {answer[0]: p for answer, p in posterior(given, [(v,) for v in values]).items()}


def credit(scores: Mapping[str, float], truth: str) -> float:
    best = max(scores.values())
    top = [answer for answer, score in scores.items() if best - score < 1e-9]
    return (truth in top) / len(top)


# -- Tables


def row(job: Job, stopping: Stopping, figures: Sequence[Figures]) -> dict[str, object]:
    means = {name: fmean(asdict(one)[name] for one in figures) for name in asdict(figures[0])}
    differences = [one.dynamic - one.majority for one in figures]
    return {
        "set": job.name,
        "rule": stopping.rule.value,
        "minimum": stopping.minimum,
        "setting": stopping.matches
        if stopping.rule == StoppingRule.MATCHING
        else stopping.threshold,
        "seeds": len(figures),
        **means,
        "difference": fmean(differences),
        "difference_spread": pstdev(differences),
        "difference_worst": min(differences),
    }


def line(row: Mapping[str, object]) -> str:
    rule = f"{row['rule']} {row['setting']} from {row['minimum']}"
    difference = (
        f"{row['difference']:+.3f} ({row['difference_spread']:.3f}, {row['difference_worst']:+.3f})"
    )
    return (
        f"{row['set']:34}{rule:23}{row['share']:6.3f}{row['dynamic']:9.3f}{row['majority']:9.3f}"
        f"{row['full']:7.3f}{difference:>32}{row['dynamic_posterior']:20.3f}"
        f"{row['full_posterior']:7.3f}"
    )


def summary(rows: Sequence[Mapping[str, object]]) -> None:
    shares = fmean(float(str(row["share"])) for row in rows)
    differences = [float(str(row["difference"])) for row in rows]
    print(f"  = mean share {shares:.3f}, difference {fmean(differences):+.4f}", end="")
    print(f", worst set {min(differences):+.3f}\n")


if __name__ == "__main__":
    main()
