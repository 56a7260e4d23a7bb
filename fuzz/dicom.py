#!/usr/bin/env python
"""Coverage-guided: whatever bytes come as DICOM are a picture or a refusal. See README.md."""

import warnings

import atheris
import numpy as np

with atheris.instrument_imports(include=["overread", "pydicom"]):
    from tests.imaging.dicom_files import dicom, look_up_table

    from overread.imaging.decode import ImageError, decode

from fuzz.running import run

# As large as an image may be in a fuzzer's process, which has no limits of its own.
MOST_PIXELS = 1_000_000
GREYS = np.arange(48, dtype=np.uint8).reshape(6, 8)
DEEP = (np.arange(48, dtype=np.uint16) * 80).reshape(6, 8)
SEEDS = [
    dicom(GREYS),
    dicom(DEEP, BitsStored=12, WindowCenter=2000, WindowWidth=1500, RescaleSlope=2),
    dicom(DEEP.astype(np.int16) - 900, PhotometricInterpretation="MONOCHROME1"),
    dicom(np.stack([GREYS] * 3, axis=-1)),
    dicom(
        DEEP,
        VOILUTSequence=look_up_table(np.arange(64), first=0, bits=12),
        PatientName="Doe^Jane",
        PatientAge="005Y",
        PixelSpacing=[0.2, 0.2],
        PixelPaddingValue=0,
    ),
]


def read(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            decoded = decode(data, max_pixels=MOST_PIXELS)
        except ImageError as error:
            refused = error.problem
        else:
            assert decoded.pixels.dtype == np.uint8
            assert decoded.pixels.shape[:2] == (decoded.height, decoded.width)
            assert "Jane" not in str(decoded.facts.kept if decoded.facts else "")
            return
    assert refused.problem
    assert refused.advice
    assert "Jane" not in str(refused), "a refusal must not quote the file"


if __name__ == "__main__":
    run("dicom", read, SEEDS)
