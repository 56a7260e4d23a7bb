"""Which child a pseudonym stands for: opened by the custodian alone, each opening logged."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db.models import QuerySet

from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.flows.intake.dicom import patient_of
from overread.flows.intake.identities import Known
from overread.formats import sealing
from overread.imaging.facts import Facts
from overread.store.models import AuditEntry, Custodian, Identity, Patient, Team, User
from overread.store.write import write

OPENED, REFUSED, LOOKED_UP = "open identity", "identity refused", "look up patient"
LEAST_REASON = 10
# Wrong passphrases in so long, after which none is tried any more.
MOST_WRONG, MINUTES = 5, 15


def name_custodian(team: Team, user: User, *, at: datetime) -> Custodian:
    """There is one in a team. A new one takes over the table, and needs its passphrase."""
    if not sealing.is_installed():
        raise Refused.because(
            Message("Sealing is not installed here."),
            Message("Install overread with its part for DICOM: pip install 'overread[dicom]'."),
        )
    with write():
        custodian, _ = Custodian.objects.update_or_create(
            team=team, defaults={"user": user, "named_at": at}
        )
        audit.record("name custodian", team, actor=None, at=at, user=user.pk)
    return custodian


def choose_passphrase(custodian: Custodian, new: str, *, at: datetime, old: str = "") -> None:
    """The first one makes the keys; another one opens the same table. Raises Refused."""
    if custodian.has_passphrase:
        _refuse_guessing(custodian, at)
        try:
            locked = sealing.change_passphrase(bytes(custodian.locked_key), old, new)
        except sealing.WrongPassphraseError:
            raise _wrong(custodian, at) from None
        keys = sealing.Keys(bytes(custodian.public_key), locked)
    else:
        keys = sealing.make_keys(new)
    with write():
        custodian.public_key, custodian.locked_key = keys.public, keys.locked
        custodian.save(update_fields=["public_key", "locked_key"])
        audit.record("choose passphrase", custodian, actor=custodian.user, at=at)


def open_identities(
    custodian: Custodian, patients: Sequence[Patient], passphrase: str, reason: str, *, at: datetime
) -> list[Known]:
    """Who these patients are. The opening is written down before anything is opened.

    Raises Refused without a reason, with a wrong passphrase, or where nothing is known.
    """
    reason = _reason(reason)
    _refuse_guessing(custodian, at)
    found = Identity.objects.filter(patient__in=patients, patient__team=custodian.team_id)
    sealed = [bytes(one) for one in found.order_by("pk").values_list("sealed", flat=True)]
    if not sealed:
        raise Refused.because(
            Message("Nothing is recorded of this patient."),
            Message("Only DICOM files that came in after a custodian was named are recorded."),
        )
    try:
        sealing.unseal([], bytes(custodian.locked_key), passphrase)
    except sealing.WrongPassphraseError:
        raise _wrong(custodian, at) from None
    _log(OPENED, custodian, at, reason=reason, patients=[one.pk for one in patients])
    opened = sealing.unseal(sealed, bytes(custodian.locked_key), passphrase)
    return [msgspec.json.decode(one, type=Known) for one in opened]


def look_up(
    custodian: Custodian, patient_id: str, issuer: str, reason: str, *, at: datetime
) -> str:
    """The key of the patient with this ID, as in an erasure that a family asks for.

    Raises Refused where there is none.
    """
    reason = _reason(reason)
    key = patient_of(Facts({}, patient=f"{issuer.strip()}\n{patient_id.strip()}"))
    patient = Patient.objects.filter(team=custodian.team_id, key=key).first()
    _log(LOOKED_UP, custodian, at, reason=reason, patients=[patient.pk] if patient else [])
    if patient is None:
        raise Refused.because(
            Message("No DICOM file of this patient came in."),
            Message("Give ID and issuer exactly as the files have them; the issuer may be empty."),
        )
    return patient.key


def entries_of(custodian: Custodian) -> QuerySet[AuditEntry]:
    """What the log says of the custodian's table, newest first."""
    return AuditEntry.objects.filter(subject=f"custodian {custodian.pk}").order_by("-pk")


def _reason(text: str) -> str:
    clean = " ".join(text.split())[:500]
    if len(clean) < LEAST_REASON:
        raise Refused.because(
            Message("An identity is opened for a reason."),
            Message("Say in a few words why; name nobody."),
        )
    return clean


def _refuse_guessing(custodian: Custodian, at: datetime) -> None:
    since = at - timedelta(minutes=MINUTES)
    wrong = entries_of(custodian).filter(action=REFUSED, at__gt=since).count()
    if wrong >= MOST_WRONG:
        raise Refused.because(
            Message("The passphrase was wrong {n} times.", n=wrong),
            Message("Wait {minutes} minutes.", minutes=MINUTES),
        )


def _wrong(custodian: Custodian, at: datetime) -> Refused:
    _log(REFUSED, custodian, at)
    return Refused.because(
        Message("The passphrase is wrong."), Message("Try again; without it nobody can open these.")
    )


def _log(action: str, custodian: Custodian, at: datetime, **details: object) -> None:
    with write():
        audit.record(action, custodian, actor=custodian.user, at=at, **details)
