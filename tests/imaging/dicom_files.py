"""DICOM files that the tests make."""

import io
from typing import Any

import numpy as np
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def dicom_dataset(pixels: np.ndarray, **attributes: Any) -> Dataset:
    """A secondary capture of these pixels, (rows, columns) or (rows, columns, 3), as they are.

    Attributes stand by keyword; None leaves one out.
    """
    dataset = Dataset()
    dataset.SOPClassUID = SECONDARY_CAPTURE
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=["one", pixels.tobytes().hex()])
    dataset.Modality = "OT"
    grey = pixels.ndim == 2
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 1 if grey else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if grey else "RGB"
    if not grey:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = pixels.dtype.itemsize * 8
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    dataset.HighBit = attributes.get("HighBit", dataset.BitsStored - 1)
    return dataset


def dicom_bytes(dataset: Dataset, syntax: str = ExplicitVRLittleEndian, **meta: object) -> bytes:
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = syntax
    for keyword, value in meta.items():
        setattr(dataset.file_meta, keyword, value)
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def dicom(pixels: np.ndarray, **attributes: Any) -> bytes:
    return dicom_bytes(dicom_dataset(pixels, **attributes))


def look_up_table(entries: np.ndarray, *, first: int, bits: int) -> list[Dataset]:
    """A sequence of one modality or VOI table."""
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [len(entries) % 65536, first, bits])
    table.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return [table]
