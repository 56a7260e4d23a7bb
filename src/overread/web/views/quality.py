"""The Quality tab: the test questions, whether they make a good set, where more come from."""

from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.core.checks import Mark
from overread.core.design import Choosing
from overread.core.instants import milliseconds
from overread.core.judging import Rules
from overread.core.problems import Refused
from overread.core.removal import always_one_answer_passes
from overread.core.test_questions import TestQuestion as Rated
from overread.core.test_questions import balance, quiz_kinds
from overread.flows import test_questions as flows
from overread.store.judging import rules_of
from overread.store.models import Job, TestQuestion
from overread.store.queries import design as queries
from overread.store.queries.checks import checked_test_questions as tested
from overread.store.queries.contests import waiting
from overread.store.queries.quality import enabled_tests, fared_among, to_review
from overread.store.queries.standing import offered_rows, standing
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import signed_in
from overread.web.views.head import job_page, refuse

SHOWN = 48


def quality(request: HttpRequest, job: Job) -> HttpResponse:
    if request.method == "POST":
        return _make(request, job)
    found, question = standing(job), queries.design_of(job).main_question
    tests, rules = enabled_tests(job), rules_of(job)
    chosen = request.GET.get("show", "")
    shown = Paginator(_chosen(job, chosen), SHOWN).get_page(request.GET.get("page"))
    return job_page(
        request,
        job,
        "quality",
        standing=found,
        waiting=waiting(job, at=milliseconds(datetime.now(UTC))),
        question=question,
        labels={choice.value: choice.label for choice in question.choices},
        rows=shown,
        chosen=chosen,
        filters=_filters(job),
        test_questions=pictured(question, list(shown)),
        offered=thumbnails(offered_rows(job)[:SHOWN]),
        by_hand=queries.free_rows(job).first() if found.is_draft else None,
        held_by_itself=queries.held_by_itself(job),
        to_review=to_review(job),
        shares=_shares(balance(tests, question.name), question),
        one_answer=_one_answer_passes(tests, rules, question),
        findings=[one for one in tested(found) if one.mark != Mark.DONE],
    )


def _chosen(job: Job, chosen: str) -> QuerySet[TestQuestion]:
    found = queries.test_questions_of(job)
    if chosen == "hidden":
        return found.filter(hidden=True)
    return found.filter(state=chosen) if chosen in TestQuestion.State.values else found


def _filters(job: Job) -> list[dict[str, Any]]:
    """What can be shown: all, and those in a state, where there are some."""
    every = queries.test_questions_of(job)
    words = {
        "": _("all"),
        TestQuestion.State.ENABLED: _("in use"),
        TestQuestion.State.ON_HOLD: _("on hold"),
        TestQuestion.State.DISABLED: _("not in use"),
        "hidden": _("hidden"),
    }
    counts = {name: (_chosen(job, name) if name else every).count() for name in words}
    return [
        {"name": str(name), "words": words[name], "count": count}
        for name, count in counts.items()
        if count
    ]


def pictured(question: Choosing, shown: list[TestQuestion]) -> list[dict[str, Any]]:
    fared = fared_among(shown)
    pictures = thumbnails(one.unit for one in shown)
    return [
        {
            "test_question": one,
            "thumbnail": picture,
            "fared": fared.get(one.unit_id),
            "accepted": one.current.accepted.get(question.name, ()) if one.current else (),
            "reason": one.current.reasons.get(question.name, "") if one.current else "",
        }
        for one, picture in zip(shown, pictures, strict=True)
    ]


def _shares(counted: dict[str, int], question: Choosing) -> list[dict[str, Any]]:
    """The answers' shares in per cent, each with where its bar begins."""
    labels = {choice.value: choice.label for choice in question.choices}
    counts = [(label, counted[value]) for value, label in labels.items() if counted.get(value)]
    total = sum(count for _, count in counts)
    begins = [0, *accumulate(count for _, count in counts)]
    return [
        {
            "label": label,
            "count": count,
            "begin": f"{100 * begin / total:.2f}%",
            "width": f"{100 * count / total:.2f}%",
        }
        for (label, count), begin in zip(counts, begins, strict=False)
    ]


def _one_answer_passes(tests: list[Rated], rules: Rules, question: Choosing) -> float | None:
    """The chance to pass the quiz by always giving the same answer."""
    counts = quiz_kinds(tests, question.name)
    if not counts or not rules.tests_are_on(len(tests)):
        return None
    return always_one_answer_passes(
        counts, rules.minimum_accuracy, rules.removal_rule, rules.quiz_length
    )


def _make(request: HttpRequest, job: Job) -> HttpResponse:
    """Turn the ticked rows, or all that are offered, into test questions; `and on`: what then."""
    units = offered_rows(job)
    if "all" not in request.POST:
        ticked = [int(pk) for pk in request.POST.getlist("unit") if pk.isdecimal()]
        units = units.filter(pk__in=ticked)
    try:
        made = flows.make_test_questions(
            job, list(units), actor=signed_in(request), at=datetime.now(UTC)
        )
    except Refused as refused:
        refuse(request, refused)
    else:
        words = ngettext("{n} test question made.", "{n} test questions made.", len(made))
        messages.success(request, words.format(n=len(made)))
    goes_on = request.POST.get("all") == "and on"
    return redirect("job" if goes_on else "quality", job=job.pk)
