"""DICOMweb against a real archive, and against one that misbehaves."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overread.pacs.archive import ArchiveError, Limits, Series, Study
from overread.pacs.configuration import Tls, client_context
from overread.pacs.dicomweb import DicomWeb, basic, bearer
from overread.pacs.spool import Spool
from tests.pacs.impostor import Answer, Impostor
from tests.pacs.orthanc import PASSWORD, USER, Orthanc, film

SERIES = Series("1.2.3.11", "1.2.3.11.1", "CR")
LISTED = [{"00080018": {"vr": "UI", "Value": ["1.2.3.11.1.1"]}}]


def asked(orthanc: Orthanc, password: str = PASSWORD) -> DicomWeb:
    return DicomWeb(orthanc.root, client_context(Tls()), basic(USER, password))


def test_studies_are_found_and_their_pictures_come(orthanc: Orthanc, spool: Spool) -> None:
    orthanc.keep(film(1, study=11), film(2, study=11), film(1, study=12), film(1, study=21))
    with asked(orthanc) as archive:
        assert archive.studies({"PatientID": "P1", "StudyDate": "20240301-20240312"}) == [
            Study("1.2.3.11", "A11")
        ]
        series = archive.series(Study("1.2.3.11"))
        assert series == [SERIES]
        assert archive.fetch(series[0], spool) == 0
    assert sorted(path.read_bytes() for path in spool.files()) == sorted(
        [film(1, study=11), film(2, study=11)]
    )
    assert not any("1.2.3" in str(path.name) for path in spool.files())


def test_all_that_match_are_found_though_the_archive_counts_its_pages_wrong(
    orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overread.pacs.dicomweb._PAGE", 2)
    orthanc.keep(*(film(1, study=study) for study in range(11, 16)))
    with asked(orthanc) as archive:
        found = archive.studies({"ModalitiesInStudy": "CR"})
    assert sorted(study.accession for study in found) == ["A11", "A12", "A13", "A14", "A15"]


def test_who_has_no_right_password_is_told(orthanc: Orthanc) -> None:
    with asked(orthanc, "a guess") as archive, pytest.raises(ArchiveError, match="let us in"):
        archive.studies({"PatientID": "P1"})


@pytest.fixture
def impostor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Impostor]]:
    from overread.pacs import dicomweb

    monkeypatch.setattr(dicomweb, "_RETRIES", dicomweb._RETRIES.new(backoff_factor=0))
    started: list[Impostor] = []

    def start(answer: Callable[[str, dict[str, list[str]]], Answer]) -> Impostor:
        started.append(Impostor(answer))
        return started[-1]

    yield start
    for one in started:
        one.close()


def listing(*uids: str) -> bytes:
    return json.dumps([{"0020000D": {"vr": "UI", "Value": [uid]}} for uid in uids]).encode()


def picture_after_list(headers: dict[str, str], body: bytes, status: int = 200) -> Any:
    """Lists one instance, and then answers so."""

    def answer(path: str, query: dict[str, list[str]]) -> Answer:
        if path.endswith("/instances"):
            return 200, {}, json.dumps(LISTED).encode()
        return status, headers, body

    return answer


def test_an_archive_that_cuts_its_lists_is_asked_on(impostor: Any) -> None:
    uids = [f"1.2.{number}" for number in range(7)]

    def answer(path: str, query: dict[str, list[str]]) -> Answer:
        offset = int(query.get("offset", ["0"])[0])
        warning = {"Warning": "299 there is more"} if offset + 3 < len(uids) else {}
        return 200, warning, listing(*uids[offset : offset + 3])

    with DicomWeb(impostor(answer).root, client_context(Tls())) as archive:
        assert [study.uid for study in archive.studies({"PatientID": "P1"})] == uids


def test_nothing_found_is_no_error(impostor: Any) -> None:
    with DicomWeb(impostor(lambda *_: (204, {}, b"")).root, client_context(Tls())) as archive:
        assert archive.studies({"PatientID": "P1"}) == []


def test_a_busy_archive_is_asked_again(impostor: Any) -> None:
    answers = iter([(503, {"Retry-After": "0"}, b""), (429, {}, b""), (200, {}, listing("1.2"))])
    with DicomWeb(impostor(lambda *_: next(answers)).root, client_context(Tls())) as archive:
        assert archive.studies({"PatientID": "P1"}) == [Study("1.2")]


def test_a_broken_off_picture_is_fetched_again(impostor: Any, spool: Spool) -> None:
    kind = {"Content-Type": "multipart/related; type=application/dicom; boundary=b"}
    whole = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + b"picture" + b"\r\n--b--\r\n"
    halves = iter([whole[:-12], whole])

    def answer(path: str, query: dict[str, list[str]]) -> Answer:
        if path.endswith("/instances"):
            return 200, {}, json.dumps(LISTED).encode()
        return 200, kind, next(halves)

    with DicomWeb(impostor(answer).root, client_context(Tls())) as archive:
        assert archive.fetch(SERIES, spool) == 0
    assert [path.read_bytes() for path in spool.files()] == [b"picture"]


def test_what_is_gone_meanwhile_is_counted(impostor: Any, spool: Spool) -> None:
    gone = impostor(picture_after_list({}, b"", status=404))
    with DicomWeb(gone.root, client_context(Tls())) as archive:
        assert archive.fetch(SERIES, spool) == 1
    assert spool.files() == []


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Sign in</html>",
        b"{}",
        b'[{"0020000D": {"vr": "UI", "Value": ["../../instances"]}}]',
        b'[{"0020000D": {"vr": "UI", "Value": [{}]}}]',
        b'[{"0020000D": {}}]',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_no_list_is_told(impostor: Any, body: bytes) -> None:
    with (
        DicomWeb(impostor(lambda *_: (200, {}, body)).root, client_context(Tls())) as archive,
        pytest.raises(ArchiveError, match="broken or no DICOMweb"),
    ):
        archive.studies({"PatientID": "P1"})


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>Sign in</html>"),
        ("multipart/related", b"--b\r\n\r\nno boundary is said"),
        ("multipart/related; boundary=b", b"nothing of the kind"),
        ("multipart/related; boundary=b", b"--b\r\nContent-Type: application/dicom\r\n\r\nhalf"),
        ("multipart/related; boundary=b", b"--b\r\n" + b"A: " + b"a" * 100_000),
        ("multipart/related; boundary=b", b""),
        ("application/dicom", b""),
    ],
)
def test_a_picture_that_is_none_is_told_and_nothing_of_it_stays(
    impostor: Any, spool: Spool, kind: str, body: bytes
) -> None:
    server = impostor(picture_after_list({"Content-Type": kind}, body))
    with (
        DicomWeb(server.root, client_context(Tls())) as archive,
        pytest.raises(ArchiveError, match="broken or no DICOMweb"),
    ):
        archive.fetch(SERIES, spool)
    assert list(spool.folder.iterdir()) == []


def test_more_than_is_allowed_is_not_taken(impostor: Any, spool: Spool) -> None:
    server = impostor(picture_after_list({"Content-Type": "application/dicom"}, bytes(2_000)))
    small = Limits(file=1_000)
    with (
        DicomWeb(server.root, client_context(Tls()), limits=small) as archive,
        pytest.raises(ArchiveError, match="sends more than"),
    ):
        archive.fetch(SERIES, spool)
    assert list(spool.folder.iterdir()) == []


def test_too_many_studies_are_refused(impostor: Any) -> None:
    server = impostor(lambda *_: (200, {}, listing("1.1", "1.2", "1.3")))
    with (
        DicomWeb(server.root, client_context(Tls()), limits=Limits(answers=2)) as archive,
        pytest.raises(ArchiveError, match="More than 2 studies match"),
    ):
        archive.studies({"PatientID": "P1"})


def test_a_token_goes_to_nobody_else(impostor: Any) -> None:
    thief = impostor(lambda *_: (200, {}, b"[]"))
    server = impostor(lambda *_: (302, {"Location": f"{thief.root}/studies"}, b""))
    with (
        DicomWeb(server.root, client_context(Tls()), bearer("secret")) as archive,
        pytest.raises(ArchiveError, match=r"error \(302\)"),
    ):
        archive.studies({"PatientID": "P1"})
    assert server.asked[0][1]["Authorization"] == "Bearer secret"
    assert thief.asked == []


def test_an_archive_that_is_not_there_is_told_without_whom_was_asked_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from overread.pacs import dicomweb

    monkeypatch.setattr(dicomweb, "_RETRIES", dicomweb._RETRIES.new(backoff_factor=0))
    nowhere = DicomWeb("http://127.0.0.1:9", client_context(Tls()))
    with pytest.raises(ArchiveError, match="can't be reached") as told:
        nowhere.studies({"PatientID": "Anna4711"})
    assert "4711" not in caplog.text + str(told.value)
