"""A network with an archive in it, which all of these tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overread.flows.design import create_job
from overread.pacs.spool import Spool
from overread.store.models import Job
from tests.conftest import NOON
from tests.pacs.network import Network
from tests.pacs.orthanc import AE_TITLE, DIMSE, MOVE, PASSWORD, RECEIVER, USER, Orthanc


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()


@pytest.fixture(scope="session")
def _orthanc(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with network.inside():
        started = Orthanc(tmp_path_factory.mktemp("orthanc") / "home")
        started.wait()
    yield started
    started.stop()


@pytest.fixture
def inside(network: Network) -> Iterator[None]:
    """The test is in the network."""
    with network.inside():
        yield


@pytest.fixture
def orthanc(_orthanc: Orthanc, inside: None) -> Iterator[Orthanc]:
    """An empty archive, in whose network the test is."""
    _orthanc.forget_all()
    return _orthanc


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", b"a key")


@pytest.fixture
def draft(team: Any) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def set_up(home: Path, orthanc: Orthanc) -> Path:
    """The archive under three names, by each way of asking it; and a receiver."""
    (home / "password").write_text(PASSWORD + "\n")
    written = home / "pacs.toml"
    written.write_text(
        f"""
        [dicomweb.web]
        address = "{orthanc.root}"
        user = "{USER}"
        password_file = "{home / "password"}"
        [dimse.get]
        ae_title = "{AE_TITLE}"
        host = "127.0.0.1"
        port = {DIMSE}
        [dimse.move]
        own_ae_title = "OVERREAD_MOVE"
        ae_title = "{AE_TITLE}"
        host = "127.0.0.1"
        port = {DIMSE}
        move_port = {MOVE}
        move_address = "127.0.0.1"
        [receiver]
        address = "127.0.0.1"
        port = {RECEIVER}
        [[receiver.senders]]
        ae_title = "{AE_TITLE}"
        address = "127.0.0.1"
        """
    )
    return written
