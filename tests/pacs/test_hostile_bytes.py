"""Whatever bytes come to the receiver, or from a server: a whole file or none, and it goes on."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.imaging.decoded import ImageError
from overread.imaging.dicom import listed_files
from overread.pacs import dicomweb
from overread.pacs.archive import ArchiveError, Series
from overread.pacs.bounds import Bounds
from overread.pacs.configuration import Sender, Tls, client_context
from overread.pacs.receiver import Receiver
from overread.pacs.spool import Spool
from tests.formats.test_dicom_directories import directory, record
from tests.made_files import CHANGES, Change, changed
from tests.pacs.impostor import Answer, Impostor
from tests.pacs.network import Network
from tests.pacs.orthanc import AE_TITLE, RECEIVER, film
from tests.pacs.test_receiver import associated, still_answers, store_of

pytestmark = [
    # pynetdicom's thread of an association dies of what it can't read, and the association with it.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
]


@pytest.fixture(scope="module")
def receiver(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    spool = Spool(tmp_path_factory.mktemp("spool"), b"a key")
    with network.inside():
        made = Receiver(
            "OVERREAD",
            ("127.0.0.1", RECEIVER),
            [Sender(AE_TITLE, "127.0.0.1")],
            spool,
            has_room=lambda size: True,
            most_associations=100,
            bounds=Bounds(idle=2, message=2**20),
        )
        made.start()
    yield made
    made.stop()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(data=st.binary(max_size=300))
def test_any_bytes_for_an_association(network: Network, receiver: Receiver, data: bytes) -> None:
    with (
        network.inside(),
        socket.create_connection(("127.0.0.1", RECEIVER), timeout=20) as stranger,
    ):
        stranger.sendall(data)
        stranger.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while stranger.recv(4096):
                pass
    assert receiver.spool.files() == []


def wait_until_nobody_is_heard() -> None:
    """The receiver's threads, by the name that pynetdicom gives them."""
    for thread in threading.enumerate():
        if thread.name.startswith("AcceptorThread"):
            thread.join(timeout=30)
            assert not thread.is_alive()


STORE = store_of(film(1, study=11))


@settings(deadline=None, derandomize=True, max_examples=40)
@given(changes=CHANGES)
def test_a_damaged_store(network: Network, receiver: Receiver, changes: list[Change]) -> None:
    with network.inside():
        association = associated()
        assert association.is_established
        raw = association.dul.socket.socket
        with suppress(OSError):  # it may be cut off before all is sent
            raw.sendall(changed(STORE, changes))
            raw.shutdown(socket.SHUT_WR)
        association.join(timeout=30)
        assert not association.is_alive()
    wait_until_nobody_is_heard()
    for path in receiver.spool.files():
        assert path.read_bytes()[128:132] == b"DICM"
        path.unlink()
    assert not list(receiver.spool.folder.glob(".part-*"))


def test_after_all_of_them_others_are_heard(network: Network, receiver: Receiver) -> None:
    with network.inside():
        assert still_answers()
        association = associated()
        association.dul.socket.socket.sendall(STORE)
        while not receiver.spool.files():
            assert association.is_alive()
        association.abort()


WHOLE = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + film(1, study=11) + b"\r\n--b--\r\n"
LISTED = json.dumps([{"00080018": {"vr": "UI", "Value": ["1.2.3.11.1.1"]}}]).encode()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(changes=CHANGES, of_list=st.booleans())
def test_a_damaged_answer_of_a_server(changes: list[Change], of_list: bool) -> None:
    def answer(path: str, query: dict[str, list[str]]) -> Answer:
        if path.endswith("/instances"):
            return 200, {}, changed(LISTED, changes) if of_list else LISTED
        kind = {"Content-Type": "multipart/related; boundary=b"}
        return 200, kind, WHOLE if of_list else changed(WHOLE, changes)

    server = Impostor(answer)
    with (
        TemporaryDirectory() as folder,
        dicomweb.DicomWeb(server.root, client_context(Tls())) as archive,
    ):
        spool = Spool(Path(folder), b"a key")
        with suppress(ArchiveError):
            archive.fetch(Series("1.2", "1.3"), spool)
        assert not list(Path(folder).glob(".part-*"))
    server.close()


@settings(deadline=None, derandomize=True)
@given(changes=CHANGES)
def test_a_damaged_list_of_a_disc(changes: list[Change]) -> None:
    whole = directory(record("PATIENT"), *(record("IMAGE", "A", f"IM{n}") for n in range(5)))
    with suppress(ImageError):
        found = listed_files(changed(whole, changes))
        assert all(isinstance(part, str) for parts in found for part in parts)
