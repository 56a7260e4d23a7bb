"""Olga erases a patient: she gives the key, sees what goes, and confirms."""

from collections.abc import Callable

import pytest
from django.test import Client

from overread.store.models import Erasure, Intake, Job, Patient, Unit, User
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
ADDRESS = "/patients/erase"
KEY = "ZQX-4711"


@pytest.fixture
def known(job: Job) -> Unit:
    unit = job.units.order_by("number")[0]
    unit.patient = Patient.objects.create(team=job.team, key=KEY)
    unit.save(update_fields=["patient"])
    return unit


def test_she_sees_what_goes_before_it_goes(
    known: Unit, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    assert "The patient" in browser.get(ADDRESS).content.decode()
    shown = browser.post(ADDRESS, {"key": KEY})
    assert "in 1 job" in shown.content.decode()
    assert not Erasure.objects.exists()
    done = browser.post(ADDRESS, {"key": KEY, "confirmed": "yes"}, follow=True)
    assert done.redirect_chain == [(ADDRESS, 302)]
    page = done.content.decode()
    assert "Olga" in page
    assert KEY not in page
    assert not Patient.objects.filter(key=KEY).exists()


def test_images_that_rows_of_others_show_are_not_counted_among_what_goes(
    known: Unit, olga: User, signed_in: Callable[[User], Client]
) -> None:
    image = known.unit_images.get().image
    other = known.job.units.exclude(pk=known.pk).order_by("number")[0]
    other.unit_images.update(image=image)
    page = signed_in(olga).post(ADDRESS, {"key": KEY}).content.decode()
    assert "<dd>0; 1 stays, since rows of others show it</dd>" in page


def test_she_is_told_of_an_upload_that_may_hold_the_patient(
    known: Unit, olga: User, signed_in: Callable[[User], Client]
) -> None:
    known.job.intakes.create(created_at=NOON, state=Intake.State.STOPPED)
    page = signed_in(olga).post(ADDRESS, {"key": KEY}).content.decode()
    assert "An upload is not in the job yet." in page


def test_a_key_that_nobody_has_is_said_to_be_unknown(
    job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    unknown = browser.post(ADDRESS, {"key": "nobody"})
    assert (unknown.status_code, "No patient has this key" in unknown.content.decode()) == (
        404,
        True,
    )
    sent = browser.post(ADDRESS, {"key": "nobody", "confirmed": "yes"}, follow=True)
    assert "No patient has this key" in sent.content.decode()


def test_the_patients_of_another_team_are_unknown(
    known: Unit, stranger: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(stranger)
    assert browser.post(ADDRESS, {"key": KEY}).status_code == 404
    browser.post(ADDRESS, {"key": KEY, "confirmed": "yes"})
    assert Patient.objects.filter(key=KEY).exists()
    assert not Erasure.objects.exists()
