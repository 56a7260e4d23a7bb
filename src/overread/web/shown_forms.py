"""The form around the questions: what a contributor's page gets of an owner's HTML and Liquid."""

from collections.abc import Mapping
from typing import Any

import msgspec

from overread.core.design import Design, Marks
from overread.core.problems import Refused
from overread.formats.cml.form import Form, build_form, differs_by_unit, has_markup
from overread.formats.cml.shapes import marks_to_review
from overread.store.models import Job
from overread.web.shown_questions import logic_document, shown_questions


def shown_form(design: Design, job: Job, address: str) -> dict[str, Any] | None:
    """The form as it is for every unit; None where the questions just follow one another.

    `address` tells where each unit's own form is, if it has one.
    """
    own = has_own_forms(design, job)
    if not own and not has_markup(design):
        return None
    form = _built(design, {}, job)
    return {
        "html": form.html,
        "groups": [logic_document(logic) for logic in form.groups],
        "address": address if own else "",
    }


def asked_questions(design: Design, job: Job, contributor: int = 0) -> list[dict[str, Any]]:
    """The questions with the labels that they have for every unit: none shows its Liquid."""
    texts = _built(design, {}, job).texts
    return [
        {**one, "label": texts.get(one["name"], one["label"])}
        for one in shown_questions(design, contributor)
    ]


def has_own_forms(design: Design, job: Job) -> bool:
    return differs_by_unit(design, job.image_column) or any(
        isinstance(one, Marks) and one.review for one in design.questions
    )


def own_form(design: Design, job: Job, cells: Mapping[str, str]) -> dict[str, Any]:
    """What a unit has of its own: the form, labels, and marks that somebody else drew."""
    form = _built(design, cells, job)
    marks = {
        one.name: msgspec.to_builtins(found)
        for one in design.questions
        if isinstance(one, Marks)
        and one.review
        and one.review not in job.secret_columns
        and (found := marks_to_review(one, cells.get(one.review, "")))
    }
    return {"html": form.html, "texts": dict(form.texts), "marks": marks}


def _built(design: Design, cells: Mapping[str, str], job: Job) -> Form:
    """A form that goes wrong with these cells shows its questions alone: work goes on."""
    try:
        return build_form(design, cells, secret=job.secret_columns)
    except Refused:
        places = "".join(f'<div data-question="{one.name}"></div>' for one in design.questions)
        return Form(places, [])
