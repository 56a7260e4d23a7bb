"""Stored values become greys by the equations of DICOM PS3.3 C.11.2.1.2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.greys import Greys, Window, depth_of, rescaled

VALUES = np.arange(4096, dtype=np.uint16)
WINDOWS = st.builds(
    Window, st.floats(-500, 5000, allow_nan=False), st.floats(2, 8192, allow_nan=False)
)


def test_the_standards_own_example_of_a_window():
    """C.11.2.1.2.1, centre 2048 and width 4096: black at 0, white at 4095."""
    shown = Greys(bits=12).shown(VALUES, Window(2048, 4096))
    assert (shown[0], shown[4095], shown[2048]) == (0, 255, 128)


def test_a_window_of_width_one_is_a_threshold():
    shown = Greys(bits=12).shown(VALUES, Window(100, 1))
    assert shown[:100].max() == 0
    assert shown[100:].min() == 255


@given(WINDOWS)
def test_brighter_values_are_never_darker_and_inversion_turns_every_grey(window: Window):
    shown = Greys(bits=12).shown(VALUES, window).astype(int)
    assert (np.diff(shown) >= 0).all()
    turned = Greys(bits=12, inverted=True).shown(VALUES, window)
    assert np.abs(255 - turned.astype(int) - shown).max() <= 1


@given(
    WINDOWS,
    st.sampled_from([0.5, 1.0, 2.0]),
    st.integers(-1024, 1024),
    st.integers(-32768, 0),
)
def test_a_window_over_modality_values_is_one_over_stored_values(window, slope, intercept, lowest):
    """Signed values, and a slope and intercept, go into the window; the picture is the same."""
    stored = VALUES.astype(int) + lowest
    wanted = Greys(bits=16).shown(stored * slope + intercept, window)
    [moved] = rescaled([window], slope=slope, intercept=intercept, lowest=lowest)
    shown = Greys(bits=16).shown(stored - lowest, moved)
    assert np.abs(shown.astype(int) - wanted.astype(int)).max() <= 1


def test_a_look_up_table_comes_before_the_window():
    greys = Greys(bits=12, curve=(0.0, 0.0, 1.0))
    shown = greys.shown(VALUES)
    assert shown[:2000].max() == 0
    assert shown[4095] == 255
    assert greys.shown(VALUES, Window(1024, 2048))[3500] == 255


@pytest.mark.parametrize(
    ("highest", "bits"), [(0, 8), (255, 8), (256, 10), (4095, 12), (65535, 16)]
)
def test_the_depth_is_the_smallest_usual_one(highest, bits):
    assert depth_of(highest) == bits


def test_greys_are_stored_and_read_again():
    greys = Greys(12, (Window(40, 400, "soft"),), (0.0, 1.0), True, (0.2, 0.2))
    assert Greys.from_document(greys.document()) == greys
    assert Greys.from_document({}) == Greys()
