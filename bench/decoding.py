#!/usr/bin/env python
"""What it costs to read foreign files in processes of their own. See README.md."""

import argparse
import io
import json
import os
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import _environment  # noqa: F401 goes on in .venv
import numpy as np
from _machine import cpu_seconds
from PIL import Image
from pydicom import Dataset, FileMetaDataset, dcmread
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from overread.imaging import isolation
from overread.imaging.decode import ImageError, decode
from overread.imaging.isolation import Pool
from overread.imaging.preparing import SIZES, prepare

METHOD = """Method: files in memory, each read in turn for the given seconds, the ways one after
the other in each round; files per second of processor time, the workers' included, median over the
rounds. bare: the library's own pixels (pydicom's pixel_array, Pillow's load). rewritten: Pillow's
decode, two JPEGs and a PNG encoded. decoded: our decode here; decoded, isolated: in one worker,
which sends the values back, and the share of bare that this is. prepared: decode, three renditions,
fingerprint here. isolated: the same in one worker. pool: in all of the workers, asked by as many
threads."""
BENCH = Path(__file__).parent
Read = Callable[[bytes], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=BENCH.parents[1] / "shared/data")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(METHOD)
    rows = []
    for name, (files, bare) in _sets(options.data).items():
        found = _measured(files, bare, options)
        print(f"{name} ({len(files)} files):", found, flush=True)
        rows.append({"set": name, "files": len(files), **found})
    if options.json:
        options.json.write_text(json.dumps({"method": METHOD, "rows": rows}, indent=1))


def _sets(data: Path) -> dict[str, tuple[list[bytes], Read]]:
    chest = [path.read_bytes() for path in sorted((data / "dicom/cxr").glob("*.dcm"))]
    large = [path.read_bytes() for path in sorted((data / "cxr/kermany_fullsize").rglob("*.jpeg"))]
    small = sorted((data / "cxr/kermany224_sample").rglob("*.jpeg"))[:100]
    return {
        "chest DICOM, packed": ([one for one in chest if _is_read(one)], _bare_dicom),
        "chest DICOM, native": ([_native(one) for one in large], _bare_dicom),
        "JPEG, full size": (large, _bare_pillow),
        "PNG, 224 px": ([_png(path) for path in small], _bare_pillow),
    }


def _is_read(data: bytes) -> bool:
    """By bare pydicom as well, which wants meta information."""
    try:
        decode(data)
    except ImageError:
        return False
    return data[128:132] == b"DICM"


def _native(jpeg: bytes) -> bytes:
    """The picture as a computed radiograph of 12 bits would hold it."""
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("L")).astype(np.uint16) * 16
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1", generate_uid()
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation, dataset.PixelData = 0, pixels.tobytes()
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _png(path: Path) -> bytes:
    out = io.BytesIO()
    Image.open(path).save(out, "PNG")
    return out.getvalue()


def _bare_dicom(data: bytes) -> object:
    return dcmread(io.BytesIO(data)).pixel_array


def _bare_pillow(data: bytes) -> object:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def _rewritten(data: bytes) -> None:
    image = Image.open(io.BytesIO(data)).convert("L")
    for longest in SIZES.values():
        copy = image.copy()
        copy.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        copy.save(io.BytesIO(), "JPEG", quality=92)
    image.save(io.BytesIO(), "PNG")


def _measured(files: Sequence[bytes], bare: Read, options: Any) -> dict[str, float]:
    alone, several, decoding = Pool(1), Pool(options.workers), _Decoding(1)
    ways: dict[str, tuple[Read, int]] = {
        "bare": (bare, 1),
        "decoded": (decode, 1),
        "decoded, isolated": (decoding.decode, 1),
        "prepared": (prepare, 1),
        "isolated": (alone.prepare, 1),
        "pool": (several.prepare, options.workers),
    }
    if bare is _bare_pillow:
        ways["rewritten"] = (_rewritten, 1)
    for read, threads in ways.values():
        _rate(files, read, 0, threads)  # starts the workers
    rounds = [
        {
            name: _rate(files, read, options.seconds, threads)
            for name, (read, threads) in ways.items()
        }
        for _ in range(options.rounds)
    ]
    for readers in (alone, several, decoding):
        readers.close()
    rates = {name: round(statistics.median(one[name] for one in rounds), 1) for name in ways}
    shares = (one["decoded, isolated"] / one["bare"] for one in rounds)
    return {**rates, "share of bare": round(statistics.median(shares), 2)}


class _Decoding(Pool):
    """Workers that decode, and send the values back."""

    def decode(self, data: bytes) -> bytes:
        with patch.object(isolation, "WORKER", ("-P", str(BENCH / "_decoding.py"))):
            return self.export(data, "", {}, synthetic=False)


def _rate(files: Sequence[bytes], read: Read, seconds: float, threads: int) -> float:
    """Whole passes over the files, so that large and small ones count alike in every way."""
    begun, used, done = time.perf_counter(), cpu_seconds([os.getpid()]), 0
    with ThreadPoolExecutor(threads) as executor:
        while done == 0 or time.perf_counter() - begun < seconds:
            done += sum(1 for _ in executor.map(read, files))
    return done / (cpu_seconds([os.getpid()]) - used)


if __name__ == "__main__":
    main()
