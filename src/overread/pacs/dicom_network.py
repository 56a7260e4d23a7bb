"""What is asked for and taken over DIMSE: pictures, in every way that files of them are packed."""

import logging
from collections.abc import Iterable

from pydicom import config, uid
from pynetdicom import _config
from pynetdicom.presentation import PresentationContext, build_context

# Neither library may write down what passes through it: it names patients.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
_config.LOG_HANDLER_LEVEL = "none"
config.settings.reading_validation_mode = config.IGNORE
config.settings.writing_validation_mode = config.IGNORE

# SOP classes of PS3.4 A and C.6.2.3.
VERIFICATION = uid.UID("1.2.840.10008.1.1")
FIND = uid.UID("1.2.840.10008.5.1.4.1.2.2.1")
MOVE = uid.UID("1.2.840.10008.5.1.4.1.2.2.2")
GET = uid.UID("1.2.840.10008.5.1.4.1.2.2.3")
SYNTAXES = (
    uid.JPEG2000Lossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.RLELossless,
    uid.ExplicitVRLittleEndian,
    uid.ImplicitVRLittleEndian,
    uid.JPEGBaseline8Bit,
    uid.JPEGExtended12Bit,
    uid.JPEGLossless,
    uid.JPEGLSNearLossless,
    uid.JPEG2000,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
    uid.DeflatedExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
)
# What X-rays come as.
_FILMS = (
    uid.ComputedRadiographyImageStorage,
    uid.DigitalXRayImageStorageForPresentation,
    uid.SecondaryCaptureImageStorage,
)
PICTURES = (
    *_FILMS,
    uid.DigitalXRayImageStorageForProcessing,
    uid.DigitalMammographyXRayImageStorageForPresentation,
    uid.DigitalMammographyXRayImageStorageForProcessing,
    uid.DigitalIntraOralXRayImageStorageForPresentation,
    uid.DigitalIntraOralXRayImageStorageForProcessing,
    uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    uid.MultiFrameSingleBitSecondaryCaptureImageStorage,
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
    uid.XRayAngiographicImageStorage,
    uid.XRayRadiofluoroscopicImageStorage,
    uid.EnhancedXAImageStorage,
    uid.EnhancedXRFImageStorage,
    uid.CTImageStorage,
    uid.EnhancedCTImageStorage,
    uid.MRImageStorage,
    uid.EnhancedMRImageStorage,
    uid.UltrasoundImageStorage,
    uid.UltrasoundMultiFrameImageStorage,
    uid.NuclearMedicineImageStorage,
    uid.PositronEmissionTomographyImageStorage,
    uid.RTImageStorage,
    uid.VLEndoscopicImageStorage,
    uid.VLMicroscopicImageStorage,
    uid.VLPhotographicImageStorage,
    uid.OphthalmicPhotography8BitImageStorage,
    uid.OphthalmicPhotography16BitImageStorage,
)


def accepted() -> list[PresentationContext]:
    """As a storage SCP: any picture, packed as its sender has it."""
    return [build_context(picture, list(SYNTAXES)) for picture in PICTURES]


def asked_for() -> list[PresentationContext]:
    """With a C-GET, of at most 128 contexts (PS3.8 9.3.2.2).

    The archive chooses one syntax of each: films get a context for every syntax, so that each is
    sent as it is stored.
    """
    apart = [build_context(film, syntax) for film in _FILMS for syntax in SYNTAXES]
    others = [build_context(one, list(SYNTAXES)) for one in PICTURES if one not in _FILMS]
    return [*apart, *others]


def classes_of(contexts: Iterable[PresentationContext]) -> list[str]:
    return list(dict.fromkeys(str(one.abstract_syntax) for one in contexts))
