"""overread simulate: a job worked through by simulated contributors."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from overread.cli.output import job_or_fail, progress, refusals
from overread.core.aggregation import Agreed
from overread.core.simulation import Crowd, IndependentCrowd, Score, score
from overread.flows.aggregation import results
from overread.flows.simulation import Simulation, known_truth, prepare, run
from overread.store.models import Job
from overread.store.queries.monitor import status_of


def simulate(
    job: Annotated[int, typer.Argument(metavar="JOB", help="The job's id.")],
    server: Annotated[str, typer.Option(help="The running server.")] = "http://127.0.0.1:8000",
    contributors: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 20,
    accuracy: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Independent errors with this accuracy, instead of "
            "errors that share each image's difficulty as a real lay crowd's did.",
        ),
    ] = None,
    spammers: Annotated[int, typer.Option(min=0, help="How many of them don't look.")] = 2,
    truth: Annotated[
        str, typer.Option(metavar="CSV[:IMAGE_COLUMN:LABEL_COLUMN]", help="The right answers.")
    ] = "",
    seed: Annotated[int, typer.Option(help="The same seed, the same readers.")] = 1,
) -> None:
    """Let simulated contributors work through a running server, and score the result."""
    crowd = Crowd() if accuracy is None else IndependentCrowd(accuracy=accuracy)
    with refusals():
        found = job_or_fail(job)
        known = known_truth(found, *_truth_table(truth))
        simulation = prepare(
            found,
            known,
            crowd,
            contributors=contributors,
            spammers=min(spammers, contributors),
            seed=seed,
            at=datetime.now(UTC),
        )
        _work(simulation, server)
    found.refresh_from_db()
    _say(found, simulation)


def _truth_table(truth: str) -> tuple[Path | None, str, str]:
    if not truth:
        return None, "", ""
    path, image, label = truth, "", ""
    if not Path(path).exists() and truth.count(":") >= 2:
        path, image, label = truth.rsplit(":", 2)
    return Path(path), image, label


def _work(simulation: Simulation, server: str) -> None:
    needed = status_of(simulation.job)["needed"]
    done = 0
    with progress(_("Judging")) as moved:

        def told(judgments: int) -> None:
            nonlocal done
            done += judgments
            moved(done, max(needed, done))

        run(simulation, server, told)


def _say(job: Job, simulation: Simulation) -> None:
    status = status_of(job)
    print(
        _("job {job}: {state}, {percent} % of the judgments").format(
            job=job.pk, state=status["state"], percent=status["percent"]
        )
    )
    print(
        _("{judgments} judgments, {untrusted} of them untrusted; contributors: {states}").format(
            judgments=status["judgments"],
            untrusted=status["untrusted_judgments"],
            states=", ".join(f"{count} {state}" for state, count in status["contributors"].items()),
        )
    )
    single, consensus = _scores(job, simulation)
    print(_line(_("one trusted judgment"), single))
    print(_line(_("consensus"), consensus))


def _scores(job: Job, simulation: Simulation) -> tuple[Score, Score]:
    """Single judgments and consensus against the truth, over work rows that were judged."""
    found = results(job)
    question, positive = found.design.main_question.name, simulation.answers.positive
    single: list[tuple[str | None, str]] = []
    settled: list[tuple[str | None, str]] = []
    for one in found.units:
        if one.judged.golden is not None or not one.counted:
            continue
        truth = simulation.units[one.judged.unit.pk].truth
        if truth == simulation.answers.cannot:
            continue
        single += [(judgment.answers.get(question), truth) for judgment in one.counted]
        agreed = one.answers[question]
        decided = isinstance(agreed, Agreed) and not agreed.tied
        settled.append((agreed.answer if decided and isinstance(agreed, Agreed) else None, truth))
    return score(single, positive), score(settled, positive)


def _line(label: str, found: Score) -> str:
    return _(
        "{label}: accuracy {accuracy} ({right} of {of}), sensitivity {sensitivity}, "
        "specificity {specificity}"
    ).format(
        label=label,
        accuracy=_share(found.accuracy),
        right=found.right,
        of=found.of,
        sensitivity=_share(found.sensitivity),
        specificity=_share(found.specificity),
    )


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
