"""What a DICOM file says, as a job may keep it: without a word that names somebody."""

import hmac

from django.conf import settings

from overread.core.intake import DICOM_PATIENT
from overread.imaging.facts import Facts
from overread.store.models import Patient, Study, Team

_LENGTH = 32


def cells_of(facts: Facts | None) -> dict[str, str]:
    """Columns of the row: hidden from contributors like every other one."""
    return {f"dicom_{name}": value for name, value in facts.kept.items()} if facts else {}


def patient_of(facts: Facts | None) -> str:
    """The patient's key, the same over all uploads of this installation; "" where none is said."""
    return DICOM_PATIENT + _hashed("patient", facts.patient) if facts and facts.patient else ""


def study_of(team: Team, facts: Facts | None) -> Study | None:
    """The study of a known patient, in the caller's transaction."""
    key = patient_of(facts)
    if facts is None or not key or not facts.study:
        return None
    patient, _ = Patient.objects.get_or_create(team=team, key=key)
    study, _ = Study.objects.get_or_create(patient=patient, uid=study_key(facts.study))
    return study


def study_key(name: str) -> str:
    """The study's key, whether a table or a DICOM file names it; "" for none."""
    return _hashed("study", name.strip()) if name.strip() else ""


def _hashed(kind: str, value: str) -> str:
    """Without the installation's secret nobody can try out which patient or study it is."""
    secret = f"{settings.SECRET_KEY} DICOM {kind}"
    return hmac.new(secret.encode(), value.encode(), "sha256").hexdigest()[:_LENGTH]
