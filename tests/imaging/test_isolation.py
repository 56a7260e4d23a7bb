"""No file can hang or kill the process that wants it read."""

import io
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue

import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit

from overread.imaging import isolation
from overread.imaging.decode import ImageError
from overread.imaging.isolation import Limits, Pool, pool
from overread.imaging.preparing import prepare
from overread.imaging.wire import Answer
from tests.conftest import picture
from tests.imaging.dicom_files import dicom, dicom_bytes, dicom_dataset

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
KINDS = (
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_CORE,
    resource.RLIMIT_FSIZE,
)
BROKE = "Reading the picture took too long or broke the program that read it."


@pytest.fixture
def one_worker() -> Iterator[Pool]:
    made = Pool(1)
    yield made
    made.close()


def refusal(readers: Pool, data: bytes) -> str:
    with pytest.raises(ImageError) as refused:
        readers.prepare(data)
    assert refused.value.problem.advice
    return str(refused.value.problem.problem)


def test_a_picture_is_the_same_from_another_process(one_worker: Pool) -> None:
    for data in (picture(1), dicom(RAMP, PatientID="7", WindowCenter=900, WindowWidth=800)):
        assert one_worker.prepare(data) == prepare(data)


def test_a_refusal_says_what_it_says_here(one_worker: Pool) -> None:
    with pytest.raises(ImageError) as here:
        prepare(b"%PDF-1.7")
    with pytest.raises(ImageError) as there:
        one_worker.prepare(b"%PDF-1.7")
    assert there.value.problem == here.value.problem
    assert there.value.problem.problem.template == here.value.problem.problem.template


def process_of(readers: Pool) -> int:
    """The process of the worker that is free, which stays so."""
    worker = readers._free.get()
    assert worker is not None
    readers._free.put(worker)
    return worker._process.pid


def test_a_worker_that_dies_of_a_file_is_replaced_and_the_file_refused(one_worker: Pool) -> None:
    one_worker.prepare(picture(1))
    process = process_of(one_worker)
    os.kill(process, signal.SIGSTOP)  # so that it is at the file when it dies
    refused: list[str] = []
    asking = threading.Thread(target=lambda: refused.append(refusal(one_worker, picture(1))))
    asking.start()
    while one_worker._free.qsize():
        time.sleep(0.001)
    os.kill(process, signal.SIGKILL)
    asking.join()
    assert refused == [BROKE]
    assert one_worker.prepare(picture(1)) == prepare(picture(1))


def test_a_worker_that_died_between_files_costs_none(one_worker: Pool) -> None:
    one_worker.prepare(picture(1))
    worker = one_worker._free.get()
    assert worker is not None
    worker._process.kill()
    worker._process.wait()
    one_worker._free.put(worker)
    assert one_worker.prepare(picture(1)) == prepare(picture(1))


def test_a_file_that_takes_too_long_is_refused() -> None:
    """With no time at all, any file does."""
    hasty = Pool(1, Limits(seconds=0))
    assert refusal(hasty, picture(1)) == BROKE
    hasty.close()


def test_a_worker_is_bound_in_memory_and_cpu_and_writes_no_file() -> None:
    bound = Pool(1, Limits(memory=2**30, cpu=7))
    bound.prepare(picture(1))
    process = process_of(bound)
    limits = {kind: resource.prlimit(process, kind)[0] for kind in KINDS}
    assert limits[resource.RLIMIT_AS] == 2**30
    assert 7 < limits[resource.RLIMIT_CPU] < 60
    assert limits[resource.RLIMIT_CORE] == limits[resource.RLIMIT_FSIZE] == 0
    bound.prepare(picture(1))
    assert resource.prlimit(process, resource.RLIMIT_CPU)[0] >= limits[resource.RLIMIT_CPU]
    bound.close()


def deflated_bomb(megabytes: int) -> bytes:
    """A deflated DICOM file whose data set grows a thousandfold."""
    whole = dicom_bytes(dicom_dataset(RAMP), DeflatedExplicitVRLittleEndian)
    meta = 144 + int.from_bytes(whole[140:144], "little")  # PS3.10 7.1: the group's length
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    one = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return whole[:meta] + one * megabytes + b"\3\0"


