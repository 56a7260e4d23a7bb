"""Which child a pseudonym stands for: sealed for the custodian, opened for a reason, logged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from overread.cli.commands import app
from overread.core.problems import Refused
from overread.flows.privacy.erasing import begin_erasing, finish_erasing
from overread.flows.privacy.identities import (
    MOST_WRONG,
    choose_passphrase,
    look_up,
    name_custodian,
    open_identities,
)
from overread.formats import sealing
from overread.store.models import AuditEntry, Custodian, Identity, Job, Patient, Team, User
from tests.conftest import NOON, PASSPHRASE
from tests.flows.test_dicom_intake import child

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
REASON = "an urgent finding in row 1"


def test_without_a_custodian_nothing_is_recorded(
    take: Callable[..., Job], custodian: Custodian
) -> None:
    """Nor where one is named who has chosen no passphrase yet."""
    take(child(1))
    assert not Identity.objects.exists()


def test_the_custodian_reaches_the_child(guarded: Custodian, take: Callable[..., Job]) -> None:
    first = child(1, AccessionNumber="A-77", IssuerOfPatientID="clinic")
    take(first, child(2, AccessionNumber="A-77", IssuerOfPatientID="clinic"), child(3))
    assert Identity.objects.count() == 2
    key = look_up(guarded, "4711", "clinic", REASON, at=NOON)
    patient = Patient.objects.get(key=key)
    [known] = open_identities(guarded, [patient], PASSPHRASE, REASON, at=NOON)
    assert (known.patient_id, known.issuer) == ("4711", "clinic")
    assert (known.accession, known.study_uid) == ("A-77", "1.2.3.4")
    assert "4711" not in repr(known)


def test_each_opening_is_logged_with_its_reason(
    guarded: Custodian, take: Callable[..., Job], clara: User
) -> None:
    take(child(1))
    patients = list(Patient.objects.all())
    with pytest.raises(Refused, match="for a reason"):
        open_identities(guarded, patients, PASSPHRASE, "why", at=NOON)
    with pytest.raises(Refused, match="passphrase is wrong"):
        open_identities(guarded, patients, "another one", REASON, at=NOON)
    open_identities(guarded, patients, PASSPHRASE, REASON, at=NOON)
    subject = f"custodian {guarded.pk}"
    log = AuditEntry.objects.filter(subject=subject).order_by("pk")
    assert [one.action for one in log] == [
        "choose passphrase",
        "identity refused",
        "open identity",
    ]
    assert {one.actor for one in log} == {clara}
    assert log[2].details == {"reason": REASON, "patients": [patients[0].pk]}


def test_a_passphrase_is_not_guessed(guarded: Custodian, take: Callable[..., Job]) -> None:
    take(child(1))
    patients = list(Patient.objects.all())
    for number in range(MOST_WRONG):
        with pytest.raises(Refused, match="passphrase is wrong"):
            open_identities(guarded, patients, f"guess {number}", REASON, at=NOON)
    with pytest.raises(Refused, match="Wait"):
        open_identities(guarded, patients, PASSPHRASE, REASON, at=NOON)
    later = NOON + timedelta(minutes=16)
    assert open_identities(guarded, patients, PASSPHRASE, REASON, at=later)


def test_another_passphrase_opens_the_same_table(
    guarded: Custodian, take: Callable[..., Job]
) -> None:
    take(child(1))
    with pytest.raises(Refused, match="passphrase is wrong"):
        choose_passphrase(guarded, "quite another one", old="wrong", at=NOON)
    choose_passphrase(guarded, "quite another one", old=PASSPHRASE, at=NOON)
    patients = list(Patient.objects.all())
    assert open_identities(guarded, patients, "quite another one", REASON, at=NOON)
    with pytest.raises(Refused, match="passphrase is wrong"):
        open_identities(guarded, patients, PASSPHRASE, REASON, at=NOON)


def test_a_successor_takes_the_table_over(
    guarded: Custodian, take: Callable[..., Job], team: Team, olga: User
) -> None:
    take(child(1))
    successor = name_custodian(team, olga, at=NOON)
    assert open_identities(successor, list(Patient.objects.all()), PASSPHRASE, REASON, at=NOON)


def test_the_key_of_a_known_patient_is_looked_up(
    guarded: Custodian, take: Callable[..., Job]
) -> None:
    take(child(1))
    key = look_up(guarded, " 4711 ", "", REASON, at=NOON)
    assert key == Patient.objects.get().key
    with pytest.raises(Refused, match="No DICOM file of this patient"):
        look_up(guarded, "4712", "", REASON, at=NOON)
    assert AuditEntry.objects.filter(action="look up patient").count() == 2


def test_an_erased_patient_is_no_longer_known(
    guarded: Custodian, take: Callable[..., Job], team: Team
) -> None:
    take(child(1))
    patient = Patient.objects.get()
    finish_erasing(begin_erasing(team, patient.key, actor=None, at=NOON), at=NOON)
    assert not Identity.objects.exists()


def test_what_lies_in_the_store_opens_nothing(guarded: Custodian, take: Callable[..., Job]) -> None:
    take(child(1, AccessionNumber="A-77"))
    sealed = bytes(Identity.objects.get().sealed)
    keys = bytes(guarded.public_key), bytes(guarded.locked_key)
    assert not [one for one in (sealed, *keys) if b"4711" in one or b"A-77" in one]
    again = sealing.seal(b"same", keys[0]), sealing.seal(b"same", keys[0])
    assert again[0] != again[1]
    with pytest.raises(sealing.WrongPassphraseError):
        sealing.unseal([sealed], keys[1], "")


def test_the_command_asks_for_the_passphrase(guarded: Custodian, take: Callable[..., Job]) -> None:
    take(child(1))
    key = Patient.objects.get().key
    command = ["patient", "identity", key, "--reason", REASON]
    opened = CliRunner().invoke(app, command, input=f"{PASSPHRASE}\n")
    assert opened.exit_code == 0
    assert '"patient_id": "4711"' in opened.stdout
    refused = CliRunner().invoke(app, command, input="wrong one\n")
    assert (refused.exit_code, "4711" in refused.output) == (2, False)


def test_a_custodian_is_named_on_the_command_line(team: Team) -> None:
    named = CliRunner().invoke(app, ["user", "custodian", "dana@example.org", "--name", "Dana"])
    assert (named.exit_code, "/sign-in/" in named.stdout) == (0, True)
    assert team.custodian.user.name == "Dana"
