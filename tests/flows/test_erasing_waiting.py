"""A patient who waits to come in is erased too: nothing under OVERREAD_HOME names them any more."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from overread.core.uploads import Offered
from overread.flows import uploading
from overread.flows.background import hand_over_upload
from overread.flows.design import create_job
from overread.flows.intake import journal, start_intake, storing, take_in
from overread.flows.intake.archive_sources import received
from overread.flows.privacy import uploads
from overread.flows.privacy.erasing import begin_erasing, finish_erasing
from overread.store.models import Intake, Job, Patient, Study, Team, Unit, User
from overread.store.queries.privacy import uploads_dropped
from tests.conftest import NOON, picture
from tests.flows.test_dicom_intake import child
from tests.flows.test_erasing import erased, everything_stored
from tests.flows.test_intake_stages import killing

pytestmark = pytest.mark.django_db
KEY, OTHER = "ZQX-4711", "other-1"
MakeJob = Callable[[], Job]


@pytest.fixture
def draft(team: Team) -> MakeJob:
    return lambda: create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


def put(folder: Path, patient: str, seed: int, count: int = 3) -> list[Path]:
    """A table and its images: so many of one patient, one that is missing, and one of nobody's."""
    (folder / "images").mkdir(parents=True)
    images = {f"{patient}-{seed}-{number}.png": patient for number in range(count)}
    images |= {f"nobody-{seed}-{number}.png": "nobody" for number in range(2)}
    for number, name in enumerate(images):
        (folder / "images" / name).write_bytes(picture(number, seed))
    rows = "".join(f"{name},{one}\n" for name, one in images.items())
    (folder / "rows.csv").write_text(f"image,patient\n{rows}no such file,{patient}\n")
    return [folder / "rows.csv", folder / "images"]


def previewed(job: Job, home: Path, patient: str, seed: int = 1) -> Intake:
    folder = home / "uploads" / f".incoming-{seed}"
    sources = put(folder, patient, seed)
    intake = hand_over_upload(job, folder, sources=sources, actor=None, at=NOON)
    intake.refresh_from_db()
    assert intake.state == Intake.State.PREVIEWED
    return intake


def broken_off(job: Job, folder: Path, where: object, what: str, times: int) -> Intake:
    sources = put(folder, KEY, 2)
    intake = start_intake(job, actor=None, at=NOON)
    with pytest.MonkeyPatch.context() as patch:
        killing(patch, where, what, times, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            take_in(intake, sources)
    intake.refresh_from_db()
    assert intake.state == Intake.State.STOPPED
    return intake


def begun(job: Job, actor: User) -> None:
    """Half of an upload."""
    data = f"image,patient\n1.png,{KEY}\n".encode()
    upload = uploading.begin(
        job, [Offered(f"{KEY}.csv", len(data) + 9, is_table=True)], actor=actor
    )
    uploading.append(upload, 0, io.BytesIO(data), len(data))


def known(job: Job, folder: Path, patient: str = KEY, seed: int = 9) -> None:
    take_in(start_intake(job, actor=None, at=NOON), put(folder, patient, seed, 1))


def holding(home: Path, marker: str) -> list[str]:
    """Files that say it, in their names or bytes, packed or not."""
    found = [path for path in sorted(home.rglob("*")) if marker in path.name]
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    data += b"".join(map(packed.read, packed.namelist()))
            if marker.encode() in data:
                found.append(path)
    return [str(path) for path in found]


@pytest.fixture
def waits(team: Team, draft: MakeJob, home: Path, tmp_path: Path, olga: User) -> list[Intake]:
    """KEY is known, and waits in a preview, a stopped intake and half of an upload; so does
    somebody else.
    """
    known(draft(), tmp_path / "known")
    stopped = broken_off(draft(), tmp_path / "stopped", journal.Journal, "complete", 1)
    begun(draft(), olga)
    return [previewed(draft(), home, KEY), stopped, previewed(draft(), home, OTHER, 5)]


def test_after_it_no_file_and_no_cell_names_the_patient(
    team: Team, home: Path, waits: list[Intake]
) -> None:
    assert holding(home, KEY)
    found = erased(team)
    assert not holding(home, KEY)
    assert KEY not in everything_stored()
    assert list(Intake.objects.exclude(state=Intake.State.DONE)) == [waits[2]]
    assert holding(home, OTHER)
    assert sorted(uploads_dropped(found).values()) == [1, 1, 1]
    assert waits[2].job_id not in uploads_dropped(found)


@pytest.mark.parametrize("broken_at", ["forget", "remove_unused", "_record", "cancel_all"])
def test_one_that_broke_off_there_is_completed(
    team: Team,
    home: Path,
    waits: list[Intake],
    broken_at: str,
) -> None:
    begun_ = begin_erasing(team, KEY, actor=None, at=NOON)
    with pytest.MonkeyPatch.context() as patch:
        killing(patch, uploads, broken_at, 1, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            finish_erasing(begun_, at=NOON)
    finish_erasing(begun_, at=NOON)
    assert not holding(home, KEY)
    assert KEY not in everything_stored()


def test_one_whose_rows_go_into_the_job_is_ended_and_its_rows_are_erased(
    team: Team, draft: MakeJob, home: Path, tmp_path: Path
) -> None:
    known(draft(), tmp_path / "known")
    intake = broken_off(draft(), tmp_path / "stopped", storing, "put", 1)
    assert intake.target is not None
    found = erased(team)
    assert found.rows == Unit.objects.filter(state="erased").count() == 6
    assert not uploads_dropped(found)
    assert not holding(home, KEY)
    assert KEY not in everything_stored()


def test_dicom_files_of_the_patient_go_wherever_they_wait(
    team: Team, draft: MakeJob, home: Path, tmp_path: Path
) -> None:
    """Even where the table that is known calls the patient otherwise, and nothing else does."""
    (tmp_path / "films").mkdir()
    (tmp_path / "films/1.dcm").write_bytes(child(1))
    (tmp_path / "rows.csv").write_text("file,patient\n1.dcm,one\n")
    sources = [tmp_path / "rows.csv", tmp_path / "films"]
    take_in(start_intake(draft(), actor=None, at=NOON), sources)
    spool = received()
    for uid, data in (("1", child(1)), ("2", child(2, PatientID="SOMEBODY-ELSE"))):
        with spool.new(uid) as file:
            file.write(data)
    for name, data in (("a", child(3)), ("b", child(4, PatientID="SOMEBODY-ELSE"))):
        folder = home / "uploads" / f".incoming-{name}"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / "films.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("x.dcm", data)
        hand_over_upload(draft(), folder, sources=[folder / "films.zip"], actor=None, at=NOON)
    assert len(spool.files()) == 2
    found = erased(team, "one")
    assert [b"SOMEBODY-ELSE" in path.read_bytes() for path in spool.files()] == [True]
    assert sum(uploads_dropped(found).values()) == 1
    assert Intake.objects.filter(state=Intake.State.PREVIEWED).count() == 1
    assert not Patient.objects.exists()
    assert not Study.objects.exists()


def test_a_key_is_a_word_of_its_own(team: Team, draft: MakeJob, home: Path, tmp_path: Path) -> None:
    known(draft(), tmp_path / "known", "other")
    intake = previewed(draft(), home, "another")
    erased(team, "other")
    assert Intake.objects.filter(pk=intake.pk).exists()
