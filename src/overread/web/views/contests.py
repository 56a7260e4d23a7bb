"""Objections to test questions and questions about images: the owner's queues."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from overread.core.design import Choosing, Design, as_values
from overread.core.instants import instant, milliseconds
from overread.core.problems import Refused
from overread.flows import contests as flows
from overread.flows import discussion as discussion_flows
from overread.store.models import Contest, Job
from overread.store.queries import contests as queries
from overread.store.queries import discussion as discussion_queries
from overread.store.queries.design import design_of
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import signed_in
from overread.web.ids import id_of
from overread.web.views.head import job_page, refuse

QUESTIONS_SHOWN, OBJECTIONS_SHOWN, THREADS_SHOWN = 10, 50, 20


def labels_of(design: Design) -> dict[str, dict[str, str]]:
    """What answers are called, by question and value."""
    return {
        question.name: {choice.value: choice.label for choice in question.choices}
        for question in design.questions
        if isinstance(question, Choosing)
    }


def answer_words(answers: dict[str, Any], labels: dict[str, dict[str, str]]) -> str:
    """A judgment's answers in one line."""
    return ", ".join(
        labels.get(name, {}).get(value, value)
        for name, answer in answers.items()
        for value in as_values(answer)
    ) or _("can't be judged")


def objections(request: HttpRequest, job: Job) -> HttpResponse:
    """The owner's queue of objections, by test question, the most urgent first."""
    if request.method == "POST":
        return _answer_objections(request, job)
    now, answered = datetime.now(UTC), request.GET.get("show") == "answered"
    found = Paginator(queries.contested_questions(job, answered=answered), QUESTIONS_SHOWN)
    shown = found.get_page(request.GET.get("page"))
    objected = queries.objected(job, list(shown), answered=answered)
    design = design_of(job)
    return job_page(
        request,
        job,
        "quality",
        template="contests",
        rows=shown,
        chosen="answered" if answered else "",
        answered=answered,
        waiting=queries.waiting(job, at=milliseconds(now)),
        found=[
            _card(one, picture, design, now)
            for one, picture in zip(
                objected, thumbnails(one.question.unit for one in objected), strict=True
            )
        ],
    )


def _card(one: queries.Objected, picture: object, design: Design, now: datetime) -> dict[str, Any]:
    labels = labels_of(design)
    lines = [_line(contest, labels, now) for contest in one.contests[:OBJECTIONS_SHOWN]]
    return {
        "objected": one,
        "thumbnail": picture,
        "objections": lines,
        "all": len(one.contests),
        "hidden": len(one.contests) - len(lines),
        "changed": all(is_changed(one, contest) for contest in one.contests),
        "tested": [_tested(one, name, design) for name in one.given],
    }


def is_changed(one: queries.Objected, contest: Contest) -> bool:
    """Whether the owner has given way on the question since it was missed."""
    contest.judgment.test = one.question
    return queries.decision_for(contest.judgment) == Contest.Decision.CHANGED


def _line(contest: Contest, labels: dict[str, dict[str, str]], now: datetime) -> dict[str, Any]:
    return {
        "contest": contest,
        "pseudonym": contest.judgment.participation.pseudonym,
        "said": answer_words(contest.judgment.answers, labels),
        "due": instant(contest.due_at),
        "answered": instant(contest.answered_at) if contest.answered_at else None,
        "is_overdue": not contest.decision and contest.due_at < milliseconds(now),
    }


def _tested(one: queries.Objected, name: str, design: Design) -> dict[str, Any]:
    """How a tested question was answered, the accepted answers first."""
    labels = labels_of(design).get(name, {})
    accepted = one.question.current.accepted.get(name, []) if one.question.current else []
    question = next((found for found in design.questions if found.name == name), None)
    values = [*accepted, *(value for value, _ in one.given[name].most_common())]
    return {
        "label": question.label if question else name,
        "answers": [
            (labels.get(value, value), one.given[name][value], value in accepted)
            for value in dict.fromkeys(values)
        ],
    }


def _answer_objections(request: HttpRequest, job: Job) -> HttpResponse:
    """Answer one objection, or all open ones to a test question."""
    contests = queries.contests_of(job).filter(decision="")
    if "contest" in request.POST:
        contests = contests.filter(pk=id_of(request.POST["contest"]))
    else:
        contests = contests.filter(judgment__test=id_of(request.POST.get("test", "")))
    try:
        answered = flows.answer(
            job,
            contests.values_list("pk", flat=True),
            request.POST.get("answer", ""),
            actor=signed_in(request),
            at=datetime.now(UTC),
        )
    except Refused as refused:
        refuse(request, refused)
    else:
        words = ngettext("{n} objection answered.", "{n} objections answered.", len(answered))
        messages.success(request, words.format(n=len(answered)))
    return redirect("objections", job=job.pk)


def discussion(request: HttpRequest, job: Job) -> HttpResponse:
    """Contributors' questions about images, the newest first."""
    if request.method == "POST":
        return _reply(request, job)
    answered = request.GET.get("show") == "answered"
    pages = Paginator(discussion_queries.threads_of(job, answered=answered), THREADS_SHOWN)
    shown = pages.get_page(request.GET.get("page"))
    found = discussion_queries.threads(list(shown))
    pictures = thumbnails(one.unit for one in found)
    return job_page(
        request,
        job,
        "quality",
        template="discussion",
        rows=shown,
        chosen="answered" if answered else "",
        answered=answered,
        waiting=queries.waiting(job, at=milliseconds(datetime.now(UTC))),
        threads=[
            {"thread": one, "thumbnail": picture, "lines": lines_of(one)}
            for one, picture in zip(found, pictures, strict=True)
        ],
    )


def lines_of(thread: discussion_queries.Thread) -> list[dict[str, Any]]:
    return [{"line": line, "at": instant(line.created_at)} for line in thread.lines]


def _reply(request: HttpRequest, job: Job) -> HttpResponse:
    unit, who = (id_of(request.POST.get(name, "")) for name in ("unit", "participation"))
    thread = discussion_queries.thread(job, unit, who)
    if thread is None:
        raise Http404
    try:
        discussion_flows.reply(
            thread.participation,
            thread.unit,
            request.POST.get("answer", ""),
            actor=signed_in(request),
            at=datetime.now(UTC),
        )
    except Refused as refused:
        refuse(request, refused)
    else:
        words = _("{who} will see your answer.").format(who=thread.participation.pseudonym)
        messages.success(request, words)
    return redirect("discussion", job=job.pk)
