"""overread job, on the command line: what is refused, what is held, what is said."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.store.models import Image, Job, Unit
from tests.conftest import picture, write_images

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(one) for one in arguments])


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", 4)


def create(run: Run, path: Path, text: str | bytes, images: Path) -> Result:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return run("job", "create", path, "--images", images)


ROWS = "image,label\nscan-0.png,0\nscan-1.png,1\nscan-2.png,\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_a_table_comes_in_with_either_line_end_and_without_a_last_one(
    run: Run, tmp_path: Path, images: Path, end: str, last: bool
) -> None:
    text = ROWS.replace("\n", end) if last else ROWS.replace("\n", end).removesuffix(end)
    made = create(run, tmp_path / "table.csv", text, images)
    assert made.exit_code == 0, made.stderr
    job = Job.objects.get(pk=int(made.stdout.splitlines()[-1]))
    assert "3 rows, 3 images, 2 labelled (1 healthy, 1 pneumonia), 0 held" in made.stderr
    assert job.units.filter(test_question__isnull=False).count() == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("image,label\n", "no rows"),
        ("name,label\na,0\n", "No column names an image"),
        (picture(0), "PNG image, not a table"),
        (b"\x00\x01\x02", "table.csv"),
    ],
    ids=["empty", "header only", "no image column", "a picture", "bytes"],
)
def test_what_is_no_usable_table_is_refused_and_leaves_nothing(
    run: Run, tmp_path: Path, images: Path, text: str | bytes, reason: str
) -> None:
    refused = create(run, tmp_path / "table.csv", text, images)
    assert refused.exit_code == 2
    assert reason in refused.stderr
    assert (Job.objects.count(), Unit.objects.count()) == (0, 0)


def test_a_label_outside_the_mapping_is_held_with_row_column_and_advice(
    run: Run, tmp_path: Path, images: Path
) -> None:
    made = create(run, tmp_path / "table.csv", ROWS.replace("png,1", "png,maybe"), images)
    assert made.exit_code == 3
    assert "table.csv, row 2, column label: “maybe” is not a known label. Use one of" in made.stderr
    assert "3 rows, 2 images, 1 labelled (1 healthy), 1 held" in made.stderr


def test_a_missing_and_a_broken_image_are_held_and_the_rest_comes_in(
    run: Run, tmp_path: Path, images: Path
) -> None:
    (images / "scan-1.png").write_bytes(picture(1)[:200])
    (images / "scan-2.png").unlink()
    made = create(run, tmp_path / "table.csv", ROWS, images)
    assert made.exit_code == 3
    assert "table.csv, row 2, column image" in made.stderr
    assert "There is no image file called scan-2.png" in made.stderr
    assert (Unit.objects.count(), Unit.objects.filter(state="held").count()) == (3, 2)


def test_the_same_picture_twice_is_shown_once(run: Run, tmp_path: Path, images: Path) -> None:
    (images / "scan-2.png").write_bytes((images / "scan-0.png").read_bytes())
    made = create(run, tmp_path / "table.csv", ROWS, images)
    assert made.exit_code == 3
    assert "row 3, column image: This is the same picture as in row 1." in made.stderr
    assert Image.objects.count() == 2


def test_a_folder_alone_becomes_a_job(run: Run, images: Path) -> None:
    made = run("job", "create", "--images", images, "--title", "A folder")
    assert made.exit_code == 0
    job = Job.objects.get()
    assert (job.title, job.units.count()) == ("A folder", 4)


def test_file_names_of_one_patient_are_put_together_unless_told_otherwise(
    run: Run, tmp_path: Path, images: Path
) -> None:
    for number, name in enumerate(("person1_virus_1", "person1_virus_2", "person1_bacteria_3")):
        (images / f"scan-{number}.png").rename(images / f"{name}.png")
    assert "told apart by their file names" in run("job", "create", "--images", images).stderr
    patients = {unit.data["image"]: unit.patient for unit in Job.objects.get().units.all()}
    keys = [patients[name] and patients[name].key for name in sorted(patients)]  # type: ignore[union-attr]
    assert keys == ["person1-bacteria", "person1-virus", "person1-virus", None]
    run("job", "create", "--images", images, "--no-patients")
    assert not Job.objects.order_by("-pk")[0].units.filter(patient__isnull=False).exists()


def test_a_path_or_template_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    missing = run("job", "create", tmp_path / "none.csv")
    assert (missing.exit_code, "there is no file or folder" in missing.stderr) == (2, True)
    template = run("job", "create", "--template", "cats")
    assert (template.exit_code, "There is no template “cats”" in template.stderr) == (2, True)


def test_a_job_goes_through_its_states_and_no_others(run: Run, job: Job) -> None:
    assert run("job", "pause", job.pk).exit_code == 2
    for verb, state in (("launch", "running"), ("pause", "paused"), ("resume", "running")):
        assert run("job", verb, job.pk).exit_code == 0
        assert json.loads(run("job", "status", job.pk, "--json").stdout)["state"] == state
    again = run("job", "launch", job.pk)
    assert (again.exit_code, "The job is running already" in again.stderr) == (2, True)
    assert run("job", "cancel", job.pk).exit_code == 0
    assert run("job", "resume", job.pk).exit_code == 2


def test_a_job_that_is_not_there_is_named(run: Run, job: Job) -> None:
    refused = run("job", "status", "99")
    assert (refused.exit_code, f"there are: {job.pk}" in refused.stderr) == (2, True)


def test_an_invitation_has_an_address_and_a_token(run: Run, running_job: Job) -> None:
    made = json.loads(
        run(
            "user", "invite", running_job.pk, "--role", "contributor", "--count", 2, "--json"
        ).stdout
    )
    assert len({one["token"] for one in made}) == 2
    assert all(one["address"].endswith(f"/join/{one['token']}") for one in made)


def test_a_report_that_cannot_be_written_leaves_nothing_half(
    run: Run, running_job: Job, tmp_path: Path
) -> None:
    refused = run("job", "report", running_job.pk, "-o", tmp_path / "none" / "full.csv")
    assert (refused.exit_code, "can't be written" in refused.stderr) == (2, True)
    assert run("job", "report", running_job.pk, "-o", tmp_path / "full.csv").exit_code == 0
    assert [path.name for path in tmp_path.glob("*.csv")] == [
        f"table-{running_job.pk}.csv",
        "full.csv",
    ] or (tmp_path / "full.csv").exists()


def test_every_command_explains_itself(run: Run) -> None:
    for command in ("job create", "job launch", "job report", "user invite", "simulate", "serve",
                    "dataset export", "job status"):  # fmt: skip
        shown = run(*command.split(), "--help")
        assert (shown.exit_code, "Usage" in shown.stdout) == (0, True), command
