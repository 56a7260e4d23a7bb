"""How right and how honest `auto` is on sets with gold and on panels, beside crowd-kit."""

import argparse
import json
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from _aggregation_crowds import SHARED, load, panel

from overread.core.aggregation import Auto, DawidSkene, Judgments, Majority
from overread.core.aggregation.auto import label_with
from overread.core.aggregation.judgments import nothing_known
from overread.core.aggregation.uncertainty import calibration_error

BENCH = Path(__file__).with_name("aggregation.py")
# The guard's thresholds were chosen on these and on panels of the seeds 100 to 111.
CHOSEN_ON = ("weather_amt", "gal_adultcontent2")
DRAWS = 2000
BINS = 10


def sets(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for folder in sorted((SHARED / "data" / "crowd").iterdir()):
        if not (folder / "gold.csv").exists():
            yield {"set": folder.name, "left out": "no known labels"}
            continue
        judgments, gold = load(folder)
        scored = np.flatnonzero(gold >= 0)
        fits = {"auto": Auto().fit_to(judgments), "majority": Majority().fit_to(judgments)}
        hits = {name: fit.answer[scored] == gold[scored] for name, fit in fits.items()}
        sure = fits["auto"].probability[scored]
        row: dict[str, Any] = {"set": folder.name, "gold": len(scored)}
        row["chosen on it"] = folder.name in CHOSEN_ON
        row["method"] = fits["auto"].method
        row |= {name: float(hit.mean()) for name, hit in hits.items()}
        row["calibration error"] = calibration_error(sure, hits["auto"].astype(float))
        row["of one that is calibrated"] = _chance(sure)
        row["debiased"] = _debiased(sure, hits["auto"])
        row["shared errors"] = fits["auto"].notes["shared errors"]
        row["with half of the gold"] = _with_half(judgments, gold, scored)
        theirs = _their_hits(options.python, folder)
        if theirs:
            best = max(theirs, key=lambda name: np.mean(theirs[name]))
            row["best of crowd-kit"] = f"{best} {np.mean(theirs[best]):.4f}"
            row["difference"] = _difference(hits["auto"], np.array(theirs[best], dtype=bool))
            row["of crowd-kit"] = {name: float(np.mean(hit)) for name, hit in theirs.items()}
        yield row


def _chance(sure: np.ndarray) -> float:
    """The calibration error that chance alone makes of so many tasks: the mean over labels drawn
    with just these probabilities."""
    rng = np.random.default_rng(1)
    drawn = [(rng.random(len(sure)) < sure).astype(float) for _ in range(500)]
    return float(np.mean([calibration_error(sure, right) for right in drawn]))


def _debiased(sure: np.ndarray, right: np.ndarray) -> float:
    """Root mean square gap by bin without what chance adds to it: from each bin's squared gap its
    variance is taken (Kumar, Liang and Ma 2019, NeurIPS 32); bins of equal size, as Roelofs et
    al. 2022 (AISTATS) find less biased."""
    total = 0.0
    for some in np.array_split(np.argsort(sure, kind="stable"), BINS):
        share = right[some].mean()
        gap = (share - sure[some].mean()) ** 2 - share * (1 - share) / (len(some) - 1)
        total += gap * len(some) / len(sure)
    return float(np.sqrt(max(total, 0.0)))


def _with_half(judgments: Judgments, gold: np.ndarray, scored: np.ndarray) -> dict[str, float]:
    """Every second known label is given; accuracy and calibration on the others."""
    known = nothing_known(judgments.tasks)
    known[scored[::2]] = gold[scored[::2]]
    fit, rest = Auto().fit_to(judgments, known), scored[1::2]
    right = (fit.answer[rest] == gold[rest]).astype(float)
    error = calibration_error(fit.probability[rest], right)
    return {"accuracy": float(right.mean()), "calibration error": error}


def _difference(ours: np.ndarray, theirs: np.ndarray) -> list[float]:
    """Mean and the paired bootstrap's 95 % interval, in points."""
    each = ours.astype(float) - theirs
    rng = np.random.default_rng(1)
    drawn = rng.choice(each, (DRAWS, len(each))).mean(axis=1) * 100
    return [float(each.mean() * 100), *np.quantile(drawn, [0.025, 0.975]).tolist()]


def _their_hits(python: str, folder: Path) -> dict[str, list[bool]]:
    done = subprocess.run([python, str(BENCH), "theirs", folder], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def theirs(folder: Path) -> dict[str, list[bool]]:
    """crowd-kit's methods with 100 iterations (GLAD and MACE with fewer: they take minutes)."""
    import warnings

    warnings.simplefilter("ignore")
    import crowdkit.aggregation as kit
    import pandas

    frame = pandas.read_csv(folder / "labels.csv", dtype=str)[["task", "worker", "label"]]
    gold = pandas.read_csv(folder / "gold.csv", dtype=str, index_col="task")["gold"]
    gold = gold[gold.index.isin(frame.task)].sort_index()
    methods = {
        "majority": kit.MajorityVote(),
        "Dawid-Skene": kit.DawidSkene(n_iter=100),
        "one-coin": kit.OneCoinDawidSkene(n_iter=100),
        "MMSR": kit.MMSR(),
        "MACE": kit.MACE(n_iter=20, n_restarts=3, random_state=0),
        "GLAD": kit.GLAD(n_iter=20, silent=True),
    }
    found = {}
    for name, method in methods.items():
        labels = method.fit_predict(frame).reindex(gold.index)
        found[name] = (labels == gold).tolist()
    return found


def panels(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Readers of sensitivity and specificity .8 to .97, each judging every unit."""
    for readers, units, share in product((3, 5, 8), (300, 1000, 5000), (0.02, 0.05, 0.1, 0.2)):
        lost, full = [], []
        for seed in range(options.seeds):
            judgments, truth = panel(readers, units, share, seed)
            right = [
                float((fit.answer == truth).mean())
                for fit in (
                    Majority().fit_to(judgments),
                    Auto().fit_to(judgments),
                    label_with(DawidSkene(), judgments, nothing_known(units)),
                )
            ]
            lost.append(100 * (right[1] - right[0]))
            full.append(100 * (right[2] - right[0]))
        yield {
            "readers": readers,
            "units": units,
            "prevalence": share,
            "auto - majority, points: mean": float(np.mean(lost)),
            "worst": min(lost),
            "Dawid-Skene: mean": float(np.mean(full)),
            "its worst": min(full),
        }
