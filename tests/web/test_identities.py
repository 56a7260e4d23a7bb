"""Clara, the custodian, opens identities in the browser; nobody else finds the page."""

from collections.abc import Callable

import pytest
from django.test import Client

from overread.flows.people import Invitation
from overread.store.models import Custodian, Identity, Job, Patient, User
from tests.conftest import PASSPHRASE
from tests.flows.test_dicom_intake import child
from tests.flows.test_identities import REASON

pytestmark = pytest.mark.django_db
ADDRESS = "/identities"


def test_nobody_else_finds_the_page(
    guarded: Custodian,
    olga: User,
    stranger: User,
    lena: Invitation,
    client: Client,
    signed_in: Callable[[User], Client],
) -> None:
    assert client.get(ADDRESS).headers["Location"].startswith("/sign-in")
    for who in (olga, stranger, lena.participation.user):
        for method in ("GET", "POST"):
            assert signed_in(who).generic(method, ADDRESS).status_code == 404
    assert "Identities" not in signed_in(olga).get("/jobs", follow=True).content.decode()


def test_she_chooses_a_passphrase_and_opens_a_row(
    custodian: Custodian,
    clara: User,
    take: Callable[..., Job],
    signed_in: Callable[[User], Client],
) -> None:
    browser = signed_in(clara)
    assert browser.get("/").headers["Location"] == ADDRESS
    short = browser.post(ADDRESS, {"action": "passphrase", "new": "short"})
    assert (short.status_code, "too short" in short.content.decode()) == (422, True)
    browser.post(ADDRESS, {"action": "passphrase", "new": PASSPHRASE})
    job = take(child(1, AccessionNumber="A-77"))
    assert Identity.objects.count() == 1
    said = {"action": "open", "reason": REASON, "passphrase": PASSPHRASE}
    by_row = browser.post(ADDRESS, {**said, "job": job.pk, "row": "1"}).content.decode()
    by_key = browser.post(ADDRESS, {**said, "key": Patient.objects.get().key}).content.decode()
    for page in (by_row, by_key):
        assert "4711" in page
        assert "A-77" in page
    later = browser.get(ADDRESS).content.decode()
    assert REASON in later
    assert "4711" not in later


def test_a_wrong_passphrase_and_an_unknown_row_open_nothing(
    guarded: Custodian,
    clara: User,
    take: Callable[..., Job],
    signed_in: Callable[[User], Client],
) -> None:
    job = take(child(1))
    browser = signed_in(clara)
    said = {"action": "open", "reason": REASON, "passphrase": "wrong", "job": job.pk, "row": "1"}
    wrong = browser.post(ADDRESS, said, follow=True).content.decode()
    assert "The passphrase is wrong" in wrong
    none = browser.post(ADDRESS, {**said, "row": "x", "job": "y"}, follow=True).content.decode()
    assert "Nothing is recorded" in none
    assert "4711" not in wrong + none


def test_she_looks_up_the_key_of_a_patient(
    guarded: Custodian,
    clara: User,
    take: Callable[..., Job],
    signed_in: Callable[[User], Client],
) -> None:
    take(child(1))
    said = {"action": "look up", "patient_id": "4711", "issuer": "", "reason": REASON}
    found = signed_in(clara).post(ADDRESS, said).content.decode()
    assert Patient.objects.get().key in found
