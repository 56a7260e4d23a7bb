"""What a real archive holds, or pushed, becomes a job's rows."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.core.states import JobState
from overread.flows.intake.archive_sources import received
from overread.store.models import Job
from tests.conftest import picture, write_images
from tests.pacs.orthanc import PASSWORD, USER, Orthanc, film

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]


@pytest.fixture
def intake(draft: Job) -> Run:
    """Takes sources into the draft."""
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["intake", str(draft.pk), *map(str, arguments)])


def problems(report: Path) -> list[tuple[str, str, str]]:
    with report.open(encoding="utf-8", newline="") as file:
        return [(row["row"], row["column"], row["problem"]) for row in csv.DictReader(file)]


def left_over(home: Path) -> list[Path]:
    return list(home.rglob("*.dcm"))


@pytest.mark.parametrize("name", ["web", "get", "move"])
def test_what_matches_in_an_archive_becomes_rows(
    intake: Run, draft: Job, set_up: Path, orthanc: Orthanc, home: Path, name: str
) -> None:
    orthanc.keep(
        film(1, study=11),
        film(2, study=11),
        film(1, study=12),
        film(1, study=12, series=2, Modality="CT"),
        film(1, study=21),
    )
    done = intake(f"pacs:{name}?PatientID=P1&Modality=CR")
    assert done.exit_code == 0, done.output
    rows = list(draft.units.order_by("number"))
    assert [row.data["dicom_modality"] for row in rows] == ["CR"] * 3
    assert len({row.patient_id for row in rows}) == 1
    assert not any("1.2.3" in str(row.data) or "P1" in str(row.data) for row in rows)
    assert left_over(home) == []
    again = intake(f"pacs:{name}?PatientID=P1&Modality=CR")
    assert draft.units.count() == 3, again.output


@pytest.mark.parametrize("name", ["web", "get", "move"])
def test_a_list_of_accession_numbers_is_fetched_and_each_that_fails_is_told_by_row(
    intake: Run, draft: Job, set_up: Path, orthanc: Orthanc, tmp_path: Path, name: str
) -> None:
    orthanc.keep(
        film(1, study=11),
        film(1, study=12),
        film(1, study=13, AccessionNumber="TWICE"),
        film(1, study=14, AccessionNumber="TWICE"),
        film(1, study=15, Modality="SR"),
    )
    listed = tmp_path / "wanted.csv"
    numbers = ["A12", "A99", "A11", "A12", "TWICE", "A*", "A15", ""]
    listed.write_text("Accession number;ward\n" + "".join(f"{one};4\n" for one in numbers))
    done = intake(listed, "--accessions-from", name, "--report", tmp_path / "report.csv")
    assert done.exit_code == 3, done.output
    assert draft.units.count() == 2
    column = "Accession number"
    assert problems(tmp_path / "report.csv") == [
        ("2", column, "The archive knows no study with this accession number."),
        ("4", column, "Row 1 has the same accession number."),
        ("5", column, "The archive has 2 studies with this accession number."),
        ("6", column, "It is no accession number."),
        ("7", column, "The study holds no picture, or none of what was asked for."),
        ("8", column, "It is no accession number."),
    ]
    assert [row.data["image"].split("/")[1] for row in draft.units.order_by("number")] == [
        "row-1",
        "row-3",
    ]
    refused = intake(listed, "--accessions-from", name, "--on-error", "refuse")
    assert refused.exit_code == 2
    assert "A99" not in done.output + refused.output


def test_a_list_may_be_one_number_in_each_line(
    intake: Run, draft: Job, set_up: Path, orthanc: Orthanc, tmp_path: Path
) -> None:
    orthanc.keep(film(1, study=11), film(1, study=12))
    listed = tmp_path / "wanted.txt"
    listed.write_text("A11\nA12\nA13\n")
    done = intake(listed, "--accessions-from", "web", "--report", tmp_path / "report.csv")
    assert draft.units.count() == 2, done.output
    assert [row for row, _, _ in problems(tmp_path / "report.csv")] == ["3"]


def test_a_list_of_which_nothing_is_known_is_told_row_by_row(
    intake: Run, draft: Job, set_up: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "wanted.txt"
    listed.write_text("A98\nA99\n")
    done = intake(listed, "--accessions-from", "web", "--report", tmp_path / "report.csv")
    assert done.exit_code == 3, done.output
    assert [row for row, _, _ in problems(tmp_path / "report.csv")] == ["1", "2"]
    assert draft.units.count() == 0


def test_what_was_fetched_is_gone_on_with_where_it_was_stopped(
    intake: Run,
    draft: Job,
    set_up: Path,
    orthanc: Orthanc,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    orthanc.keep(film(1, study=11))
    listed = tmp_path / "wanted.txt"
    listed.write_text("A11\nA99\n")
    with monkeypatch.context() as stopping:
        stopping.setattr("overread.flows.intake.taking_in.plan_for", stop)
        assert intake(listed, "--accessions-from", "web").exit_code == 2
    orthanc.forget_all()
    done = intake("--go-on", "--report", tmp_path / "report.csv")
    assert done.exit_code == 3, done.output
    assert draft.units.count() == 1
    assert [row for row, _, _ in problems(tmp_path / "report.csv")] == ["2"]
    assert left_over(home) == []


def test_nothing_is_fetched_for_a_job_that_takes_none(
    intake: Run, draft: Job, set_up: Path, orthanc: Orthanc
) -> None:
    draft.state = JobState.CANCELED
    draft.save(update_fields=["state"])
    refused = intake("pacs:web?PatientID=nobody")
    assert refused.exit_code == 2
    assert "no study" not in refused.stderr


def test_an_address_is_asked_as_it_is(
    intake: Run, draft: Job, orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    orthanc.keep(film(1, study=11))
    source = f"dicomweb+{orthanc.root}?AccessionNumber=A11"
    refused = intake(source)
    assert refused.exit_code == 2
    assert "does not let us in" in refused.stderr
    monkeypatch.setenv("OVERREAD_DICOMWEB_USER", USER)
    monkeypatch.setenv("OVERREAD_DICOMWEB_PASSWORD", PASSWORD)
    assert intake(source).exit_code == 0
    assert draft.units.count() == 1


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "pacs:elsewhere?PatientID=P1",
            "No archive is called elsewhere; there are: get, move, web.",
        ),
        ("pacs:web", "An archive is asked with one or several of"),
        ("pacs:web?Modality=CR", "An archive is asked with one or several of"),
        ("pacs:web?Patient=P1", "An archive is asked with one or several of"),
        ("pacs:web?PatientID=", "An archive is asked with one or several of"),
        ("pacs:web?PatientID=nobody", "The archive has no study that matches."),
        ("pacs:received", "Nothing was received."),
        ("dicomweb+ftp://127.0.0.1?PatientID=P1", "This is no address of an archive"),
        ("dicomweb+http://a:b@127.0.0.1?PatientID=P1", "may hold no password"),
        ("dicomweb+http://127.0.0.1:9?PatientID=P1", "The archive can't be reached."),
    ],
)
def test_what_can_not_be_asked_is_told(intake: Run, set_up: Path, source: str, told: str) -> None:
    refused = intake(source)
    assert refused.exit_code == 2
    assert told in refused.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[dicomweb", "TOML|Expected"),
        ("[dicomweb.a]\naddress = 'ftp://x'", "has to begin with https"),
        ("[dicomweb.a]\naddress = 'https://x'\npasword = 'y'", "unknown field `pasword`"),
        ("[dimse.a]\nae_title = 'LONGER THAN SIXTEEN'\nhost = 'h'\nport = 104", "ae_title"),
        ("[dimse.a]\nae_title = 'A'\nhost = 'h'\nport = 104000", "port"),
        ("[receiver]\nsenders = [{ae_title = 'A', address = 'not an address'}]", "not an address"),
        (
            "[dicomweb.a]\naddress='https://x'\n[dimse.a]\nae_title='A'\nhost='h'\nport=104",
            "two archives are called a",
        ),
        ("[dicomweb.'../a']\naddress='https://x'", "can't be called '../a'"),
        ("[dicomweb.received]\naddress='https://x'", "can't be called 'received'"),
    ],
)
def test_settings_that_make_no_sense_are_told(
    intake: Run, home: Path, text: str, told: str
) -> None:
    (home / "pacs.toml").write_text(text)
    refused = intake("pacs:a?PatientID=P1")
    assert refused.exit_code == 2
    assert re.search(told, refused.stderr), refused.stderr


def test_pictures_of_an_archive_fill_rows_that_wait_like_any_other(
    intake: Run, draft: Job, set_up: Path, orthanc: Orthanc, tmp_path: Path
) -> None:
    orthanc.keep(film(1, study=11))
    assert intake(write_images(tmp_path / "images", 2), "pacs:get?PatientID=P1").exit_code == 0
    assert draft.units.count() == 3


@pytest.mark.parametrize("source", ["pacs:web?PatientID=P1", "pacs:get?PatientID=P1"])
def test_what_is_not_installed_is_named(
    intake: Run, set_up: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    for module in ("dicomweb", "dimse"):
        monkeypatch.setitem(sys.modules, f"overread.pacs.{module}", None)
    refused = intake(source)
    assert refused.exit_code == 2
    assert "pip install 'overread[dicom]'" in refused.stderr


def test_a_full_disk_is_told(
    intake: Run, set_up: Path, orthanc: Orthanc, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, *others: Any) -> Any:
        raise OSError(28, "No space left on device")

    orthanc.keep(film(1, study=11))
    monkeypatch.setattr("overread.pacs.spool.os.fdopen", full)
    refused = intake("pacs:web?PatientID=P1")
    assert refused.exit_code == 2
    assert "There is no room left on the disk." in refused.stderr
    assert left_over(home) == []


class Receiving:
    """`overread pacs receive` in a process of its own."""

    def __init__(self, home: Path, *command: str) -> None:
        self.log = home.parent / f"{home.name}-receiver.log"
        environment = {**os.environ, "OVERREAD_HOME": str(home), "OVERREAD_DATABASE_URL": ""}
        environment["OVERREAD_SECRET_KEY"] = "a secret of the tests, long enough for them"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(command or ("-m", "overread", "pacs", "receive"))],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def wait_until_it_listens(self) -> None:
        while b"Listening" not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture
def receiving(home: Path, set_up: Path, settings: Any) -> Iterator[Callable[..., Receiving]]:
    settings.SECRET_KEY = "a secret of the tests, long enough for them"
    started: list[Receiving] = []

    def start(*command: str) -> Receiving:
        started.append(Receiving(home, *command))
        started[-1].wait_until_it_listens()
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


def test_what_was_pushed_becomes_rows_and_waits_no_longer(
    receiving: Callable[..., Receiving], intake: Run, draft: Job, orthanc: Orthanc, home: Path
) -> None:
    receiver = receiving()
    kept = orthanc.keep(film(1, study=11), film(1, study=21))
    assert orthanc.push(kept)
    assert intake("pacs:received", "--what-if").exit_code == 0
    assert len(received().files()) == 2
    done = intake("pacs:received")
    assert done.exit_code == 0, done.output
    assert draft.units.count() == 2
    assert left_over(home) == []
    receiver.stop()
    assert receiver.process.returncode == 0
    assert not any(word in receiver.log.read_text() for word in ("P1", "Doe", "A11"))


def test_only_one_receiver_keeps_a_home(receiving: Callable[..., Receiving], home: Path) -> None:
    receiving()
    second = Receiving(home)
    assert second.process.wait(timeout=60) == 2
    assert "already running" in second.log.read_text()


# As `overread pacs receive`, but the process is killed once the first file is in its place.
KILLED = """
import os, signal, sys
from overread.pacs import storing
original = storing.store
def store(event, spool):
    original(event, spool)
    os.kill(os.getpid(), signal.SIGKILL)
