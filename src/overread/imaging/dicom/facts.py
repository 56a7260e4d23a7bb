"""The allow-list of PS3.15 Annex E: what of a file's attributes is kept, and in which terms.

Attributes are kept as members of a closed set or as bands, so that no text of the file passes.
Age and sex stay by the option Retain Patient Characteristics (E.3.7). Names, devices, institutions,
comments, private attributes, overlays, curves and structured content are never read; dates only
to tell an age.
"""

import re
from collections.abc import Iterable
from datetime import date

from pydicom import Dataset

from overread.imaging.facts import Facts


def _terms(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODALITIES = _terms("CR DX DR RG RF XA MG IO PX CT MR US NM PT OT SC ES XC")
SEXES = _terms("M F O")
LATERALITIES = _terms("R L B U")
# Defined terms of View Position (0018,5101): C.8.1.1.1 for CR, C.8.11.5.1.2 for DX.
VIEWS = _terms("AP PA LL RL RLD LLD RLO LLO LATERAL LAT CC MLO ML LM")
# Body parts of PS3.16 Annex L that a general X-ray department examines.
BODY_PARTS = _terms(
    "CHEST THORAX LUNG ABDOMEN CHESTABDOMEN WHOLEBODY HEAD SKULL SINUS JAW NECK CSPINE TSPINE"
    " LSPINE SSPINE COCCYX SPINE RIB RIBS STERNUM CLAVICLE SHOULDER SCAPULA ARM HUMERUS ELBOW"
    " FOREARM WRIST HAND FINGER THUMB PELVIS HIP FEMUR LEG THIGH KNEE PATELLA TIBIA ANKLE FOOT"
    " HEEL CALCANEUS TOE EXTREMITY HEART BREAST"
)
_PROJECTIONS = _terms("CR DX DR RG RF XA MG IO PX OT SC")
_AGE = re.compile(r"(\d{3})([DWMY])")
_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_DAYS = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}


def facts_of(dataset: Dataset) -> Facts:
    kept = {
        "modality": _term(dataset, ("Modality",), MODALITIES),
        "age_band": _age_band(dataset),
        "sex": _term(dataset, ("PatientSex",), SEXES),
        "view": _term(dataset, ("ViewPosition",), VIEWS),
        "body_part": _term(dataset, ("BodyPartExamined",), BODY_PARTS),
        "laterality": _term(dataset, ("ImageLaterality", "Laterality"), LATERALITIES),
        "spacing_mm": " ".join(f"{one:g}" for one in calibrated_spacing(dataset) or ()),
    }
    issuer, patient = _text(dataset, "IssuerOfPatientID"), _text(dataset, "PatientID")
    return Facts(
        kept,
        patient=f"{issuer}\n{patient}" if patient else "",
        study=_text(dataset, "StudyInstanceUID"),
        instance=_text(dataset, "SOPInstanceUID"),
        accession=_text(dataset, "AccessionNumber"),
    )


def has_burned_in_text(dataset: Dataset) -> bool:
    """C.7.6.1: Burned In Annotation (0028,0301)."""
    return _text(dataset, "BurnedInAnnotation").upper() == "YES"


def calibrated_spacing(dataset: Dataset) -> tuple[float, float] | None:
    """Millimetres in the patient between rows and between columns (PS3.3 10.7.1).

    In a projection only where a calibration is said, or where the spacing differs from the
    detector's or scanner's: otherwise it leaves out the magnification.
    """
    spacing = _pair(dataset, "PixelSpacing")
    if spacing is None or _text(dataset, "Modality") not in _PROJECTIONS:
        return spacing
    if _text(dataset, "PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL"):
        return spacing
    raw = [_pair(dataset, name) for name in ("ImagerPixelSpacing", "NominalScannedPixelSpacing")]
    known = [one for one in raw if one is not None]
    return spacing if known and all(one != spacing for one in known) else None


def _pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    try:
        rows, columns = (float(one) for one in dataset.get(keyword) or ())
    except (TypeError, ValueError):
        return None
    return (rows, columns) if 0 < rows < 100 and 0 < columns < 100 else None


def _term(dataset: Dataset, keywords: Iterable[str], known: frozenset[str]) -> str:
    """The first attribute that holds a known term; the empty text where none does."""
    found = (_text(dataset, keyword).upper() for keyword in keywords)
    return next((one for one in found if one in known), "")


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip()


def _age_band(dataset: Dataset) -> str:
    """The age as five-year bands, finer for infants; 90 and over is one band."""
    years = _age(dataset)
    if years is None:
        return ""
    if years < 28 / 365.25:
        return "under 28 days"
    if years < 1:
        return "28 days to 11 months"
    if years < 5:
        return "1 to 4 years"
    if years >= 90:
        return "90 years or more"
    low = int(years // 5) * 5
    return f"{low} to {low + 4} years"


def _age(dataset: Dataset) -> float | None:
    """In years: Patient's Age (0010,1010), else from birth and study."""
    if found := _AGE.fullmatch(_text(dataset, "PatientAge")):
        return int(found[1]) * _DAYS[found[2]] / _DAYS["Y"]
    born, studied = _date(dataset, "PatientBirthDate"), _date(dataset, "StudyDate")
    if born is None or studied is None or studied < born:
        return None
    return (studied - born).days / _DAYS["Y"]


def _date(dataset: Dataset, keyword: str) -> date | None:
    found = _DATE.fullmatch(_text(dataset, keyword))
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
