"""A DICOM file's bytes to a picture, or to the reason why there is none."""

import io
from typing import TYPE_CHECKING, NoReturn

from overread.core.problems import Message
from overread.imaging.decoded import COPY_AGAIN, DecodedImage, ImageError, too_large

if TYPE_CHECKING:
    from pydicom import Dataset

_PREAMBLE = 128
PREAMBLE_AND_PREFIX = _PREAMBLE + 4
# The first group of a file whose preamble and meta information were cut off (PS3.10 7.1).
_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00")
DIRECTORY = "1.2.840.10008.1.3.10"
_SEND_PICTURE = Message("Give the file that holds the picture, or leave the row out.")
_SAVE_ANEW = Message("Save it uncompressed from the viewer or archive that it came from.")
_INSTALL = Message("Install overread with its part for DICOM: pip install 'overread[dicom]'.")


def is_dicom(data: bytes) -> bool:
    """Whether the bytes look like DICOM, with or without the preamble of PS3.10 7.1."""
    if data[_PREAMBLE : _PREAMBLE + 4] == b"DICM":
        return True
    return data[:2] in _FIRST_GROUPS and data[3:4] == b"\x00" and len(data) > _PREAMBLE


def decode_dicom(data: bytes, *, max_pixels: int, frame: int = 0) -> DecodedImage:
    """Read the picture in a DICOM file. Raises ImageError.

    No message quotes the file: its values may name a patient.
    """
    try:
        return _decode(data, max_pixels, frame)
    except ImageError:
        raise
    except MemoryError:
        raise
    except ImportError as error:
        raise not_installed() from error
    except Exception:  # decoders fail on a broken file in every way there is
        _refuse_broken()


def not_installed() -> ImageError:
    return ImageError.because(Message("Reading DICOM files is not installed here."), _INSTALL)


def _refuse_broken() -> NoReturn:
    """Without the decoder's own words and its traceback, which may quote the file."""
    problem = Message("The DICOM file is broken or cut short, or says contrary things.")
    raise ImageError.because(problem, COPY_AGAIN) from None


def _decode(data: bytes, max_pixels: int, frame: int) -> DecodedImage:
    from overread.imaging.dicom.facts import facts_of, has_burned_in_text
    from overread.imaging.dicom.greys import grey_picture
    from overread.imaging.dicom.pixels import colour_picture, stored_values

    dataset = _read(data)
    _check(dataset, max_pixels, frame)
    facts, says_text = facts_of(dataset), has_burned_in_text(dataset)
    values = stored_values(dataset, frame)
    if values.ndim == 3:
        colour = colour_picture(values, dataset)
        return DecodedImage(colour, "DICOM", False, facts=facts, says_text=says_text)
    deep, greys = grey_picture(values, dataset)
    return DecodedImage(greys.shown(deep), "DICOM", False, deep, greys, facts, says_text)


def _read(data: bytes) -> "Dataset":
    """Only the attributes that are asked for; a file without a transfer syntax is taken to be of
    the default one, as files without meta information are."""
    from pydicom import config, dcmread
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    from overread.imaging.dicom.attributes import READ

    # Its warnings quote what they find wrong, and files are read whatever they say.
    config.settings.reading_validation_mode = config.IGNORE
    dataset = dcmread(io.BytesIO(data), force=True, specific_tags=list(READ))
    if "TransferSyntaxUID" not in dataset.file_meta:
        explicit = not dataset.original_encoding[0]
        syntax = ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def _check(dataset: "Dataset", max_pixels: int, frame: int) -> None:
    """Refuse, before any pixel is decoded, what is no picture, too large, or several."""
    if str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) == DIRECTORY:
        raise ImageError.because(
            Message("The file is a DICOMDIR: a list of pictures, not a picture."),
            Message("Give the folder with the files that it lists."),
        )
    if "PixelData" not in dataset or "Rows" not in dataset:
        raise ImageError.because(Message("The DICOM file holds no picture."), _SEND_PICTURE)
    if int(dataset.Rows) * int(dataset.Columns) > max_pixels:
        raise too_large(max_pixels)
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1 and frame == 0:
        raise ImageError.because(
            Message("The file holds {count} pictures.", count=frames),
            Message("Name one of them in its row, as in scan.dcm#1 for the first."),
        )
    if frame > frames:
        raise ImageError.because(
            Message("The file has no picture number {frame}.", frame=frame),
            Message("It holds {count}: choose one of them.", count=frames),
        )
    _check_packing(dataset)


def _check_packing(dataset: "Dataset") -> None:
    from pydicom.pixels.decoders.base import get_decoder

    if int(dataset.BitsAllocated) not in (1, 8, 16):
        bits = int(dataset.BitsAllocated)
        raise ImageError.because(
            Message("The image has {bits} bits per pixel.", bits=bits), _SAVE_ANEW
        )
    try:
        readable = get_decoder(dataset.file_meta.TransferSyntaxUID).is_available
    except NotImplementedError:
        readable = False
    # No permissively licensed decoder reads JPEG Extended beyond 8 bits (docs/decisions).
    extended = dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.51"
    if not readable or (extended and int(dataset.BitsStored) > 8):
        raise ImageError.because(
            Message("The picture is packed in a way that can't be read here."), _SAVE_ANEW
        )