def test_a_file_that_needs_too_much_memory_is_refused() -> None:
    tight = Pool(1, Limits(memory=384 * 2**20))
    data = picture(1)
    assert tight.prepare(data) == prepare(data)
    bomb = deflated_bomb(400)
    assert len(bomb) < 2**21
    assert refusal(tight, bomb) == "Reading the picture needs more memory than is allowed."
    assert tight.prepare(data) == prepare(data)
    tight.close()


def nested(depth: int) -> bytes:
    """Sequences in sequences, none of which ends."""
    whole = dicom_bytes(dicom_dataset(RAMP))
    sequence = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    at = whole.index(b"\x08\x00\x16\x00")
    return whole[:at] + sequence * depth + whole[at:]


def claims(length: int) -> bytes:
    """Pixel data that say they are longer than they are."""
    whole = dicom(RAMP)
    at = whole.index(b"\xe0\x7f\x10\x00OW\0\0") + 8
    return whole[:at] + length.to_bytes(4, "little") + whole[at + 4 :]


def other_size() -> bytes:
    """A JPEG 2000 picture of another size than its file says."""
    small = dicom_dataset(RAMP[:8, :8].copy(), Rows=3000, Columns=3000)
    small.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(60)])
    return dicom_bytes(small, JPEG2000Lossless)


def jpeg_of_other_size() -> bytes:
    out = io.BytesIO()
    Image.fromarray(RAMP.astype(np.uint8)).save(out, "JPEG")
    dataset = dicom_dataset(RAMP.astype(np.uint8), Rows=4000, Columns=4000)
    dataset.PixelData = encapsulate([out.getvalue()])
    return dicom_bytes(dataset, JPEGBaseline8Bit)


HOSTILE = {
    "a JPEG of another size": jpeg_of_other_size(),
    "nested 20,000 deep": nested(20_000),
    "claims 2 GB": claims(2**31 - 2),
    "dimensions that disagree": other_size(),
    "rows without end": dicom(RAMP, Rows=65535, Columns=65535),
    "no columns": dicom(RAMP, Columns=0),
    "a path for a name": dicom(RAMP, SOPInstanceUID="1.2.3").replace(b"1.2.3\0", b"../../"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_dicom_is_read_or_refused(kind: str) -> None:
    with suppress(ImageError):
        pool().prepare(HOSTILE[kind])
    assert pool().prepare(picture(1)) == prepare(picture(1))


def test_a_worker_gets_no_secret(monkeypatch: pytest.MonkeyPatch, one_worker: Pool) -> None:
    monkeypatch.setenv("OVERREAD_SECRET_KEY", "planted")
    one_worker.prepare(picture(1))
    with open(f"/proc/{process_of(one_worker)}/environ", "rb") as file:
        assert b"planted" not in file.read()


def test_many_threads_share_the_workers(one_worker: Pool) -> None:
    found: list[str] = []

    def read(number: int) -> None:
        found.append(one_worker.prepare(picture(number % 2)).fingerprint)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 2


def test_closing_ends_every_worker_that_is_free() -> None:
    both = Pool(2)
    workers = [isolation._Worker(Limits()) for _ in range(2)]
    both._free = LifoQueue()
    for worker in workers:
        both._free.put(worker)
    both.close()
    assert not any(worker.is_alive for worker in workers)


def test_workers_end_with_the_process_that_started_them() -> None:
    code = """
import os
from overread.imaging.isolation import pool
try:
    pool().prepare(b"%PDF")
except ValueError:
    print(pool()._free.get()._process.pid, flush=True)
    os._exit(1)
"""
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    stat = Path(f"/proc/{int(made.stdout)}/stat")
    with suppress(FileNotFoundError):
        while stat.read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.001)


@pytest.mark.parametrize("answer", [Answer(), Answer(refused={"problem": 1})])
def test_a_worker_that_says_something_else_is_not_believed(
    one_worker: Pool, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr("overread.imaging.isolation._Worker.ask", lambda self, request: answer)
    assert refusal(one_worker, picture(1)) == BROKE
