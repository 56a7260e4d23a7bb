"""overread patient: erase one, also where a kill -9 came in between."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.flows.design import create_job
from overread.flows.intake import start_intake, take_in
from overread.store.models import Patient, Team, Unit
from tests.conftest import NOON, picture
from tests.prepared import prepare

KEY = "ZQX-4711"
ROOT = Path(__file__).resolve().parents[2]
# The command ends by SIGKILL when it comes to this step.
KILLED = """
import os, sys, signal, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")
django.setup()
from overread.flows.privacy import erasing
from overread.store import blobs
from overread.cli.commands import app
room, name = sys.argv[1].split(".")
rooms = {"erasing": erasing, "blobs": blobs}
setattr(rooms[room], name, lambda *args: os.kill(os.getpid(), signal.SIGKILL))
app(["patient", "erase", sys.argv[2]])
"""

# On the way into jobs: an upload that is shown first, one that was stopped, one that was sent in
# part, a file from an archive, and what a killed process was at. All of them hold the patient.
UNDERWAY = """
import io, os, signal, sys, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.conf import settings
from overread.core.uploads import Offered
from overread.flows import background, uploading
from overread.flows.design import create_job
from overread.flows.intake import previewing, start_intake, take_in
from overread.flows.intake.archive_sources import received
from overread.flows.intake.passing_folders import FETCHED, INCOMING, UNPACKED, passing_folder
from overread.store.models import Job, User
key, table, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
at, job = datetime.now(UTC), Job.objects.get()
olga = User.objects.create(email="olga@example.org", name="Olga", created_at=at)
stopped, begun = (
    create_job(job.team, template="healthy-or-pneumonia", title=name, actor=None, at=at)
    for name in "ab"
)

def break_off(done, total):
    if done == total:
        raise KeyboardInterrupt

try:
    take_in(start_intake(stopped, actor=None, at=at), [table, folder], progress=break_off)
except KeyboardInterrupt:
    pass
with uploading.incoming() as place:
    (place / "rows.csv").write_bytes(table.read_bytes())
    shown = dict(sources=[place / "rows.csv"], actor=None, at=at)
    previewing.look(background.hand_over_upload(job, place, **shown))
part = uploading.begin(begun, [Offered(f"{key}.csv", 1000)], actor=olga)
uploading.append(part, 0, io.BytesIO(key.encode()), len(key))
with received().new("1.2.3") as file:
    file.write(key.encode())
