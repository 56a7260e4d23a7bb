"""DICOM files to pictures: pixels by PS3.3 C.7.6.3, greys by C.11, facts by PS3.15 Annex E."""

from overread.imaging.dicom.reading import decode_dicom, is_dicom

__all__ = ["decode_dicom", "is_dicom"]
