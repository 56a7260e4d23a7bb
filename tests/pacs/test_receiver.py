"""A real archive pushes to our receiver; strangers and broken messages get nowhere."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread
from pynetdicom import AE
from pynetdicom.association import Association

from overread.pacs.bounds import Bounds
from overread.pacs.configuration import Sender
from overread.pacs.dicom_network import SYNTAXES
from overread.pacs.receiver import Receiver
from overread.pacs.spool import Room, Spool
from tests.pacs.orthanc import AE_TITLE, COMPUTED_RADIOGRAPHY, RECEIVER, Orthanc, film

# pynetdicom's thread of an association dies of what it can't read, and the association with it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
]
VERIFICATION = "1.2.840.10008.1.1"
HERE = Sender(AE_TITLE, "127.0.0.1")
Start = Callable[..., Receiver]


@pytest.fixture
def receiving(inside: None, spool: Spool) -> Iterator[Start]:
    started: list[Receiver] = []

    def start(*senders: Sender, **others: Any) -> Receiver:
        options = {"has_room": lambda size: True, **others}
        made = Receiver("OVERREAD", ("127.0.0.1", RECEIVER), senders or (HERE,), spool, **options)
        made.start()
        started.append(made)
        return made

    yield start
    for one in started:
        one.stop()


def associated(
    title: str = AE_TITLE, called: str = "OVERREAD", contexts: Any = (), **others: Any
) -> Association:
    ae = AE(title)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 20
    ae.add_requested_context(VERIFICATION)
    for context in contexts or [(COMPUTED_RADIOGRAPHY, None)]:
        ae.add_requested_context(*context)
    return ae.associate("127.0.0.1", RECEIVER, ae_title=called, **others)


def sent(association: Association, file: bytes) -> int | None:
    return association.send_c_store(dcmread(BytesIO(file))).get("Status")


def test_what_an_archive_pushes_is_kept(receiving: Start, orthanc: Orthanc, spool: Spool) -> None:
    receiver = receiving()
    kept = orthanc.keep(film(1, study=11), film(2, study=11))
    assert orthanc.push(kept)
    assert receiver.stored == 2
    assert {dcmread(path).PatientID for path in spool.files()} == {"P1"}
    assert not any("P1" in path.name or "1.2.3" in path.name for path in spool.files())


def test_what_comes_twice_is_kept_once(receiving: Start, orthanc: Orthanc, spool: Spool) -> None:
    receiving()
    kept = orthanc.keep(film(1, study=11))
    assert orthanc.push(kept)
    assert orthanc.push(kept)
    assert len(spool.files()) == 1


def test_a_sender_can_try_whether_we_answer(receiving: Start, orthanc: Orthanc) -> None:
    receiving()
    assert orthanc.ask("modalities/overread/echo", b"{}") == {}


@pytest.mark.parametrize(
    ("sender", "title", "called"),
    [
        (HERE, "STRANGER", "OVERREAD"),
        (HERE, AE_TITLE, "ANOTHER"),
        (Sender(AE_TITLE, "192.0.2.0/24"), AE_TITLE, "OVERREAD"),
    ],
)
def test_a_stranger_is_refused(
    receiving: Start, spool: Spool, sender: Sender, title: str, called: str
) -> None:
    """By its title, by ours, or by its address."""
    receiving(sender)
    association = associated(title, called)
    assert not association.is_established
    assert not spool.files()


def test_a_title_counts_only_from_its_own_address(receiving: Start) -> None:
    receiving(HERE, Sender("ELSEWHERE", "192.0.2.7"))
    association = associated("ELSEWHERE")
    assert association.is_rejected
    assert not association.is_established


def test_what_is_no_picture_is_not_accepted(receiving: Start) -> None:
    receiving()
    report = "1.2.840.10008.5.1.4.1.1.88.11"
    association = associated(contexts=[(report, None)])
    assert [str(one.abstract_syntax) for one in association.accepted_contexts] == [VERIFICATION]
    association.release()


def test_every_way_of_packing_that_is_read_is_accepted(receiving: Start) -> None:
    receiving()
    association = associated(contexts=[(COMPUTED_RADIOGRAPHY, syntax) for syntax in SYNTAXES])
    accepted = {one.transfer_syntax[0] for one in association.accepted_contexts}
    assert accepted >= set(SYNTAXES)
    association.release()


def test_a_way_of_packing_that_nobody_knows_is_not_accepted(receiving: Start) -> None:
    receiving()
    association = associated(contexts=[(COMPUTED_RADIOGRAPHY, "1.2.3.4.5")])
    assert [str(one.abstract_syntax) for one in association.accepted_contexts] == [VERIFICATION]
    association.release()


def test_a_file_that_can_not_be_written_is_not_said_to_be_kept(
    receiving: Start, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiving()
    association = associated()

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert sent(association, film(1, study=11)) == 0xA700
    assert list(spool.folder.iterdir()) == []
    monkeypatch.undo()
    assert sent(association, film(1, study=11)) == 0x0000
    association.release()
    assert len(spool.files()) == 1


def test_no_more_waits_than_there_is_room_for(receiving: Start, spool: Spool) -> None:
    receiving(has_room=Room(spool, len(film(1, study=11)) + 500))
    association = associated()
    assert sent(association, film(1, study=11)) == 0x0000
    assert sent(association, film(2, study=11)) == 0xA700
    spool.files()[0].unlink()  # it was taken in
    assert sent(association, film(2, study=11)) == 0x0000
    association.release()


def test_no_more_are_heard_at_once_than_is_allowed(receiving: Start) -> None:
    receiving(most_associations=2)
    first, second = associated(), associated()
    assert associated().is_rejected
    first.release()
    second.release()


def test_who_does_not_wait_for_answers_is_read_no_faster_than_it_is_answered(
    receiving: Start, spool: Spool
) -> None:
    receiving()
    association = associated()
    raw = association.dul.socket.socket
    for number in range(30):
        raw.sendall(store_of(film(number, study=11), number))
    while len(spool.files()) < 30:
        assert association.is_alive()
    association.abort()


def test_a_message_larger_than_is_allowed_ends_the_association(
    receiving: Start, spool: Spool
) -> None:
    receiving(bounds=Bounds(message=600))
    association = associated()
    assert sent(association, film(1, study=11)) is None
    assert spool.files() == []


# What comes in place of an association, or after it has begun.
def pdu(kind: int, body: bytes, length: int | None = None) -> bytes:
    return struct.pack(">BBL", kind, 0, len(body) if length is None else length) + body


def fragment(data: bytes, header: int, context: int = 3) -> bytes:
    return pdu(4, struct.pack(">LBB", len(data) + 2, context, header) + data)


def store_of(file: bytes, message: int = 7) -> bytes:
    """A whole C-STORE, in the context that `associated` asks for second."""
    dataset = dcmread(BytesIO(file))
    uid = dataset.SOPInstanceUID.encode()
    values = [
        (0x0002, COMPUTED_RADIOGRAPHY.encode() + b"\0"),
        (0x0100, struct.pack("<H", 0x0001)),
        (0x0110, struct.pack("<H", message)),
        (0x0700, struct.pack("<H", 0)),
        (0x0800, struct.pack("<H", 0x0001)),
        (0x1000, uid + b"\0" * (len(uid) % 2)),
    ]
    command = b"".join(struct.pack("<HHL", 0, tag, len(value)) + value for tag, value in values)
    length = struct.pack("<HHLL", 0, 0, 4, len(command))
    out = BytesIO()
    del dataset.file_meta
    dataset.save_as(out, implicit_vr=True, little_endian=True)
    return fragment(length + command, 3) + fragment(out.getvalue(), 2)


HOSTILE = {
    "nothing": b"",
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "unknown kind": pdu(9, b"what"),
    "cut": pdu(1, b"\0\1\0\0OVERREAD", length=4_000),
    "gigabytes": pdu(1, b"", length=0xFFFFFFFF),
    "no association": pdu(1, bytes(68)),
    "items that lead nowhere": pdu(1, b"\0\1\0\0" + b"A" * 32 + bytes(32) + b"\x50\0\xff\xff"),
    "data before an association": fragment(b"data", 2),
    "release before an association": pdu(5, bytes(4)),
    "abort": pdu(7, bytes(4)),
}
IN_AN_ASSOCIATION = {
    "gigabytes": pdu(4, b"", length=0xFFFFFFF0),
    "a fragment of no length": pdu(4, struct.pack(">LB", 0, 3)),
    "a fragment longer than its PDU": pdu(4, struct.pack(">LBB", 5_000, 3, 2) + b"data"),
    "a command that is none": fragment(b"\xff" * 200, 3),
    "an empty command": fragment(b"", 3),
    "data without a command": fragment(b"data", 2),
    "an unknown command": fragment(
        struct.pack("<HHLH", 0, 0x0100, 2, 0x7777) + struct.pack("<HHLH", 0, 0x0800, 2, 0x0101), 3
    ),
    "a store without a name": fragment(
        struct.pack("<HHLH", 0, 0x0100, 2, 1) + struct.pack("<HHLH", 0, 0x0800, 2, 0x0101), 3
    ),
    "an unknown context": fragment(b"\xff" * 20, 3, context=77),
    "another association": pdu(1, bytes(68)),
    "text": b"GET / HTTP/1.1\r\n\r\n",
}


def still_answers() -> bool:
    association = associated()
    assert association.is_established
    answered = association.send_c_echo().get("Status") == 0
    association.release()
    return answered


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_is_no_association_is_cut_off_and_the_others_are_heard(
    receiving: Start, spool: Spool, name: str
) -> None:
    receiving(bounds=Bounds(idle=1))
    with socket.create_connection(("127.0.0.1", RECEIVER), timeout=20) as stranger:
        stranger.sendall(HOSTILE[name])
        assert still_answers()
        _until_cut_off(stranger)
    assert spool.files() == []


@pytest.mark.parametrize("name", sorted(IN_AN_ASSOCIATION))
def test_a_broken_message_ends_its_association_alone(
    receiving: Start, spool: Spool, name: str
) -> None:
    receiving(bounds=Bounds(idle=1))
    association = associated()
    raw = association.dul.socket.socket
    raw.sendall(IN_AN_ASSOCIATION[name])
    assert still_answers()
    association.join(timeout=30)
    assert not association.is_established
    assert spool.files() == []


def test_who_sends_drop_by_drop_is_cut_off(receiving: Start) -> None:
    receiving(bounds=Bounds(idle=5, seconds=0.2))
    with socket.create_connection(("127.0.0.1", RECEIVER), timeout=20) as slow:
        stop = threading.Event()

        def drip() -> None:
            try:
                slow.sendall(pdu(1, b"", length=1_000))
                while not stop.wait(0.05):
                    slow.sendall(b"\0")
            except OSError:
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            _until_cut_off(slow)
        finally:
            stop.set()
            dripping.join()


def _until_cut_off(connection: socket.socket) -> None:
    until = time.monotonic() + 20
    try:
        while connection.recv(4096):
            assert time.monotonic() < until
    except ConnectionError:
        pass
