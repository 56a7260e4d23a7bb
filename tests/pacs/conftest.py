"""A network with an archive in it, which all of these tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from overread.pacs.spool import Spool
from tests.pacs.network import Network
from tests.pacs.orthanc import Orthanc


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
