"""DICOM files become units: what a reader needs is kept, who it is becomes a keyed hash."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from pydicom import Dataset
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.tag import Tag

from overread.core.greys import Greys
from overread.flows.design import create_job
from overread.flows.export import export_folders
from overread.flows.intake import Options, Outcome, start_intake, take_in, what_if
from overread.flows.intake.patients import settle_patients
from overread.imaging.dicom import account
from overread.imaging.dicom.account import Group
from overread.imaging.dicom.attributes import READ
from overread.store.models import Job, Patient, Study, Team
from tests.conftest import NOON, picture
from tests.imaging.dicom_files import dicom, dicom_bytes, dicom_dataset

pytestmark = pytest.mark.django_db
CHILD = {
    "Modality": "DX",
    "PatientID": "4711",
    "PatientName": "Doe^Anna",
    "PatientAge": "004Y",
    "PatientSex": "F",
    "PatientBirthDate": "20200101",
    "StudyDate": "20240302",
    "StudyInstanceUID": "1.2.3.4",
    "ViewPosition": "PA",
    "BodyPartExamined": "CHEST",
    "ImageLaterality": "U",
    "PixelSpacing": [0.14, 0.15],
    "PixelSpacingCalibrationType": "GEOMETRY",
}
KEPT = {
    "dicom_modality": "DX",
    "dicom_age_band": "1 to 4 years",
    "dicom_sex": "F",
    "dicom_view": "PA",
    "dicom_body_part": "CHEST",
    "dicom_laterality": "U",
    "dicom_spacing_mm": "0.14 0.15",
}


def film(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 4096, (18, 24)).astype(np.uint16)


def child(number: int, **other: Any) -> bytes:
    return dicom(film(number), **{**CHILD, **other})


@pytest.fixture
def empty(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def make(files: dict[str, bytes], name: str = "films") -> Path:
        for file, data in files.items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return tmp_path / name

    return make


def taken_in(job: Job, *sources: Path) -> Outcome:
    outcome = take_in(
        start_intake(job, actor=None, at=NOON), sources, progress=lambda done, total: None
    )
    job.refresh_from_db()
    return outcome


def test_a_folder_of_dicom_becomes_units_with_what_a_reader_needs(
    empty: Job, folder: Callable[..., Path]
) -> None:
    """Files come with a suffix, with a number, or with a UID for a name."""
    taken_in(empty, folder({"a.dcm": child(1), "sub/6154": child(2), "1.2.840.7": child(3)}))
    units = list(empty.units.order_by("number"))
    assert len(units) == 3
    for unit in units:
        assert {name: unit.data[name] for name in KEPT} == KEPT
        assert unit.data.keys() == {"image", *KEPT}
        assert unit.images.get().greys["spacing"] == [0.14, 0.15]


def test_every_column_that_is_kept_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs/reference/dicom.md"
    assert all(f"`{name}`" in page.read_text() for name in KEPT)


def test_one_patient_stays_together_over_files_and_uploads(
    team: Team, folder: Callable[..., Path]
) -> None:
    jobs = [
        create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
        for _ in range(2)
    ]
    taken_in(jobs[0], folder({"1.dcm": child(1), "2.dcm": child(2, PatientID="4712")}, "one"))
    taken_in(jobs[1], folder({"3.dcm": child(3)}, "two"))
    first, other = jobs[0].units.order_by("number")
    again = jobs[1].units.get()
    assert first.patient == again.patient != other.patient
    assert Patient.objects.count() == 2
    for patient in Patient.objects.all():
        assert patient.key.startswith("dicom:")
    assert Study.objects.filter(patient=first.patient).count() == 1
    assert first.images.get().study == again.images.get().study


def test_the_same_number_of_two_hospitals_is_two_patients(
    empty: Job, folder: Callable[..., Path]
) -> None:
    one, two = child(1, IssuerOfPatientID="A"), child(2, IssuerOfPatientID="B")
    assert taken_in(empty, folder({"1.dcm": one, "2.dcm": two})).people == 2


def test_another_installation_has_other_keys(
    team: Team, folder: Callable[..., Path], settings: Any
) -> None:
    keys = []
    for secret in ("x" * 40, "y" * 40):
        settings.SECRET_KEY = secret
        job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
        taken_in(job, folder({"1.dcm": child(1)}))
        keys.append(job.units.get().patient.key)
    assert keys[0] != keys[1]


def test_a_table_names_dicom_files_and_has_the_last_word(
    empty: Job, folder: Callable[..., Path], tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("file,label,patient,dicom_sex\na.dcm,healthy,p9,M\nb.png,pneumonia,p8,\n")
    taken_in(empty, table, folder({"a.dcm": child(1), "b.png": picture(1)}))
    first, second = empty.units.order_by("number")
    assert (first.patient.key, second.patient.key) == ("p9", "p8")
    assert first.data["dicom_sex"] == "M"
    assert first.data["dicom_view"] == "PA"
    assert first.given == {"finding": "healthy"}
    assert set(second.data) == {"file", "label", "patient", "dicom_sex"}


def test_one_of_several_pictures_is_named_in_the_row(
    empty: Job, folder: Callable[..., Path], tmp_path: Path
) -> None:
    frames = np.stack([film(1), film(2)])
    both = dicom(film(1), NumberOfFrames=2, PixelData=frames.tobytes())
    table = tmp_path / "rows.csv"
    table.write_text("file\nrun.dcm#2\nrun.dcm#1\nrun.dcm\nrun.dcm#3\n")
    taken_in(empty, table, folder({"run.dcm": both}))
    second, first, all_of_them, third = empty.units.order_by("number")
    assert [one.images.get().frame for one in (first, second)] == [0, 1]
    assert all_of_them.held["problem"]["template"] == "The file holds {count} pictures."
    assert third.held["problem"]["values"] == {"frame": 3}


def test_held_rows_get_their_dicom_later(
    empty: Job, folder: Callable[..., Path], tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("file\na.dcm\n")
    taken_in(empty, table)
    taken_in(empty, folder({"a.dcm": child(1)}))
    unit = empty.units.get()
    assert unit.held is None
    assert unit.data["dicom_view"] == "PA"
    assert unit.patient.key.startswith("dicom:")


def test_the_owners_word_on_file_names_leaves_dicom_patients_alone(
    empty: Job, folder: Callable[..., Path]
) -> None:
    names = [f"person{number}_virus_{number}.dcm" for number in (1, 2)]
    taken_in(empty, folder({name: child(at) for at, name in enumerate(names)}))
    patients = set(empty.units.values_list("patient", flat=True))
    for by_name in (True, False):
        settle_patients(empty, by_name=by_name, actor=None, at=NOON)
        assert set(empty.units.values_list("patient", flat=True)) == patients


def test_the_same_values_turned_are_another_picture(
    empty: Job, folder: Callable[..., Path]
) -> None:
    turned = child(1, PhotometricInterpretation="MONOCHROME1")
    taken_in(empty, folder({"a.dcm": child(1), "b.dcm": turned, "c.dcm": child(1)}))
    first, other, again = empty.units.order_by("number")
    assert first.images.get() != other.images.get()
    assert again.held["problem"]["template"] == "This is the same picture as in row {row}."


def test_an_export_shows_what_was_shown(
    empty: Job, folder: Callable[..., Path], tmp_path: Path
) -> None:
    colour = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
    files = {"a.dcm": child(1, WindowCenter=900, WindowWidth=700), "b.dcm": dicom(colour)}
    taken_in(empty, folder(files))
    image = empty.units.get(number=1).images.get()
    export_folders(empty, tmp_path / "out", actor=None, at=NOON)
    written = sorted((tmp_path / "out").rglob("*.png"))
    shown = Greys.from_document(image.greys).shown(film(1))
    assert np.array_equal(np.asarray(Pillow.open(written[0])), shown)
    assert np.array_equal(np.asarray(Pillow.open(written[1])), colour)
    assert "DICOM" in (tmp_path / "out/metadata.csv").read_text()


def test_each_version_of_a_data_set_calls_a_patient_otherwise_in_the_same_split(
    empty: Job, folder: Callable[..., Path], tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    rows = "".join(f"{n}.dcm,healthy\n" for n in range(12))
    table.write_text(f"file,label\n{rows}")
    files = {f"{n}.dcm": child(n, PatientID=f"p{n // 2}") for n in range(12)}
    taken_in(empty, table, folder(files))
    written = []
    for version in ("1", "2"):
        out = tmp_path / version
        export_folders(empty, out, actor=None, at=NOON, version=version)
        with (out / "metadata.csv").open() as lines:
            written.append(list(csv.DictReader(lines)))
    first, second = written
    assert len({row["patient"] for row in first}) == len({row["patient"] for row in second}) == 6
    assert not {row["patient"] for row in first} & {row["patient"] for row in second}
    assert [row["split"] for row in first] == [row["split"] for row in second]


def test_a_file_that_is_refused_is_held_without_a_word_of_it(
    empty: Job, folder: Callable[..., Path]
) -> None:
    report: Dataset = dicom_dataset(film(1), PatientName="Doe^Anna")
    del report.PixelData
    taken_in(empty, folder({"a.dcm": child(1), "b.dcm": dicom_bytes(report)}))
    held = empty.units.get(number=2)
    assert held.held["problem"]["template"] == "The DICOM file holds no picture."
    assert "Doe" not in str(held.held)


def test_what_if_says_what_becomes_of_each_group_and_quotes_nothing(
    empty: Job, folder: Callable[..., Path]
) -> None:
    more = {"AccessionNumber": "A-77", "StudyTime": "1200", "InstitutionName": "St. Anna"}
    found = what_if(
        empty,
        [folder({"1.dcm": child(1, **more), "2.dcm": child(2), "3.png": picture(1)})],
        options=Options(),
        report=lambda problem: None,
        progress=lambda done, total: None,
    )
    counted = found.document()["deidentified"]
    assert counted["accession"] == {"files": 1, "attributes": 1}
    assert counted["keys"] == {"files": 2, "attributes": 4}
    assert counted["persons"] == {"files": 2, "attributes": 2}
    assert counted["age"] == {"files": 2, "attributes": 4}
    assert counted["dates"] == {"files": 1, "attributes": 1}
    assert counted["picture"]["files"] == 2
    words = str(counted)
    assert not [one for one in ("Anna", "4711", "A-77", "1.2.3.4") if one in words]
    assert not Patient.objects.exists()


def test_every_attribute_is_in_a_documented_group_that_says_what_the_code_does() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/dicom.md").read_text()
    assert all(f"| `{group}` |" in page for group in Group)
    read = {account._group(Tag(keyword)) for keyword in READ}
    named = {Group.PICTURE, Group.READERS, Group.AGE, Group.KEYS, Group.ACCESSION}
    asked = {"SOPInstanceUID", "BurnedInAnnotation"}
    assert read - {account._group(Tag(keyword)) for keyword in asked} == named
    for tag in DicomDictionary:
        group = account._group(Tag(tag))
        assert (keyword_for_tag(tag) in READ) == (group in named) or keyword_for_tag(tag) in asked
