"""Which child a DICOM file is of, sealed for the custodian; nothing where there is none."""

import msgspec

from overread.flows.intake.dicom import patient_of, study_key
from overread.formats.sealing import seal
from overread.imaging.facts import Facts
from overread.store.models import Identity, Patient, Team
from overread.store.queries.privacy import sealing_custodian
from overread.store.write import write


class Known(msgspec.Struct, frozen=True):
    """What leads to the child in the hospital's own systems."""

    patient_id: str
    issuer: str
    accession: str
    study_uid: str

    def __repr__(self) -> str:
        return "Known()"


def remember(team: Team, facts: Facts | None) -> None:
    """Once for each study."""
    if facts is None or not facts.patient:
        return
    custodian = sealing_custodian(team)
    if custodian is None:
        return
    key, study = patient_of(facts), study_key(facts.study)
    if Identity.objects.filter(patient__team=team, patient__key=key, study=study).exists():
        return
    issuer, _, patient_id = facts.patient.partition("\n")
    known = Known(patient_id, issuer, facts.accession, facts.study)
    sealed = seal(msgspec.json.encode(known), bytes(custodian.public_key))
    with write():
        patient, _ = Patient.objects.get_or_create(team=team, key=key)
        Identity.objects.get_or_create(patient=patient, study=study, defaults={"sealed": sealed})