from overread.pacs import receiver
receiver.store = store
sys.argv = ["overread", "pacs", "receive"]
from overread.__main__ import main
main()
"""


def test_killed_between_store_and_answer_nothing_is_lost_or_doubled(
    receiving: Callable[..., Receiving], intake: Run, draft: Job, orthanc: Orthanc
) -> None:
    killed = receiving("-c", KILLED)
    kept = orthanc.keep(film(1, study=11), film(1, study=12))
    assert not orthanc.push(kept)
    assert killed.process.wait(timeout=30) == -signal.SIGKILL
    assert len(received().files()) == 1
    (received().folder / ".part-left").write_bytes(b"half")
    receiving()
    assert not (received().folder / ".part-left").exists()
    assert orthanc.push(kept)
    assert len(received().files()) == 2
    assert intake("pacs:received").exit_code == 0
    assert draft.units.count() == 2


def test_refused_rows_stay_with_the_receiver(
    receiving: Callable[..., Receiving], intake: Run, draft: Job, orthanc: Orthanc
) -> None:
    receiving()
    orthanc.push(orthanc.keep(film(1, study=11), film(2, study=11, BurnedInAnnotation="YES")))
    assert intake("pacs:received", "--on-error", "refuse").exit_code == 2
    assert len(received().files()) == 2
    assert intake("pacs:received").exit_code == 3
    assert received().files() == []


def test_an_archive_can_be_tried(set_up: Path) -> None:
    for name in ("web", "get", "move"):
        done = CliRunner().invoke(app, ["pacs", "echo", name])
        assert (done.exit_code, done.stdout) == (0, f"{name} answers.\n")


def test_a_fetch_that_was_killed_leaves_nothing_for_long(
    intake: Run, set_up: Path, orthanc: Orthanc, home: Path
) -> None:
    left = home / "uploads" / ".fetched-killed"
    left.mkdir(parents=True)
    (left / "scan.dcm").write_bytes(picture(1))
    orthanc.keep(film(1, study=11))
    intake("pacs:web?PatientID=P1")
    assert not left.exists()
