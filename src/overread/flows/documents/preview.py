"""A job as contributors will see it, in one file: to mail, to print, to hand in for review."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import msgspec
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from overread.core.design import Design, ExampleGroup, Mark, MarkKind, as_values
from overread.core.test_questions import kind_of
from overread.flows.documents.cleaning import Clean, cleaned, cleaner
from overread.flows.documents.forms import Block, form_blocks
from overread.flows.documents.images import Embedded, embed
from overread.flows.documents.questions import answer_label
from overread.formats.markdown import safe_html
from overread.store.models import Job, TestQuestion
from overread.store.queries.design import design_of, free_rows, test_questions_of
from overread.store.queries.examples import examples_of
from overread.store.queries.thumbnails import Thumbnail, thumbnails

MOST_SAMPLES = 8


@dataclass(frozen=True)
class Sample:
    """A row as contributors see it; `accepted` and `reasons` say what is right, and why."""

    image: Embedded
    small: Embedded
    form: Sequence[Block]
    accepted: Sequence[str] = ()
    reasons: Sequence[str] = ()
    places: Sequence[Any] = ()


def preview_html(job: Job) -> str:
    """Instructions, examples and sample test questions. Needs no network and no script.

    It holds no name of a file or patient, no cell of the table and no address.
    """
    clean = cleaner(job)
    design = cleaned(design_of(job), clean)
    shown_samples = list(samples(job, design, clean))
    context = {
        "title": clean(job.title),
        "design": design,
        "parts": _parts(design),
        "examples": list(_examples(job, design, clean)),
        "samples": shown_samples,
        "tested": any(one.accepted for one in shown_samples),
    }
    return render_to_string("documents/preview.html", context)


def _parts(design: Design) -> list[tuple[str, SafeString]]:
    labels = {
        "overview": _("Overview"),
        "steps": _("Steps"),
        "rules": _("Rules & Tips"),
        "examples": _("Examples"),
    }
    texts = msgspec.structs.asdict(design.instructions)
    return [
        (label, mark_safe(safe_html(texts[name])))
        for name, label in labels.items()
        if texts[name].strip()
    ]


def _examples(job: Job, design: Design, clean: Clean) -> Iterator[dict[str, Any]]:
    """The examples with their images, group by group."""
    main = design.main_question
    groups = {
        ExampleGroup.TYPICAL: _("Typical"),
        ExampleGroup.SUBTLE: _("Subtle"),
        ExampleGroup.MISLEADING: _("Looks ill, but is healthy"),
        ExampleGroup.UNREADABLE: _("Can't be judged"),
    }
    shown = examples_of(job, design)
    for group, label in groups.items():
        for one in (one for one in shown if one.example.group == group):
            image, source = embed(one.thumbnail), one.thumbnail.image
            values = as_values(one.example.answers.get(main.name))
            yield {
                "group": label,
                "image": image,
                "source": source,
                "marks": [_mark(mark) for mark in one.example.marks],
                "caption": clean(one.example.caption),
                "answers": [answer_label(main, value) for value in values],
            }


def _mark(mark: Mark) -> dict[str, Any]:
    """A mark as a drawing in pixels of its image."""
    points = mark.points
    if mark.kind == MarkKind.BOX:
        (x1, y1), (x2, y2) = points
        points = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    closed = mark.kind in (MarkKind.BOX, MarkKind.POLYGON)
    return {
        "dot": points[0] if mark.kind == MarkKind.DOT else None,
        "closed": closed,
        "points": " ".join(f"{x:g},{y:g}" for x, y in points),
    }


def samples(job: Job, design: Design, clean: Clean) -> Iterator[Sample]:
    """Test questions of every kind in turn; without any, rows whose answer nobody knows."""
    chosen = _in_turn(job, design)
    if not chosen:
        for picture in thumbnails(free_rows(job).select_related("job")[:MOST_SAMPLES]):
            yield from _sample(picture, design, clean)
        return
    for question, picture in zip(chosen, thumbnails(one.unit for one in chosen), strict=True):
        yield from _sample(picture, design, clean, **_known(question, design, clean))


def _sample(picture: Thumbnail, design: Design, clean: Clean, **known: Any) -> Iterator[Sample]:
    image, small, unit = embed(picture), embed(picture, small=True), picture.unit
    if image is not None and small is not None:
        form = form_blocks(design, unit.data, unit.job.secret_columns, clean)
        yield Sample(image, small, form, **known)


def _known(question: TestQuestion, design: Design, clean: Clean) -> dict[str, Any]:
    """What is accepted and why. Raises AttributeError for one without a version."""
    version = question.current
    assert version is not None
    by_name = {one.name: one for one in design.questions}
    return {
        "accepted": [
            answer_label(by_name[name], value)
            for name, values in version.accepted.items()
            if name in by_name
            for value in values
        ],
        "reasons": [clean(text) for text in version.reasons.values()],
        "places": [
            {name: f"{100 * share:.2f}%" for name, share in place.items()}
            for places in version.places.values()
            for place in places
        ],
    }


def _in_turn(job: Job, design: Design) -> list[TestQuestion]:
    """Some in use that are not hidden: one of each kind, then another of each."""
    found = (
        test_questions_of(job)
        .select_related("unit__job", "current")
        .filter(state=TestQuestion.State.ENABLED, hidden=False, current__isnull=False)
    )
    kinds: dict[str, list[TestQuestion]] = {}
    for one in found:
        if one.current:
            kind = kind_of(one.current.accepted, design.main_question.name)
            kinds.setdefault(kind, []).append(one)
    turns = zip_longest(*(some[:MOST_SAMPLES] for some in kinds.values()))
    return [one for turn in turns for one in turn if one is not None][:MOST_SAMPLES]
