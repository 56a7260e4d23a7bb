"""The demo's home: its own is deleted on request, and no other ever."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.store.models import Job, User
from tests.conftest import write_images, write_table

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])


@pytest.fixture(autouse=True)
def _serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overread.cli.serve.run", lambda host, port: None)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a table, its images and a table of truths, which is not the one to take."""
    folder = tmp_path / "data"
    write_images(folder / "images", 19)
    write_table(folder / "rows.csv", 20, 10)
    write_table(folder / "derived_truth.csv", 20, 20)
    return folder


def demo(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["demo", "--no-open", *map(str, arguments)])


def test_a_demo_has_a_running_job_and_an_address_for_each_of_three_people(data: Path) -> None:
    shown = demo("--data", data)
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.count("http://127.0.0.1:8000/sign-in/") == 3
    job = Job.objects.get()
    assert (job.state, job.units.count()) == ("running", 20)
    assert User.objects.filter(is_demo=True).count() == 3


def test_a_second_start_makes_nothing_new_but_the_addresses(data: Path) -> None:
    first, second = demo("--data", data), demo()
    assert second.exit_code == 0
    assert first.stdout != second.stdout
    assert (Job.objects.count(), User.objects.count()) == (1, 3)


def test_another_folder_than_the_demos_is_refused(data: Path, tmp_path: Path) -> None:
    demo("--data", data)
    refused = demo("--data", tmp_path)
    assert (refused.exit_code, "--reset" in refused.stderr) == (2, True)


def test_a_home_that_is_no_demo_is_neither_used_nor_deleted(settings: Any) -> None:
    kept: Path = settings.HOME / "overread.sqlite3"
    kept.write_text("somebody's work")
    for arguments in ([], ["--reset"]):
        refused = demo(*arguments)
        assert refused.exit_code == 2
        assert "no demo" in refused.stderr
    assert kept.read_text() == "somebody's work"


def test_reset_deletes_a_home_with_the_demos_mark(settings: Any, data: Path) -> None:
    (settings.HOME / "demo.json").write_text(json.dumps({"demo": "overread", "data": ""}))
    (settings.HOME / "secret").write_text("x" * 40)
    (settings.HOME / "old").touch()
    assert demo("--reset", "--data", data).exit_code == 0
    assert not (settings.HOME / "old").exists()
    assert (settings.HOME / "secret").read_text() == "x" * 40
