"""The lossless rendition holds exactly the pixels, and says nothing else."""

import struct
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from overread.imaging.render import from_planes, planes

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=24)


def unpacked(data: bytes) -> np.ndarray:
    """As docs/decisions/0005-images.md describes it, written anew."""
    assert data[:4] == b"OVRG"
    bits, width, height = struct.unpack("<III", data[4:16])
    steps = np.frombuffer(zlib.decompress(data[16:]), np.uint8)
    if bits == 8:
        return np.cumsum(steps.reshape(height, width), axis=1, dtype=np.uint8)
    high, low = steps.reshape(2, height, width).astype(np.int64)
    folded = high << 8 | low
    return np.cumsum((folded >> 1) ^ -(folded & 1), axis=1).astype(np.uint16)


@given(st.one_of(arrays(np.uint8, SHAPES), arrays(np.uint16, SHAPES)))
def test_every_value_comes_back(values):
    back = unpacked(planes(values))
    assert back.dtype == values.dtype
    assert np.array_equal(back, values)
    assert np.array_equal(from_planes(planes(values)), values)


def test_the_head_says_nothing_but_depth_and_size():
    grey = np.arange(96, dtype=np.uint8).reshape(8, 12)
    assert planes(grey)[:16] == b"OVRG" + struct.pack("<III", 8, 12, 8)
    assert planes(grey.astype(np.uint16))[:16] == b"OVRG" + struct.pack("<III", 16, 12, 8)
    assert planes(grey) == planes(grey.copy())
