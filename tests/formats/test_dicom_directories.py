"""A disc's DICOMDIR: what it lists comes in, whatever the files are called."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from overread.formats.image_files import ImageFiles, SourceError
from tests.imaging.dicom_files import dicom, dicom_bytes
from tests.shared_data import shared_data

pytestmark = pytest.mark.filterwarnings("ignore:.*for VR CS:UserWarning")
DIRECTORY = "1.2.840.10008.1.3.10"


def record(kind: str, *parts: str, used: int = 0xFFFF) -> Dataset:
    made = Dataset()
    made.RecordInUseFlag = used
    made.DirectoryRecordType = kind
    if parts:
        made.ReferencedFileID = list(parts)
    return made


def directory(*records: Dataset) -> bytes:
    listing = Dataset()
    listing.SOPClassUID = DIRECTORY
    listing.SOPInstanceUID = "1.2.3"
    listing.DirectoryRecordSequence = list(records)
    return dicom_bytes(listing)


def film(number: int) -> bytes:
    return dicom(np.full((4, 4), number, np.uint8))


@pytest.fixture(params=["folder", "zip"])
def disc(request: pytest.FixtureRequest, tmp_path: Path):
    """The same files, as a folder and as a zip of it."""

    def make(files: dict[str, bytes]) -> ImageFiles:
        root = written(tmp_path / "disc", files)
        if request.param == "folder":
            return ImageFiles.open([root])
        with zipfile.ZipFile(tmp_path / "disc.zip", "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return ImageFiles.open([tmp_path / "disc.zip"])

    return make


def written(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def inside(files: ImageFiles) -> list[str]:
    return [name.split("/", 1)[1] for name in files.names()]


def test_the_files_that_a_disc_lists_are_images_whatever_their_names(disc) -> None:
    files = disc(
        {
            "DICOMDIR": directory(
                record("PATIENT"), record("IMAGE", "A", "IM1"), record("IMAGE", "B.X", "IM2")
            ),
            "A/IM1": film(1),
            "B.X/IM2": film(2),
            "README": b"How to open this disc",
        }
    )
    assert inside(files) == ["A/IM1", "B.X/IM2"]
    assert files.problems == ()


def test_names_are_found_as_file_systems_of_discs_write_them(disc) -> None:
    files = disc(
        {
            "dicomdir": directory(record("IMAGE", "A", "IM1"), record("IMAGE", "A", "IM2")),
            "a/im1.;1": film(1),
            "a/im2": film(2),
        }
    )
    assert inside(files) == ["a/im1.;1", "a/im2"]


def test_a_listed_file_that_is_not_there_is_told(disc) -> None:
    files = disc(
        {
            "DICOMDIR": directory(record("IMAGE", "A", "IM1"), record("IMAGE", "A", "IM2")),
            "A/IM1": film(1),
        }
    )
    assert inside(files) == ["A/IM1"]
    assert [problem.problem for problem in files.problems] == [
        "It lists A/IM2, which is not there."
    ]


def test_what_the_disc_has_taken_back_and_what_is_no_picture_stay_out(disc) -> None:
    files = disc(
        {
            "DICOMDIR": directory(
                record("IMAGE", "A", "IM1"),
                record("IMAGE", "A", "OLD", used=0),
                record("SR DOCUMENT", "A", "SR1"),
            ),
            "A/IM1": film(1),
        }
    )
    assert inside(files) == ["A/IM1"]
    assert files.problems == ()


@pytest.mark.parametrize("damage", ["cut", "picture", "text", "empty"])
def test_a_broken_list_is_told_and_the_other_images_come_in(disc, damage: str) -> None:
    whole = directory(*(record("IMAGE", "A", f"IM{n}") for n in range(9)))
    broken = {"cut": whole[:200], "picture": film(3), "text": b"autorun", "empty": b""}[damage]
    files = disc({"DICOMDIR": broken, "A/scan.dcm": film(1)})
    assert inside(files) == ["A/scan.dcm"]
    assert [problem.source.split("/")[-1] for problem in files.problems] == ["DICOMDIR"]


def test_given_alone_a_dicomdir_stands_for_what_it_lists(tmp_path: Path) -> None:
    listing = directory(record("IMAGE", "A", "IM1"), record("IMAGE", "A", "IM1"))
    root = written(
        tmp_path, {"DICOMDIR": listing, "a/im1": film(1), "a/im2": film(2), "viewer.bmp": b"BM"}
    )
    with ImageFiles.open([root / "DICOMDIR"]) as files:
        assert files.names() == ("A/IM1",)
        assert files.read(files.entries()[0]) == film(1)


def test_a_list_leads_nowhere_else(tmp_path: Path) -> None:
    """Neither up, nor to an absolute path, nor along a link."""
    written(tmp_path, {"secret/IM1": film(1)})
    ways = [("..", "secret", "IM1"), (str(tmp_path / "secret/IM1"),), ("../secret", "IM1")]
    listing = directory(record("IMAGE", "LINK", "IM1"), *(record("IMAGE", *way) for way in ways))
    root = written(tmp_path / "disc", {"DICOMDIR": listing})
    (root / "LINK").symlink_to(tmp_path / "secret")
    for source in (root / "DICOMDIR", root):
        with pytest.raises(SourceError):
            ImageFiles.open([source])


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-nooffset", "DICOMDIR-nopatient"])
def test_a_whole_disc_of_the_field_comes_in(tmp_path: Path, name: str) -> None:
    """Whatever its list leaves out: patients, or offsets."""
    root = shared_data("dicom", "dicomdir")
    with zipfile.ZipFile(tmp_path / "disc.zip", "w") as archive:
        archive.write(root / name, "DICOMDIR")
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.parent != root:
                archive.write(path, path.relative_to(root))
    with ImageFiles.open([tmp_path / "disc.zip"]) as files:
        assert len(files.names()) == sum(path.is_file() for path in root.glob("*/**/*"))
        assert files.problems == ()


def test_the_disc_of_the_field_comes_in_by_its_list_alone() -> None:
    root = shared_data("dicom", "dicomdir")
    with ImageFiles.open([root / "DICOMDIR"]) as files:
        assert len(files.names()) == sum(path.is_file() for path in root.glob("*/**/*"))
