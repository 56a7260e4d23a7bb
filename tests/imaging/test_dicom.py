"""Each kind of DICOM grey against numpy written from PS3.3 C.7.6.3 and C.11."""

import io
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import ImplicitVRLittleEndian, JPEGBaseline8Bit, JPEGExtended12Bit, RLELossless

from overread.imaging.decode import ImageError, decode
from tests.imaging.dicom_files import dicom, dicom_bytes, dicom_dataset, look_up_table
from tests.shared_data import shared_data

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def linear(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    """C.11.2.1.2.1."""
    inside = ((x - (centre - 0.5)) / max(width - 1, 1e-9) + 0.5) * 255
    dark, bright = x <= centre - 0.5 - (width - 1) / 2, x > centre - 0.5 + (width - 1) / 2
    return np.select([dark, bright], [0, 255], inside)


def linear_exact(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    """C.11.2.1.3.2."""
    inside = ((x - centre) / width + 0.5) * 255
    return np.select([x <= centre - width / 2, x > centre + width / 2], [0, 255], inside)


def sigmoid(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    """C.11.2.1.3.1."""
    with np.errstate(over="ignore"):
        return 255 / (1 + np.exp(-4 * (x - centre) / width))


FUNCTIONS = {"LINEAR": linear, "LINEAR_EXACT": linear_exact, "SIGMOID": sigmoid}


def shown(data: bytes) -> np.ndarray:
    return decode(data).pixels.astype(float)


def near(found: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.abs(found.astype(float) - wanted).max() <= 1)


def refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(ImageError) as refused:
        decode(data, **options)
    assert refused.value.problem.advice
    return str(refused.value.problem.problem)


@settings(max_examples=150, deadline=None)
@given(
    bits=st.sampled_from([8, 10, 12, 15, 16]),
    signed=st.booleans(),
    negative=st.booleans(),
    function=st.sampled_from([None, *FUNCTIONS]),
    centre=st.floats(-3000, 5000),
    width=st.floats(1, 9000),
    slope=st.sampled_from([1.0, 0.5, 2.5, -1.0]),
    intercept=st.sampled_from([0.0, -1024.0, 17.5]),
)
def test_slope_window_and_photometric_interpretation_follow_the_standard(
    bits, signed, negative, function, centre, width, slope, intercept
):
    # Which side a threshold itself belongs to turns with a negative slope.
    assume(slope > 0 or width >= 2)
    low = -(1 << (bits - 1)) if signed else 0
    stored = np.linspace(low, low + (1 << bits) - 1, 24 * 32).round().reshape(24, 32)
    allocated = 8 if bits == 8 else 16
    data = dicom(
        stored.astype(f"{'i' if signed else 'u'}{allocated // 8}"),
        BitsStored=bits,
        PhotometricInterpretation="MONOCHROME1" if negative else "MONOCHROME2",
        WindowCenter=f"{centre:.6g}",
        WindowWidth=f"{width:.6g}",
        RescaleSlope=slope,
        RescaleIntercept=intercept,
        **({"VOILUTFunction": function} if function else {}),
    )
    modality = stored * slope + intercept
    voi = FUNCTIONS[function or "LINEAR"](modality, float(f"{centre:.6g}"), float(f"{width:.6g}"))
    assert near(shown(data), 255 - voi if negative else voi)


@pytest.mark.parametrize("slope", [1.0, -2.0])
def test_deep_values_without_a_window_are_shown_from_the_lowest_to_the_highest(slope):
    stored = RAMP // 2 + 300
    modality = stored * slope
    spread = (modality - modality.min()) / np.ptp(modality) * 255
    assert near(shown(dicom(stored, BitsStored=16, RescaleSlope=slope)), spread)


def test_eight_bits_without_a_window_are_shown_as_they_are():
    pixels = (RAMP % 200).astype(np.uint8)
    assert np.array_equal(decode(dicom(pixels)).pixels, pixels)
    turned = decode(dicom(pixels, PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(turned.pixels, 255 - pixels)


def test_several_windows_are_offered_and_the_first_is_shown():
    data = dicom(
        RAMP,
        WindowCenter=[1000, 2000],
        WindowWidth=[500, 900],
        WindowCenterWidthExplanation=["NORMAL", "for Anna Doe"],
    )
    greys = decode(data).greys
    assert [(one.centre, one.width) for one in greys.windows] == [(1000, 500), (2000, 900)]
    assert [one.name for one in greys.windows] == ["Normal", ""]
    assert near(shown(data), linear(RAMP, 1000, 500))


@pytest.mark.parametrize(("centre", "width"), [("", ""), (10, 0), (10, 0.5), ("", 50)])
def test_a_window_without_usable_values_is_none(centre, width):
    data = dicom(RAMP, WindowCenter=centre, WindowWidth=width)
    assert near(shown(data), RAMP / 4095 * 255)


def test_a_voi_table_stands_before_a_window_and_holds_its_ends():
    entries = np.linspace(0, 1023, 1000).round() ** 2 // 1023
    table = look_up_table(entries, first=500, bits=10)
    data = dicom(RAMP, BitsStored=12, VOILUTSequence=table, WindowCenter=9, WindowWidth=9)
    wanted = entries[np.clip(RAMP.astype(int) - 500, 0, 999)] / 1023 * 255
    assert near(shown(data), wanted)
    turned = dicom(
        RAMP, BitsStored=12, VOILUTSequence=table, PhotometricInterpretation="MONOCHROME1"
    )
    assert near(shown(turned), 255 - wanted)


def test_a_modality_table_comes_before_the_window():
    entries = 65535 - np.arange(4096) * 16
    table = look_up_table(entries, first=0, bits=16)
    data = dicom(
        RAMP,
        BitsStored=12,
        ModalityLUTSequence=table,
        RescaleSlope=3,
        WindowCenter=30000,
        WindowWidth=40000,
    )
    assert near(shown(data), linear(entries[RAMP], 30000, 40000))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("limit", [None, 40])
def test_padding_is_dark_and_does_not_count(photometric, limit):
    stored = RAMP + 1000
    padding = np.zeros(stored.shape, bool)
    padding[:5] = True
    stored[padding] = 30 if limit is None else np.arange(5 * 64) % 10 + 31
    more = {} if limit is None else {"PixelPaddingRangeLimit": limit}
    image = decode(
        dicom(stored, PhotometricInterpretation=photometric, PixelPaddingValue=30, **more)
    )
    inside = stored[~padding].astype(float)
    spread = (inside - inside.min()) / np.ptp(inside) * 255
    assert near(image.pixels[~padding], 255 - spread if photometric == "MONOCHROME1" else spread)
    assert image.pixels[padding].max() == 0


def test_padding_written_unsigned_in_a_signed_picture_is_found():
    stored = (RAMP.astype(np.int16) % 900) - 400
    stored[0] = -2000
    dataset = dicom_dataset(stored)
    dataset.add_new("PixelPaddingValue", "US", 65536 - 2000)
    image = decode(dicom_bytes(dataset))
    assert image.pixels[0].max() == 0
    assert near(image.pixels[1:], (stored[1:] + 400) / 899 * 255)


@pytest.mark.parametrize("high", [11, 15])
@pytest.mark.parametrize("signed", [True, False])
def test_bits_that_hold_no_pixel_are_left_out(high, signed):
    """Overlays of old files stand in the unused bits (PS3.5 8.1.1)."""
    values = RAMP.astype(np.int32) - (2048 if signed else 0)
    used = (values & 0xFFF) << (high - 11)
    overlay = np.where(np.indices(RAMP.shape).sum(0) % 2, 0xF000 if high == 11 else 0xF, 0)
    data = dicom(
        (used | overlay).astype(np.uint16),
        BitsStored=12,
        HighBit=high,
        PixelRepresentation=int(signed),
        WindowCenter=float(values.mean()),
        WindowWidth=3000,
    )
    assert near(shown(data), linear(values, values.mean(), 3000))


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_comes_by_pixel_or_by_plane(planar):
    colour = np.random.default_rng(2).integers(0, 256, (6, 8, 3), np.uint8)
    laid_out = colour if planar == 0 else np.moveaxis(colour, -1, 0)
    data = dicom(colour, PlanarConfiguration=planar, PixelData=laid_out.tobytes())
    assert np.array_equal(decode(data).pixels, colour)


@pytest.mark.parametrize("photometric", ["YBR_FULL_422", "RGB"])
def test_colour_in_a_jpeg_comes_as_rgb(photometric):
    """Files that say RGB hold YBR in their JPEG as well: the JPEG knows."""
    red = np.zeros((32, 48, 3), np.uint8)
    red[..., 0] = 200
    out = io.BytesIO()
    Image.fromarray(red).save(out, "JPEG", quality=95)
    data = encapsulate([out.getvalue()])
    dataset = dicom_dataset(red, PhotometricInterpretation=photometric, PixelData=data)
    found = decode(dicom_bytes(dataset, JPEGBaseline8Bit)).pixels
    assert np.abs(found.astype(int) - red).max() <= 3


def test_colour_that_is_grey_in_every_pixel_becomes_grey():
    grey = RAMP.astype(np.uint8)
    assert np.array_equal(decode(dicom(np.dstack([grey] * 3))).pixels, grey)


def test_a_palette_is_looked_up():
    reds = np.arange(256, dtype=np.uint16) << 8
    colours = {
        f"{name}PaletteColorLookupTable{part}": value
        for name, table in {"Red": reds, "Green": reds[::-1], "Blue": reds * 0}.items()
        for part, value in {"Descriptor": [256, 0, 16], "Data": table.tobytes()}.items()
    }
    data = dicom(RAMP.astype(np.uint8), PhotometricInterpretation="PALETTE COLOR", **colours)
    pixels = decode(data).pixels
    assert near(pixels[..., 0], RAMP % 256)
    assert near(pixels[..., 1], 255 - RAMP % 256)


def test_one_frame_of_several_is_chosen():
    frames = np.stack([RAMP, RAMP[::-1]])
    data = dicom(RAMP, NumberOfFrames=2, PixelData=frames.tobytes())
    assert refusal(data) == "The file holds 2 pictures."
    assert near(decode(data, frame=1).pixels, RAMP / 4095 * 255)
    assert near(decode(data, frame=2).pixels, RAMP[::-1] / 4095 * 255)
    assert refusal(data, frame=3) == "The file has no picture number 3."


SPACINGS = [
    ({"Modality": "CR", "PixelSpacing": [0.2, 0.1]}, None),
    ({"Modality": "CR", "ImagerPixelSpacing": [0.2, 0.1]}, None),
    ({"Modality": "DX", "PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.2, 0.1]}, None),
    ({"Modality": "DX", "PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.3, 0.2]}, (0.2, 0.1)),
    (
        {"Modality": "CR", "PixelSpacing": [0.2, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"},
        (0.2, 0.1),
    ),
    ({"Modality": "CT", "PixelSpacing": [0.7, 0.7]}, (0.7, 0.7)),
    ({"Modality": "CT", "PixelSpacing": [0, -1]}, None),
]


@pytest.mark.parametrize(("attributes", "spacing"), SPACINGS)
def test_millimetres_are_kept_only_where_they_were_calibrated(attributes, spacing):
    """PS3.3 10.7.1: a projection's spacing at the detector leaves out its magnification."""
    assert decode(dicom(RAMP, **attributes)).greys.spacing == spacing


def test_a_packed_picture_reads_as_the_plain_one():
    plain = dicom_dataset(RAMP, BitsStored=12, WindowCenter=2000, WindowWidth=1000)
    wanted = decode(dicom_bytes(plain)).pixels
    plain.compress(RLELossless, generate_instance_uid=False)
    assert np.array_equal(decode(dicom_bytes(plain, RLELossless)).pixels, wanted)


def test_a_file_without_preamble_and_meta_information_is_read():
    whole = dicom_bytes(dicom_dataset(RAMP), ImplicitVRLittleEndian)
    at = whole.index(b"\x08\x00\x16\x00")
    assert np.array_equal(decode(whole[at:]).pixels, decode(whole).pixels)


def test_what_is_no_picture_is_refused_in_plain_words():
    dataset = dicom_dataset(RAMP)
    del dataset.PixelData
    assert refusal(dicom_bytes(dataset)) == "The DICOM file holds no picture."
    wide = dicom(RAMP.astype(np.uint32))
    assert refusal(wide) == "The image has 32 bits per pixel."
    unknown = dicom_bytes(dicom_dataset(RAMP)).replace(
        b"1.2.840.10008.1.2.1\0", b"1.2.3\0" + b"9" * 14
    )
    assert "packed in a way" in refusal(unknown) or "broken" in refusal(unknown)
    extended = dicom_dataset(RAMP, BitsStored=12, PixelData=encapsulate([b"\xff\xd8" * 50]))
    assert "packed in a way" in refusal(dicom_bytes(extended, JPEGExtended12Bit))


def test_a_file_that_speaks_of_text_on_its_picture_is_read_and_says_so():
    assert decode(dicom(RAMP, BurnedInAnnotation="YES")).says_text
    assert not decode(dicom(RAMP, BurnedInAnnotation="NO")).says_text


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded():
    data = dicom(RAMP, Rows=60_000, Columns=60_000)
    assert refusal(data) == "The image has more than 64 million pixels."


def test_pixels_that_are_cut_short_are_refused():
    data = dicom(RAMP)
    for share in (0.3, 0.9):
        assert "broken" in refusal(data[: int(len(data) * share)])
    broken = dicom_dataset(RAMP.astype(np.uint8), PixelData=encapsulate([b"\xff\xd8\xff\xd9" * 9]))
    assert "broken" in refusal(dicom_bytes(broken, JPEGBaseline8Bit))


def test_a_refusal_quotes_nothing_of_the_file():
    """A decoder's own words may hold a patient's name."""
    data = dicom(RAMP, NumberOfFrames="7").replace(b"IS\x02\x007 ", b"IS\x02\x00Z9")
    assert "Z9" not in refusal(data)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(data):
    whole = dicom(RAMP[:8, :8].copy(), PatientID="7", WindowCenter=90, WindowWidth=40)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(132, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = decode(bytes(damaged), max_pixels=100_000)
    except ImageError:
        return
    assert image.pixels.dtype == np.uint8


def test_the_public_chest_files_are_read():
    folder = shared_data("dicom", "cxr")
    for path in sorted(folder.glob("*.dcm")):
        if "NO_PIXELDATA" in path.name:
            continue
        image = decode(path.read_bytes())
        dataset = dcmread(path, force=True)
        assert image.pixels.shape == (dataset.Rows, dataset.Columns)
        assert image.greys.inverted == (dataset.PhotometricInterpretation == "MONOCHROME1")
        # Lungs are darker than the bones and soft parts around them once the greys are right.
        assert 20 < image.pixels.mean() < 235


def test_without_the_extra_the_file_is_refused_and_the_extra_named(monkeypatch):
    data = dicom(RAMP)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(ImageError) as refused:
        decode(data)
    assert refused.value.problem.problem == "Reading DICOM files is not installed here."
    assert "overread[dicom]" in refused.value.problem.advice
