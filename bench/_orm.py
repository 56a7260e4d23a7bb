"""The baseline: next page and submission as plain Django code on the same tables.

What somebody would write first: a view each, models, one transaction, row locks. It leaves out
what costs more than it must here (expiry, removal, the end of the job), so it flatters itself.
"""

# ruff: noqa: E402 (models need Django set up)

import json
import os
from functools import cache
from random import Random
from time import time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

settings.ROOT_URLCONF = __name__
application = get_asgi_application()

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from overread.core.design import Design
from overread.core.removal import Tally
from overread.store.judging import test_questions
from overread.store.models import Job, Judgment, Page, Participation, Slot, TestQuestion, UnitImage
from overread.store.queries.design import design_of
from overread.store.write import write
from overread.web import images
from overread.web.access import Right, guard

rng = Random()


def page(request: HttpRequest, participation: Participation) -> HttpResponse:
    with write():
        who = Participation.objects.select_for_update().get(pk=participation.pk)
        found = who.pages.filter(state="open").first() or _new_page(who)
    document = {"id": str(found.pk), "units": _shown(found)} if found else None
    outcome = "page" if found else "nothing left"
    return JsonResponse(
        {"outcome": outcome, "state": who.state, "page": document, "progress": _progress(who)}
    )


def _new_page(who: Participation) -> Page | None:
    slots = list(
        Slot.objects.select_for_update(skip_locked=True)
        .filter(job=who.job_id, open=True)
        .exclude(unit__judgments__participation=who)
        .order_by("position")[: who.job.units_per_page - 1]
    )
    if not slots:
        return None
    Slot.objects.filter(pk__in=[slot.pk for slot in slots]).update(
        outstanding=F("outstanding") + 1,
        open=Q(wanted__gt=F("outstanding") + F("counted") + 1),
    )
    units = [rng.choice(_tests(who.job_id)).unit_id, *(slot.unit_id for slot in slots)]
    rng.shuffle(units)
    return Page.objects.create(
        participation=who,
        design=_design(who.job_id)[0],
        mode="work",
        units=json.dumps(units),
        created_at=_now(),
        expires_at=_now() + who.job.page_seconds * 1000,
    )


def _shown(page: Page) -> list[dict[str, Any]]:
    places = {unit: place for place, unit in page.places.items()}
    viewer = images.contributor(page.participation_id)
    return [
        {
            "place": place,
            "images": [
                {
                    "address": images.address(rendition.handle, viewer, page.expires_at),
                    "width": rendition.width,
                    "height": rendition.height,
                }
            ],
        }
        for place, rendition in sorted(
            (places[shown.unit_id], rendition)
            for shown in UnitImage.objects.filter(unit__in=places)
            .select_related("image")
            .prefetch_related("image__renditions")
            for rendition in shown.image.renditions.all()
        )
    ]


def submission(request: HttpRequest, participation: Participation) -> HttpResponse:
    sent = json.loads(request.body)
    with write():
        found = Page.objects.select_for_update().get(pk=sent["page"], participation=participation)
        if found.result:
            return HttpResponse(found.result, content_type="application/json")
        who = Participation.objects.select_for_update().get(pk=participation.pk)
        _keep(who, found, sent["judgments"])
    return HttpResponse(found.result, content_type="application/json")


def _keep(who: Participation, page: Page, given: list[dict[str, Any]]) -> None:
    design, places = _design(who.job_id)[1], page.places
    assert not any(design.wrong_answers(one["answers"]) for one in given)
    tests = TestQuestion.objects.select_related("current").filter(unit__in=places.values())
    by_unit = {test.unit_id: test for test in tests}
    tally = Tally.from_document(json.loads(who.tally))
    rows = []
    for one in given:
        unit = places[one["place"]]
        test = by_unit.get(unit)
        attempt = Judgment.objects.filter(unit=unit, participation=who).count() if test else 0
        rows.append(
            Judgment(
                page=page,
                participation=who,
                unit_id=unit,
                test=test,
                attempt=attempt,
                answers=one["answers"],
                milliseconds=one["milliseconds"],
                created_at=_now(),
            )
        )
        if test is not None and test.current is not None:
            accepted = test.current.accepted
            missed = not design.is_right(accepted, one["answers"])
            tally = tally.add(next(iter(accepted["finding"])), missed=missed)
    Judgment.objects.bulk_create(rows)
    Slot.objects.filter(unit__in=places.values()).update(
        outstanding=F("outstanding") - 1, counted=F("counted") + 1
    )
    who.tally = json.dumps(tally.to_document())
    who.judgments_made += len(rows)
    who.pages_made += 1
    who.save()
    document = {"page": str(page.pk), "state": who.state, "progress": _progress(who)}
    page.result = json.dumps(document)
    page.state, page.submitted_at, page.counted = "submitted", _now(), True
    page.save()


def _progress(who: Participation) -> dict[str, Any]:
    return {"judgments": who.judgments_made, "pages": who.pages_made}


@cache
def _tests(job: int) -> list[TestQuestion]:
    return list(test_questions(Job.objects.get(pk=job)))


@cache
def _design(job: int) -> tuple[Any, Design]:
    found = Job.objects.get(pk=job)
    return found.designs.order_by("-number")[0], design_of(found)


def _now() -> int:
    return int(time() * 1000)


def ping(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


urlpatterns = [
    path("api/ping", ping),
    path("api/jobs/<int:job>/page", guard(Right.JUDGING, page)),
    path("api/jobs/<int:job>/submission", guard(Right.JUDGING, submission)),
]
