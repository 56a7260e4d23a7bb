"""C-ECHO, C-FIND, C-MOVE and C-GET against a real archive."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom import Dataset
from pynetdicom import AE, evt

from overread.pacs.archive import ArchiveError, Limits, Series, Study
from overread.pacs.configuration import DimseArchive
from overread.pacs.dicom_network import FIND
from overread.pacs.dimse import Dimse
from overread.pacs.spool import Spool
from tests.pacs.orthanc import AE_TITLE, DIMSE, MOVE, Orthanc, film

MOVING = DimseArchive(AE_TITLE, "127.0.0.1", DIMSE, move_port=MOVE, move_address="127.0.0.1")
GETTING = DimseArchive(AE_TITLE, "127.0.0.1", DIMSE)
SERIES = Series("1.2.3.11", "1.2.3.11.1", "CR")
Way = Callable[..., Dimse]


@pytest.fixture(params=["move", "get"])
def asked(request: pytest.FixtureRequest, orthanc: Orthanc, spool: Spool) -> Way:
    """The archive, as it sends to a receiver of ours, and as it answers on the spot."""
    place = MOVING if request.param == "move" else GETTING
    return lambda **others: Dimse("OVERREAD_MOVE", place, **others)


def test_an_archive_can_be_tried(asked: Way) -> None:
    with asked() as archive:
        archive.echo()


def test_studies_are_found_and_their_pictures_come(
    asked: Way, orthanc: Orthanc, spool: Spool
) -> None:
    orthanc.keep(film(1, study=11), film(2, study=11), film(1, study=12), film(1, study=21))
    with asked() as archive:
        found = archive.studies({"PatientID": "P1", "StudyDate": "20240301-20240312"})
        assert found == [Study("1.2.3.11", "A11")]
        assert archive.series(found[0]) == [SERIES]
        assert archive.fetch(SERIES, spool) == 0
    assert len(spool.files()) == 2
    pictures = {path.read_bytes()[-18 * 24 * 2 :] for path in spool.files()}
    assert pictures == {film(n, study=11)[-18 * 24 * 2 :] for n in (1, 2)}


def test_many_studies_are_found_however_fast_the_archive_tells(
    asked: Way, orthanc: Orthanc
) -> None:
    orthanc.keep(*(film(1, study=study) for study in range(10, 40)))
    with asked() as archive:
        found = archive.studies({"ModalitiesInStudy": "CR"})
    assert sorted(study.accession for study in found) == [f"A{n}" for n in range(10, 40)]


def test_each_series_comes_into_its_own_folder(asked: Way, orthanc: Orthanc, spool: Spool) -> None:
    orthanc.keep(film(1, study=11), film(1, study=12))
    with asked() as archive:
        for study in (11, 12):
            folder = Spool(spool.folder / str(study), b"a key")
            series = Series(f"1.2.3.{study}", f"1.2.3.{study}.1")
            assert archive.fetch(series, folder) == 0
            assert len(folder.files()) == 1


def test_names_beyond_ascii_can_be_asked_for(asked: Way, orthanc: Orthanc) -> None:
    named = {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Müller^Anna"}
    orthanc.keep(film(1, study=11, **named), film(1, study=12))
    with asked() as archive:
        assert archive.studies({"PatientName": "Müller*"}) == [Study("1.2.3.11", "A11")]


def test_too_many_studies_are_refused(asked: Way, orthanc: Orthanc) -> None:
    orthanc.keep(*(film(1, study=study) for study in range(11, 15)))
    with (
        asked(limits=Limits(answers=2)) as archive,
        pytest.raises(ArchiveError, match="More than 2 studies match"),
    ):
        archive.studies({"PatientID": "P1"})


def test_more_than_is_allowed_is_not_taken(asked: Way, orthanc: Orthanc, spool: Spool) -> None:
    orthanc.keep(film(1, study=11), film(2, study=11))
    with (
        asked(limits=Limits(total=1_200)) as archive,
        pytest.raises(ArchiveError, match="sends more than"),
    ):
        archive.fetch(SERIES, spool)
    assert len(spool.files()) == 1


def test_an_archive_that_does_not_know_us_is_told(orthanc: Orthanc, spool: Spool) -> None:
    stranger = Dimse("STRANGER", GETTING)
    with stranger, pytest.raises(ArchiveError, match=r"let us in|error|broke"):
        stranger.studies({"PatientID": "P1"})


def test_an_archive_that_does_not_know_where_to_send_is_told(
    orthanc: Orthanc, spool: Spool
) -> None:
    orthanc.keep(film(1, study=11))
    stranger = Dimse("STRANGER", MOVING)
    with stranger, pytest.raises(ArchiveError):
        stranger.fetch(SERIES, spool)


@pytest.fixture
def answering(inside: None) -> Iterator[Callable[..., DimseArchive]]:
    """An archive that offers one service, and answers as a test says."""
    servers = []

    def start(service: str, event: Any, handler: Callable[..., Any]) -> DimseArchive:
        ae = AE(AE_TITLE)
        ae.add_supported_context(service)
        served = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(event, handler)])
        servers.append(served)
        return DimseArchive(AE_TITLE, "127.0.0.1", served.server_address[1])

    yield start
    for one in servers:
        one.shutdown()


def test_a_service_that_is_not_offered_is_told(
    answering: Callable[..., DimseArchive], spool: Spool
) -> None:
    place = answering("1.2.840.10008.1.1", evt.EVT_C_ECHO, lambda event: 0)
    with Dimse("OVERREAD", place) as archive:
        archive.echo()
        with pytest.raises(ArchiveError, match="does not offer us this service"):
            archive.studies({"PatientID": "P1"})


@pytest.mark.parametrize("wrong", ["no UID", "an address", "an error", "broken off"])
def test_an_answer_that_is_none_is_told_or_left_out(
    answering: Callable[..., DimseArchive], spool: Spool, wrong: str
) -> None:
    def find(event: Any) -> Iterator[Any]:
        found = Dataset()
        found.StudyInstanceUID = {"an address": "../1.2"}.get(wrong, "")
        if wrong == "broken off":
            event.assoc.abort()
        yield (0xA900 if wrong == "an error" else 0xFF00), found

    place = answering(FIND, evt.EVT_C_FIND, find)
    with Dimse("OVERREAD", place) as archive:
        if wrong in ("no UID", "an address"):
            assert archive.studies({"PatientID": "P1"}) == []
        else:
            with pytest.raises(ArchiveError, match=r"error \(A900\)|broke the connection off"):
                archive.studies({"PatientID": "P1"})


def test_an_archive_that_is_not_there_is_told(inside: None, spool: Spool) -> None:
    nowhere = Dimse("OVERREAD", DimseArchive(AE_TITLE, "127.0.0.1", 9))
    with nowhere, pytest.raises(ArchiveError, match="can't be reached"):
        nowhere.echo()
