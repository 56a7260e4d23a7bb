"""What contributors do, in the tests' own words."""

import json
from random import Random
from typing import Any

from overread.flows.judging.answers import Given
from overread.flows.judging.pages import Offer, next_page
from overread.flows.judging.submission import submit
from overread.flows.people import Invitation
from overread.store.hot.rows import PageRow
from overread.store.models import Job, Unit
from overread.store.queries.monitor import status_of

AT = 1_000_000


def ask(who: Invitation, at: int = AT, seed: int = 0, *, retake: bool = False) -> Offer:
    return next_page(who.participation.pk, at=at, rng=Random(seed), retake=retake)


def page_of(who: Invitation, at: int = AT) -> PageRow:
    page = ask(who, at).page
    assert page is not None
    return page


def units_of(page: PageRow) -> dict[int, Unit]:
    """What the places of a page stand for."""
    units = Unit.objects.select_related("test_question__current").in_bulk(page.unit_ids)
    return {place: units[unit] for place, unit in page.by_place.items()}


def hidden_tests(page: PageRow) -> dict[int, Unit]:
    """The places that are test questions."""
    return {place: unit for place, unit in units_of(page).items() if hasattr(unit, "test_question")}


def right_answers(page: PageRow, *, miss: int = 0) -> list[Given]:
    """Right on every test question but the first `miss`; healthy on work."""
    given = []
    for place, unit in units_of(page).items():
        answer = unit.given.get("finding", "healthy")
        if unit.given and miss:
            answer, miss = {"healthy": "pneumonia", "pneumonia": "healthy"}[answer], miss - 1
        more = {"signs": ["one_place"]} if answer == "pneumonia" else {}
        given.append(Given(place, {"finding": answer, **more}, milliseconds=900))
    return given


def give(who: Invitation, page: PageRow, given: list[Given], *, at: int = AT) -> dict[str, Any]:
    result = submit(who.participation.pk, page.id, given, at=at, rng=Random(at))
    document: dict[str, Any] = json.loads(result)
    return document


def send(who: Invitation, page: PageRow, *, miss: int = 0, at: int = AT) -> dict[str, Any]:
    return give(who, page, right_answers(page, miss=miss), at=at)


def pass_quiz(who: Invitation) -> None:
    assert send(who, page_of(who))["quiz"]["passed"]


def counts(job: Job) -> tuple[int, int]:
    found = status_of(job)
    return found["outstanding"], found["counted"]
