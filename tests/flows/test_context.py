"""What readers see beside an image is nothing, unless the owner chose it; and it is recorded."""

import json

import pytest
from django.test import Client

from overread.core.problems import Refused
from overread.flows.context import offered_columns, show_beside
from overread.flows.people import Invitation
from overread.store.models import Job, Page, Unit
from tests.conftest import NOON
from tests.web.test_judging_api import first_page

pytestmark = pytest.mark.django_db


def with_ages(job: Job) -> None:
    for unit in Unit.objects.filter(job=job):
        unit.data = unit.data | {"age": f"{unit.number % 5} years", "view": ""}
        unit.save(update_fields=["data"])


def test_nothing_is_shown_by_default(client: Client, running_job: Job, lena: Invitation) -> None:
    with_ages(running_job)
    page = first_page(client, lena)["page"]
    assert all("context" not in unit for unit in page["units"])
    assert json.loads(Page.objects.get().context) == []


def test_chosen_columns_are_shown_and_recorded_with_the_page(
    client: Client, running_job: Job, lena: Invitation
) -> None:
    with_ages(running_job)
    show_beside(running_job, ["age", "view"], turning=True, actor=None, at=NOON)
    page = first_page(client, lena)["page"]
    places = Page.objects.get().places
    for unit in page["units"]:
        number = Unit.objects.get(pk=places[unit["place"]]).number
        assert unit["context"] == [["age", f"{number % 5} years"]]
    # A later change does not touch what this page showed.
    show_beside(running_job, [], turning=True, actor=None, at=NOON)
    assert json.loads(Page.objects.get().context) == ["age", "view"]


def test_image_label_and_patient_are_never_offered(running_job: Job) -> None:
    assert not {"image", "label"} & set(offered_columns(running_job))
    with pytest.raises(Refused, match="can't be shown"):
        show_beside(running_job, ["label"], turning=True, actor=None, at=NOON)
