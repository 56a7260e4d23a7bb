"""Examples of the instructions: choose a row, say what it shows, mark the place."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.design import Design, Example, ExampleGroup, Mark, MarkKind
from overread.core.golden import accepted_values
from overread.core.problems import Message, Refused
from overread.flows.examples import put_example, remove_example
from overread.store.models import Image, Job, Unit
from overread.store.queries import design as queries
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import signed_in
from overread.web.shown_examples import group_words
from overread.web.views.head import job_page, refuse

SHOWN = 48
MOST_MARKS = 8
SIDES = ("x", "y", "width", "height")


def examples(request: HttpRequest, job: Job) -> HttpResponse:
    """The rows that can become examples, those with a label first."""
    rows = Paginator(queries.example_rows(job), SHOWN).get_page(request.GET.get("page"))
    main = queries.design_of(job).main_question
    return job_page(
        request,
        job,
        "design",
        template="examples",
        rows=rows,
        found=thumbnails(rows),
        main=main.name,
        labels=accepted_values(main),
    )


def example(request: HttpRequest, job: Job, unit: int) -> HttpResponse:
    """One example: what it shows, in which group, with which words and marks."""
    design = queries.design_of(job)
    known = next((one for one in design.examples if one.unit == unit), None)
    row = queries.row_of(job, unit) if known else queries.example_row(job, unit)
    if row is None:
        raise Http404
    if request.method == "POST":
        return _save(request, job, row)
    return _show(request, job, design, row, known)


def _show(
    request: HttpRequest, job: Job, design: Design, row: Unit, known: Example | None
) -> HttpResponse:
    main = design.main_question
    answer = known.answers.get(main.name, "") if known else row.given.get(main.name, "")
    [picture] = thumbnails([row])
    return job_page(
        request,
        job,
        "design",
        template="example",
        found=picture,
        known=known,
        groups=group_words(),
        group=known.group if known else ExampleGroup.TYPICAL,
        main=main,
        answers=accepted_values(main),
        answer=answer,
        places=_places(known, picture.image),
        question={"name": "example"},
    )


def _places(known: Example | None, image: Image | None) -> list[dict[str, str]]:
    """Boxes in per cent of the image, as the fields have them."""
    boxes = [one for one in known.marks if one.kind == MarkKind.BOX] if known and image else []
    return [_in_percent(box, image) for box in boxes if image]


def _in_percent(box: Mark, image: Image) -> dict[str, str]:
    (left, top), (right, bottom) = box.points
    shares = {
        "x": left / image.width,
        "y": top / image.height,
        "width": (right - left) / image.width,
        "height": (bottom - top) / image.height,
    }
    return {side: f"{100 * share:.4g}" for side, share in shares.items()}


def _save(request: HttpRequest, job: Job, row: Unit) -> HttpResponse:
    by: dict[str, Any] = {"actor": signed_in(request), "at": datetime.now(UTC)}
    try:
        if request.POST.get("action") == "remove":
            remove_example(job, row.pk, **by)
            messages.success(request, _("The example is none any more."))
        else:
            put_example(job, _example(request, job, row), **by)
            messages.success(request, _("Example saved."))
    except Refused as refused:
        refuse(request, refused)
        return redirect("example", job=job.pk, unit=row.pk)
    return redirect("design", job=job.pk)


def _example(request: HttpRequest, job: Job, row: Unit) -> Example:
    form, main = request.POST, queries.design_of(job).main_question
    group, answer = form.get("group", ""), form.get("answer", "")
    if group not in set(ExampleGroup):
        raise Http404
    return Example(
        unit=row.pk,
        group=ExampleGroup(group),
        caption=" ".join(form.get("caption", "").split()),
        answers={main.name: answer} if answer else {},
        marks=_marks(request, row),
    )


def _marks(request: HttpRequest, row: Unit) -> tuple[Mark, ...]:
    shown = row.unit_images.select_related("image").first()
    sides = [request.POST.getlist(f"{side}-example") for side in SIDES]
    typed = [box for box in zip(*sides, strict=False) if any(number.strip() for number in box)]
    if shown is None:
        return ()
    try:
        return tuple(_box(box, shown.image) for box in typed[:MOST_MARKS])
    except ValueError as error:
        raise Refused.because(
            Message("A place is a box inside the image: left, top, width and height in per cent."),
            Message("Correct the four numbers, or draw the box anew."),
        ) from error


def _box(typed: tuple[str, ...], image: Image) -> Mark:
    left, top, width, height = (float(number.replace(",", ".")) / 100 for number in typed)
    if not (0 <= left < left + width <= 1.0001 and 0 <= top < top + height <= 1.0001):
        raise ValueError("outside of the image")
    corners = ((left, top), (left + width, top + height))
    points = tuple((round(x * image.width, 2), round(y * image.height, 2)) for x, y in corners)
    return Mark(MarkKind.BOX, points)