held = [passing_folder(kind) for kind in (INCOMING, FETCHED, UNPACKED)]
for one in held:
    (one.__enter__() / "rows.csv").write_text(key)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def films(tmp_path: Path) -> tuple[Path, Path]:
    """A table, and images of which two show the patient."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(picture(number))
    table = tmp_path / "rows.csv"
    patients = (KEY, KEY, "other", "other")
    rows = "".join(f"{number}.png,{one}\n" for number, one in enumerate(patients))
    table.write_text(f"image,patient\n{rows}")
    return table, folder


def erase(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["patient", "erase", *arguments])


@pytest.mark.django_db(databases=["default", "tasks"])
def test_the_command_says_what_would_go_and_what_went(team: Team, films: tuple[Path, Path]) -> None:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    take_in(start_intake(job, actor=None, at=NOON), films, progress=lambda done, total: None)
    looked = erase(KEY, "--what-if")
    assert "2 rows in 1 jobs, 2 images" in looked.stdout
    assert Patient.objects.filter(key=KEY).exists()
    for _again in range(2):
        done = erase(KEY)
        assert (done.exit_code, "Erased: 2 rows, 2 images" in done.stderr) == (0, True)
    assert not Patient.objects.filter(key=KEY).exists()


@pytest.mark.django_db(databases=["default", "tasks"])
def test_an_unknown_key_is_refused_and_not_repeated(team: Team) -> None:
    for arguments in (["Doe^Anna"], ["Doe^Anna", "--what-if"], ["Doe^Anna", "--team", "77"]):
        refused = erase(*arguments)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.startswith("overread: ")
        assert "Anna" not in refused.output


@pytest.mark.django_db(databases=["default", "tasks"])
def test_a_key_that_two_teams_know_needs_the_team(team: Team) -> None:
    other = Team.objects.create(pk=team.pk + 1, name="Another team")
    for one in (team, other):
        Patient.objects.create(team=one, key=KEY)
    refused = erase(KEY)
    assert (refused.exit_code, f"{team.pk}, {other.pk}" in refused.stderr) == (2, True)
    assert erase(KEY, "--team", str(other.pk)).exit_code == 0
    assert list(Patient.objects.values_list("team", flat=True)) == [team.pk]
    assert not Unit.objects.exists()


@pytest.mark.parametrize("step", ["erasing._let_go", "blobs.sweep", "erasing._forget_the_log"])
def test_after_a_kill_9_the_command_completes_it(
    step: str, films: tuple[Path, Path], tmp_path: Path
) -> None:
    """Then the database file itself holds no trace of the key."""
    home = tmp_path / "home"
    prepare(home)
    run = Run(home)
    table, folder = films
    run("overread", "job", "create", str(table), "--images", str(folder))
    assert KEY.encode() in run.database()
    killed = run.python(KILLED, step, KEY)
    assert killed.returncode == -signal.SIGKILL
    run("overread", "patient", "erase", KEY)
    assert run.value("select count(*) from store_image") == 2
    assert run.value("select count(*) from store_unit where state = 'erased'") == 2
    kept = {row[0] for row in run.rows("select sha256 from store_blob")}
    files = (path for path in (home / "blobs").rglob("*") if path.is_file())
    assert {path.parent.name + path.name for path in files} == kept
    assert KEY.encode() not in run.database()


def test_after_an_erasure_with_uploads_no_file_holds_the_patient(
    films: tuple[Path, Path], tmp_path: Path
) -> None:
    """Without, what is found to hold the patient is dropped, and what is left is named."""
    home = tmp_path / "home"
    prepare(home)
    run = Run(home)
    table, folder = films
    run("overread", "job", "create", str(table), "--images", str(folder))
    begun = run.python(UNDERWAY, KEY, str(table), str(folder))
    assert begun.returncode == -signal.SIGKILL, begun.stderr
    assert len(holding(home)) >= 7
    told = run.overread("patient", "erase", KEY)
    assert told.returncode == 3
    assert told.stderr.count("Dropped: 1 uploads") == 3
    assert "not in the job yet" not in told.stderr
    assert "not sent to its end" not in told.stderr
    assert "1 files from archives" in told.stderr
    assert KEY not in told.stderr
    assert {path.parent.name for path in holding(home)} == {"received"}
    done = run.overread("patient", "erase", KEY, "--uploads")
    assert done.returncode == 0, done.stderr
    assert holding(home) == []


def test_a_copy_from_before_an_update_is_named_where_it_knows_the_patient(
    films: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    prepare(home)
    run = Run(home)
    table, folder = films
    run("overread", "job", "create", str(table), "--images", str(folder))
    copy = home / "overread.sqlite3.before-migration"
    with closing(sqlite3.connect(home / "overread.sqlite3")) as db, sqlite3.connect(copy) as made:
        db.backup(made)
    told = run.overread("patient", "erase", KEY)
    assert (told.returncode, copy.name in told.stderr) == (3, True)


def holding(home: Path) -> list[Path]:
    """Files that hold the key, or are called by it."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path for path in files if KEY.encode() in path.read_bytes() or KEY in str(path)]


class Run:
    """Commands in a home of their own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        own = {"OVERREAD_HOME": str(home), "OVERREAD_DATABASE_URL": ""}
        self._environment = {**os.environ, **own}

    def __call__(self, module: str, *arguments: str) -> None:
        done = self._run("-m", module, *arguments)
        assert done.returncode in (0, 3), done.stderr

    def overread(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run("-m", "overread", *arguments)

    def python(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run("-c", program, *arguments)

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def rows(self, sql: str) -> list[tuple[str]]:
        with closing(sqlite3.connect(self._home / "overread.sqlite3")) as db:
            return db.execute(sql).fetchall()

    def value(self, sql: str) -> object:
        return self.rows(sql)[0][0]

    def database(self) -> bytes:
        """The file with what its log holds."""
        return b"".join(path.read_bytes() for path in self._home.glob("overread.sqlite3*"))
