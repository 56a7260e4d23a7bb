"""Text on an image: see it, draw boxes over it, or say that it names nobody."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.problems import Message, Refused
from overread.flows.privacy.blacking_out import black_out, names_nobody
from overread.imaging.text import Box
from overread.store.models import Image, Job, Unit
from overread.store.queries.design import row_of
from overread.store.queries.thumbnails import VIEW
from overread.web.access import signed_in
from overread.web.views.head import job_page, refuse

SIDES = ("x", "y", "width", "height")
MOST_BOXES = 50


def text_on_image(request: HttpRequest, job: Job, unit: int) -> HttpResponse:
    """Every image of the row; a form names which one it is about."""
    row = row_of(job, unit)
    images = list(row.images.order_by("unit_images__position")) if row else []
    if row is None or not images:
        raise Http404
    if request.method == "POST":
        return _act(request, job, row, images)
    shown = [(image, image.renditions.filter(kind=VIEW).first()) for image in images]
    return job_page(
        request,
        job,
        "data",
        template="text_on_image",
        unit=row,
        shown=shown,
        question={"name": "text"},
    )


def _act(request: HttpRequest, job: Job, row: Unit, images: list[Image]) -> HttpResponse:
    chosen = next((one for one in images if str(one.pk) == request.POST.get("image")), None)
    if chosen is None:
        raise Http404
    user, now = signed_in(request), datetime.now(UTC)
    try:
        if request.POST.get("action") == "names nobody":
            names_nobody(chosen, actor=user, at=now)
            messages.success(request, _("Noted: nothing on the image names anybody."))
        elif black_out(chosen, _boxes(request), actor=user, at=now):
            messages.success(request, _("Blacked out. What was there is gone from the store."))
        else:
            messages.warning(
                request,
                _("Blacked out, but text still seems to stand there: look once more."),
            )
            return redirect("text-on-image", job=job.pk, unit=row.pk)
    except Refused as refused:
        refuse(request, refused)
        return redirect("text-on-image", job=job.pk, unit=row.pk)
    return redirect("reports" if row.reports.exists() else "data", job=job.pk)


def _boxes(request: HttpRequest) -> list[Box]:
    sides = [request.POST.getlist(f"{side}-text") for side in SIDES]
    typed = [box for box in zip(*sides, strict=False) if any(number.strip() for number in box)]
    try:
        return [_box(box) for box in typed[:MOST_BOXES]]
    except ValueError as error:
        raise Refused.because(
            Message("A place is a box inside the image: left, top, width and height in per cent."),
            Message("Correct the four numbers, or draw the box anew."),
        ) from error


def _box(typed: tuple[str, ...]) -> Box:
    x, y, width, height = (float(number.replace(",", ".")) / 100 for number in typed)
    if not (0 <= x < x + width <= 1.0001 and 0 <= y < y + height <= 1.0001):
        raise ValueError("outside of the image")
    return Box(x, y, width, height)
