"""overread demo: a home with a running job and three people, made once and served."""

import csv
import json
import shutil
import sys
import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from threading import Timer
from typing import Annotated

import numpy as np
import typer
from django.conf import settings
from django.utils.translation import gettext as _

from overread.cli import serve
from overread.cli.intake import say_outcome
from overread.cli.job import say_tests
from overread.cli.output import console, fail, progress, refusals, say
from overread.flows.design import create_job
from overread.flows.intake import start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.people import create_owner, first_team, invite, sign_in_link
from overread.flows.test_questions import make_test_questions, revise_test_question
from overread.imaging.synthetic import Finding, SyntheticRadiograph, collection, png
from overread.store.models import Job, TestQuestion, User
from overread.store.models.people import Expertise
from overread.store.queries.design import labelled_rows

MARK = "demo.json"
SEED, IMAGES, LABELLED = 2024, 60, 16
LABELS = {Finding.HEALTHY: "0", Finding.PNEUMONIA: "1"}
TRUTHS = {**LABELS, Finding.UNREADABLE: "cannot be judged"}
BROWSER_WAITS = 2.0


def demo(
    data: Annotated[Path | None, typer.Option(help="A folder with a table and images.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    no_open: Annotated[bool, typer.Option(help="Don't open a browser.")] = False,
    reset: Annotated[bool, typer.Option(help="Delete the demo's data first.")] = False,
) -> None:
    """Make the demo job where there is none, print sign-in addresses, serve."""
    if reset:
        _reset()
    _refuse_foreign_home()
    with refusals():
        if not _mark().exists():
            _make(data.absolute() if data else None)
        elif data is not None and _marked()["data"] != str(data.absolute()):
            raise fail(_("This home holds another demo; --reset makes a new one."))
        addresses = list(_sign_ins(f"http://127.0.0.1:{port}"))
    _say(addresses, port)
    if not no_open:
        timer = Timer(BROWSER_WAITS, webbrowser.open, [addresses[0][1]])
        timer.daemon = True
        timer.start()
    serve.run("127.0.0.1", port)


def _mark() -> Path:
    return settings.HOME / MARK


def _marked() -> dict[str, str]:
    marked: dict[str, str] = json.loads(_mark().read_text())
    return marked


def _reset() -> None:
    """Delete a home that carries the demo's mark, and no other."""
    if not settings.HOME.exists() or not set(_content()) - {"secret"}:
        return
    if not _mark().exists():
        raise fail(_("{home} is no demo; nothing was deleted.").format(home=settings.HOME))
    secret = (settings.HOME / "secret").read_text()
    shutil.rmtree(settings.HOME)
    settings.HOME.mkdir(mode=0o700, parents=True)
    (settings.HOME / "secret").write_text(secret)
    (settings.HOME / "secret").chmod(0o600)


def _content() -> list[str]:
    return [path.name for path in settings.HOME.iterdir()] if settings.HOME.exists() else []


def _refuse_foreign_home() -> None:
    if "overread.sqlite3" in _content() and not _mark().exists() and not _unfinished().exists():
        raise fail(
            _("{home} holds data that is no demo. Give another OVERREAD_HOME.").format(
                home=settings.HOME
            )
        )


def _unfinished() -> Path:
    return settings.HOME / "demo.unfinished"


def _make(data: Path | None) -> None:
    """An interrupted start leaves a mark of its own and is made good by starting over."""
    now = datetime.now(UTC)
    _unfinished().touch()
    Job.objects.all().delete()
    User.objects.filter(is_demo=True).delete()
    reasons: dict[str, str] = {}
    if data:
        table, images = _table_in(data)
    else:
        table, images, reasons = _draw(settings.HOME / "demo")
    owner = create_owner(name=_("Olga (owner)"), email=None, at=now, is_demo=True)
    job = create_job(first_team(), template="healthy-or-pneumonia", title="", actor=owner, at=now)
    intake = start_intake(job, actor=owner, at=now)
    with progress(_("Reading images")) as moved:
        outcome = take_in(intake, [table, *images], progress=moved)
    if outcome.refused:
        raise fail(say(outcome.refused))
    questions = make_test_questions(job, list(labelled_rows(job)), actor=owner, at=now)
    say_outcome(outcome)
    say_tests(len(questions))
    for question in questions:
        _teach(question, reasons.get(question.unit.data[job.image_column], ""), owner, now)
    launch(job, actor=owner, at=now, rng=SystemRandom())
    for name, expertise in (
        (_("Lena (lay contributor)"), Expertise.LAY),
        (_("Rafael (radiologist)"), Expertise.RADIOLOGIST),
    ):
        invite(job, count=1, actor=owner, at=now, expertise=expertise, is_demo=True, name=name)
    _mark().write_text(json.dumps({"demo": "overread", "data": str(data or "")}))
    _unfinished().unlink()


def _table_in(data: Path) -> tuple[Path, list[Path]]:
    """The folder's one table (a file of truths is none) and its images."""
    tables = [path for path in sorted(data.glob("*.csv")) if "truth" not in path.name]
    if len(tables) != 1:
        raise fail(
            _("{folder} should hold one table (*.csv); it holds {count}.").format(
                folder=data, count=len(tables)
            )
        )
    images = data / "images"
    return tables[0], [images if images.is_dir() else data]


def _teach(question: TestQuestion, reason: str, owner: User, now: datetime) -> None:
    """What the drawing shows, as the reason in place of the template's general one."""
    assert question.current is not None
    accepted = question.current.accepted
    if reason:
        reasons = dict.fromkeys(accepted, reason)
        revise_test_question(question, accepted=accepted, reasons=reasons, actor=owner, at=now)


def _draw(folder: Path) -> tuple[Path, list[Path], dict[str, str]]:
    """Draw the synthetic X-rays, and write the table that an owner would upload.

    Returns the table, the images and what each shows, by file name.
    """
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    names = np.random.default_rng(SEED).permutation(np.arange(1000, 9999))[:IMAGES]
    drawn: list[tuple[str, SyntheticRadiograph]] = []
    with progress(_("Drawing synthetic X-rays")) as moved:
        for number, radiograph in enumerate(collection(SEED, IMAGES)):
            name = f"scan-{names[number]}.png"
            (images / name).write_bytes(png(radiograph))
            drawn.append((name, radiograph))
            moved(number + 1, IMAGES)
    given = set(_labelled(drawn))
    _write(
        folder / "table.csv",
        ((name, LABELS[one.finding] if name in given else "") for name, one in drawn),
    )
    _write(folder / "truth.csv", ((name, TRUTHS[one.finding]) for name, one in drawn))
    return folder / "table.csv", [images], {name: one.description for name, one in drawn}


def _labelled(drawn: list[tuple[str, SyntheticRadiograph]]) -> Iterator[str]:
    """As many healthy ones as ill ones get a label."""
    for finding in LABELS:
        found = [name for name, one in drawn if one.finding == finding]
        yield from found[: LABELLED // len(LABELS)]


def _write(path: Path, rows: Iterator[tuple[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("image", "label"))
        writer.writerows(rows)


def _sign_ins(base: str) -> Iterator[tuple[str, str]]:
    """A fresh single-use address for everybody in the demo."""
    for user in User.objects.filter(is_demo=True).order_by("pk"):
        yield user.name, f"{base}/sign-in/{sign_in_link(user, datetime.now(UTC))}"


def _truth() -> Path | None:
    """The table that tells the simulation what every image shows, where there is one."""
    own, data = settings.HOME / "demo" / "truth.csv", _marked()["data"]
    beside = sorted(Path(data).glob("*truth*.csv")) if data else [own]
    return beside[0] if beside and beside[0].exists() else None


def _say(addresses: list[tuple[str, str]], port: int) -> None:
    job = Job.objects.order_by("pk").first()
    assert job is not None
    console.print(_("Data: {home}").format(home=settings.HOME), markup=False)
    console.print(_("Each address signs one person in, once:"))
    for name, address in addresses:
        print(f"  {name}: {address}", flush=True)
    home = f"OVERREAD_HOME='{settings.HOME}'"
    truth = _truth()
    option = f" --truth '{truth}'" if truth else " --truth FILE.csv:IMAGE_COLUMN:LABEL_COLUMN"
    console.print(_("Twenty simulated contributors, from another terminal:"))
    console.print(
        f"  {home} '{Path(sys.executable).parent}/overread' simulate {job.pk} --server http://127.0.0.1:{port}{option}",
        markup=False,
    )
