"""DICOM files to pictures: pixels by PS3.3 C.7.6.3, greys by C.11, facts by PS3.15 Annex E."""

from overread.imaging.dicom.directory import listed_files
from overread.imaging.dicom.reading import PREAMBLE_AND_PREFIX, decode_dicom, is_dicom

__all__ = ["PREAMBLE_AND_PREFIX", "decode_dicom", "is_dicom", "listed_files"]
