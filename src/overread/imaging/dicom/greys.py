"""Stored values to greys: modality, VOI and presentation, as PS3.3 C.11 defines them."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from overread.core.greys import Greys, Window, curve_of, depth_of, rescaled
from overread.imaging.decoded import Values
from overread.imaging.dicom.facts import calibrated_spacing

# An explanation of a window is free text (C.11.2.1.2): only words that name no person are kept.
_WINDOW_WORDS = ("NORMAL", "HARDER", "SOFTER", "WIDE", "NARROW", "LUNG", "BONE", "MEDIASTINUM")
_Shares = NDArray[np.float64]


def grey_picture(stored: NDArray[Any], dataset: Dataset) -> tuple[Values, Greys]:
    """The values of a grey picture and what they mean.

    A modality table is applied to the values, so that windows stay movable. A slope and signed
    values go into the windows (core.greys.rescaled). A VOI table or a sigmoid becomes a curve.
    """
    negative = dataset.PhotometricInterpretation == "MONOCHROME1"  # PS3.3 C.7.6.3.1.2
    table = _first(dataset, "ModalityLUTSequence")
    slope, intercept = (1.0, 0.0) if table else _rescale(dataset)
    values = _looked_up(table, stored) if table else stored
    padding = _padding(stored, dataset)
    seen = values if padding is None else values[~padding]
    least, most = int(seen.min()), int(seen.max())
    if padding is not None:  # background: as dark as anything in the picture (C.7.5.1.1.2)
        values = np.where(padding, most if negative != (slope < 0) else least, values)
    lowest = min(least, 0)
    bits = depth_of(most - lowest)
    shares = _curve(dataset, (np.arange(1 << bits) + lowest) * slope + intercept)
    windows = rescaled(_windows(dataset), slope=slope, intercept=intercept, lowest=lowest)
    greys = Greys(
        bits,
        windows=() if shares is not None else windows or _used(dataset, least, most, lowest),
        curve=() if shares is None else curve_of(shares),
        # A curve says itself what a negative slope does.
        inverted=negative != (slope < 0 and shares is None),
        spacing=calibrated_spacing(dataset),
    )
    values = values - lowest
    return (values.astype(np.uint8) if bits == 8 else values.astype(np.uint16)), greys


def _used(dataset: Dataset, least: int, most: int, lowest: int) -> tuple[Window, ...]:
    """Without VOI the standard leaves the range open (C.11.2.1.2): eight bits are shown as they
    are, other depths from the lowest to the highest value that is used."""
    if int(dataset.BitsStored) == 8 and lowest == 0 and most < 256:
        return ()
    return (Window((least + most + 1) / 2 - lowest, most - least + 1),)


def _first(dataset: Dataset, keyword: str) -> Dataset | None:
    """The first item of a sequence; the others are alternative views (C.11.2.1.1)."""
    sequence = dataset.get(keyword)
    return sequence[0] if sequence else None


def _rescale(dataset: Dataset) -> tuple[float, float]:
    """Slope and intercept (C.11.1.1.2); a slope that would make all values one is none."""
    slope = _number(dataset.get("RescaleSlope"), 1.0)
    return slope or 1.0, _number(dataset.get("RescaleIntercept"), 0.0)


def _number(value: object, default: float) -> float:
    try:
        number = float(str(value)) if value not in (None, "") else default
    except ValueError:
        return default
    return number if isfinite(number) else default


def _padding(stored: NDArray[Any], dataset: Dataset) -> NDArray[np.bool_] | None:
    """Where there is only padding: one value or a range, in stored values (C.7.5.1.1.2).

    None where there is no padding, or nothing else.
    """
    one = _signed(dataset.get("PixelPaddingValue"), dataset)
    if one is None:
        return None
    other = _signed(dataset.get("PixelPaddingRangeLimit"), dataset)
    low, high = sorted((one, one if other is None else other))
    found: NDArray[np.bool_] = (stored >= low) & (stored <= high)
    return found if found.any() and not found.all() else None


def _signed(value: Any, dataset: Dataset) -> int | None:
    """A padding value, which some files write as unsigned where their pixels are signed."""
    if not isinstance(value, int):
        return None
    bits = int(dataset.BitsAllocated)
    wraps = dataset.get("PixelRepresentation", 0) and value >= 1 << (bits - 1)
    return value - (1 << bits) if wraps else value


def _curve(dataset: Dataset, modality: NDArray[Any]) -> _Shares | None:
    """What a VOI table, or else a sigmoid, makes of every modality value, as shares of white."""
    table = _first(dataset, "VOILUTSequence")
    if table is not None:
        looked_up = _looked_up(table, np.rint(modality).astype(np.int64))
        return looked_up / float((1 << _bits(table)) - 1)
    if _function(dataset) != "SIGMOID":
        return None
    given = _given_windows(dataset)
    if not given:
        return None
    centre, width, _ = given[0]
    # C.11.2.1.3.1
    return 1 / (1 + np.exp(np.clip(-4 * (modality - centre) / width, -500, 500)))


def _windows(dataset: Dataset) -> tuple[Window, ...]:
    """C.11.2.1.2.1 LINEAR, the default, and C.11.2.1.3.2 LINEAR_EXACT."""
    make = Window.exact if _function(dataset) == "LINEAR_EXACT" else Window
    return tuple(make(centre, width, name) for centre, width, name in _given_windows(dataset))


def _function(dataset: Dataset) -> str:
    return str(dataset.get("VOILUTFunction") or "LINEAR")


def _given_windows(dataset: Dataset) -> list[tuple[float, float, str]]:
    """Centre, width and name; a width that the function does not allow is no window."""
    centres, widths = _several(dataset.get("WindowCenter")), _several(dataset.get("WindowWidth"))
    names = [str(one).upper() for one in _several(dataset.get("WindowCenterWidthExplanation"))]
    names += [""] * len(centres)
    least = 1.0 if _function(dataset) == "LINEAR" else 1e-6
    return [
        (centre, width, name.capitalize() if name in _WINDOW_WORDS else "")
        for one, other, name in zip(centres, widths, names, strict=False)
        if (width := _number(other, 0.0)) >= least and isfinite(centre := _number(one, np.nan))
    ]


def _several(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    is_text = isinstance(value, (str, bytes))
    return list(value) if isinstance(value, Sequence) and not is_text else [value]


def _looked_up(table: Dataset, values: NDArray[Any]) -> NDArray[np.int64]:
    """A table's output: values below its first entry get the first one, values above its last the
    last (C.11.1.1.1, C.11.2.1.1)."""
    entries, first, _ = _descriptor(table)
    data = _entries(table, entries)
    found: NDArray[np.int64] = data[np.clip(values - first, 0, len(data) - 1)]
    return found


def _descriptor(table: Dataset) -> tuple[int, int, int]:
    """Number of entries, where 0 means 65536, first value mapped, and bits of an entry."""
    entries, first, bits = (int(one) for one in table.LUTDescriptor)
    return entries & 0xFFFF or 65536, first, bits


def _bits(table: Dataset) -> int:
    return _descriptor(table)[2]


def _entries(table: Dataset, count: int) -> NDArray[np.int64]:
    """The entries, of 8 or 16 bits; eight-bit ones may be packed two to a word."""
    data = table.LUTData
    if isinstance(data, bytes):
        wide = len(data) >= 2 * count
        data = np.frombuffer(data, "<u2" if wide else "u1")
    found = np.asarray(data, np.int64).reshape(-1)[:count]
    return found & ((1 << _bits(table)) - 1)
