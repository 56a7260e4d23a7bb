"""An upload's preview, as its page shows it and its form sends it."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from overread.core.golden import accepted_values
from overread.core.intake import normal_label
from overread.flows.intake import Options
from overread.flows.intake.previewing import is_outdated, options_of, own_words
from overread.store.models import Intake, Job
from overread.store.queries.design import design_of

PROBLEMS_PER_PAGE = 20
EXAMPLES = 3
# What the form says of a label cell that means nothing yet: its rows are held.
UNKNOWN = "?"


@dataclass(frozen=True)
class Column:
    """A column of the table, its role, and cells of the first rows."""

    name: str
    role: str
    cells: list[str]


def shown_preview(job: Job, intake: Intake, page: str | None) -> dict[str, Any]:
    """The page's context."""
    preview, options = intake.preview, options_of(intake)
    seen = preview["found"]
    answers = accepted_values(design_of(job).main_question)
    rows = seen["first_rows"]
    return {
        "seen": seen,
        "options": options,
        "refused": preview["refused"],
        "outdated": is_outdated(intake),
        "columns": [
            Column(name, (options.roles or {}).get(name, ""), _examples(name, rows))
            for name in seen["names"]
        ],
        "roles": role_words(),
        "answers": answers,
        "labelled": sum(seen["labelled"].values()),
        "first_rows": [
            {**row, "cells": [(name, row["cells"].get(name, "")) for name in seen["names"]]}
            for row in rows
        ],
        "problems": Paginator(preview["problems"], PROBLEMS_PER_PAGE).get_page(page),
        "problem_count": preview["problem_count"],
        "wrong": seen["held"] + seen["left_out"],
    }


def role_words() -> dict[str, str]:
    """What a column may be, in the viewer's language."""
    return {
        "image": _("image"),
        "lateral": _("lateral image"),
        "prior": _("prior image"),
        "label": _("label"),
        "patient": _("patient"),
        "study": _("study"),
        "age": _("age"),
        "sex": _("sex"),
        "view": _("view"),
    }


def _examples(name: str, rows: list[dict[str, Any]]) -> list[str]:
    cells = (row["cells"].get(name, "") for row in rows)
    return list(dict.fromkeys(filter(None, cells)))[:EXAMPLES]


def chosen(job: Job, intake: Intake, form: QueryDict) -> Options:
    """The options that the page's form asks for."""
    said = form.getlist("option")
    before = options_of(intake)
    roles = dict(zip(form.getlist("column"), form.getlist("role"), strict=False))
    cells = zip(form.getlist("cell"), form.getlist("means"), strict=False)
    options = Options(
        labels_from_folders="labels from folders" in said,
        fetch="fetch" in said,
        all_or_nothing="all or nothing" in said,
        group=form.get("patients") != "alone",
        roles={column: role for column, role in roles.items() if role} if roles else before.roles,
        meanings={normal_label(cell): means for cell, means in cells if means != UNKNOWN},
    )
    return own_words(job, options)
