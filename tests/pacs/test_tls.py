"""With TLS nobody listens in, and nobody is believed without a certificate."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overread.pacs.archive import ArchiveError, Study
from overread.pacs.bounds import Bounds
from overread.pacs.configuration import (
    DimseArchive,
    Refusal,
    Sender,
    Tls,
    client_context,
    server_context,
)
from overread.pacs.dicomweb import DicomWeb, bearer
from overread.pacs.dimse import Dimse
from overread.pacs.receiver import Receiver
from overread.pacs.spool import Spool
from tests.pacs.certificates import Certificates, made_in
from tests.pacs.impostor import Impostor
from tests.pacs.network import Network
from tests.pacs.orthanc import AE_TITLE, DIMSE, MOVE, RECEIVER, Orthanc, film


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return made_in(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def private_network() -> Iterator[Network]:
    """Apart from the other archive's, whose ports are the same."""
    made = Network()
    yield made
    made.close()


@pytest.fixture(scope="module")
def _secured(
    private_network: Network, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Orthanc]:
    folder = tmp_path_factory.mktemp("orthanc")
    theirs = certificates.theirs
    ours = {"AET": "OVERREAD", "Host": "127.0.0.1", "UseDicomTls": True}
    with private_network.inside():
        started = Orthanc(
            folder / "home",
            DicomTlsEnabled=True,
            DicomTlsPrivateKey=theirs.key,
            DicomTlsCertificate=theirs.certificate,
            DicomTlsTrustedCertificates=str(certificates.authority),
            DicomModalities={
                "overread": {**ours, "Port": RECEIVER},
                "move": {**ours, "AET": "OVERREAD_MOVE", "Port": MOVE},
            },
        )
        started.wait()
    yield started
    started.stop()


@pytest.fixture
def secured(_secured: Orthanc, private_network: Network) -> Iterator[Orthanc]:
    with private_network.inside():
        _secured.forget_all()
        _secured.keep(film(1, study=11))
        yield _secured


@pytest.fixture
def web(certificates: Certificates) -> Iterator[Impostor]:
    """Debian's Orthanc ends at the first HTTPS request: another server stands in for it."""
    theirs = certificates.theirs
    listed = b'[{"0020000D": {"vr": "UI", "Value": ["1.2"]}}]'
    server = Impostor(
        lambda *_: (200, {}, listed), server_context(Tls("", theirs.certificate, theirs.key))
    )
    yield server
    server.close()


def test_an_archive_with_a_trusted_certificate_is_asked(
    web: Impostor, certificates: Certificates
) -> None:
    with DicomWeb(web.root, client_context(Tls(str(certificates.authority)))) as archive:
        assert archive.studies({"PatientID": "P1"}) == [Study("1.2")]


@pytest.mark.parametrize("believed", ["the system's", "another's"])
def test_an_archive_that_nobody_vouches_for_is_not_asked(
    web: Impostor, certificates: Certificates, believed: str
) -> None:
    tls = Tls() if believed == "the system's" else Tls(certificates.others.certificate)
    with (
        DicomWeb(web.root, client_context(tls), bearer("secret")) as archive,
        pytest.raises(ArchiveError, match="certificate is not one that is trusted"),
    ):
        archive.studies({"PatientID": "P1"})
    assert web.asked == []


def test_a_certificate_for_another_name_is_not_trusted(
    web: Impostor, certificates: Certificates
) -> None:
    context = client_context(Tls(str(certificates.authority)))
    with (
        DicomWeb(web.root.replace("127.0.0.1", "localhost"), context) as elsewhere,
        pytest.raises(ArchiveError, match="certificate is not one that is trusted"),
    ):
        elsewhere.studies({"PatientID": "P1"})


@pytest.mark.parametrize("move_port", [None, MOVE])
def test_pictures_come_over_tls(
    secured: Orthanc, certificates: Certificates, spool: Spool, move_port: int | None
) -> None:
    place = DimseArchive(
        AE_TITLE,
        "127.0.0.1",
        DIMSE,
        move_port=move_port,
        move_address="127.0.0.1",
        tls=certificates.ours,
    )
    with Dimse("OVERREAD_MOVE", place) as archive:
        archive.echo()
        (study,) = archive.studies({"PatientID": "P1"})
        (series,) = archive.series(study)
        archive.fetch(series, spool)
    assert len(spool.files()) == 1


@pytest.mark.parametrize("which", ["no certificate", "another's", "no TLS"])
def test_an_archive_asks_who_we_are(
    secured: Orthanc, certificates: Certificates, spool: Spool, which: str
) -> None:
    tls = {
        "no certificate": Tls(str(certificates.authority)),
        "another's": certificates.others,
        "no TLS": None,
    }[which]
    place = DimseArchive(AE_TITLE, "127.0.0.1", DIMSE, tls=tls)
    with Dimse("OVERREAD", place) as archive, pytest.raises(ArchiveError):
        archive.echo()


@pytest.fixture
def receiver(secured: Orthanc, certificates: Certificates, spool: Spool) -> Iterator[Receiver]:
    made = Receiver(
        "OVERREAD",
        ("127.0.0.1", RECEIVER),
        [Sender(AE_TITLE, "127.0.0.1")],
        spool,
        has_room=lambda size: True,
        tls=server_context(certificates.ours),
        bounds=Bounds(idle=5),
    )
    made.start()
    yield made
    made.stop()


def test_an_archive_pushes_over_tls(secured: Orthanc, receiver: Receiver, spool: Spool) -> None:
    assert secured.push(secured.ask("instances"))
    assert len(spool.files()) == 1


def test_who_has_no_certificate_of_the_hospital_is_not_heard(
    receiver: Receiver, certificates: Certificates, spool: Spool
) -> None:
    for tls in (Tls(str(certificates.authority)), certificates.others, None):
        place = DimseArchive("OVERREAD", "127.0.0.1", RECEIVER, tls=tls)
        with Dimse(AE_TITLE, place) as stranger, pytest.raises(ArchiveError):
            stranger.echo()


def test_who_says_nothing_holds_up_nobody_else(secured: Orthanc, receiver: Receiver) -> None:
    """Not one that waits in the middle of shaking hands, either."""
    with (
        socket.create_connection(("127.0.0.1", RECEIVER)),
        socket.create_connection(("127.0.0.1", RECEIVER)) as half,
    ):
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert secured.push(secured.ask("instances"))


def test_certificates_that_are_none_are_told(tmp_path: Path, certificates: Certificates) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    bad: list[Any] = [
        Tls(str(broken)),
        Tls(str(tmp_path / "missing.pem")),
        Tls("", certificates.ours.certificate, certificates.theirs.key),
    ]
    for tls in bad:
        with pytest.raises(Refusal, match="certificates for TLS can't be used"):
            client_context(tls)
    with pytest.raises(Refusal, match="certificates for TLS can't be used"):
        server_context(Tls())


def test_old_versions_of_tls_are_not_spoken(certificates: Certificates) -> None:
    for context in (client_context(Tls()), server_context(certificates.ours)):
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
