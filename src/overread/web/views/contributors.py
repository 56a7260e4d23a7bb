"""One contributor: how they fare, why they were removed, and the owner's hand on them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from overread.core.judging import Removal, Rules
from overread.core.removal import RemovalRule, Tally, short_kinds
from overread.core.states import STEPS, ParticipationState, StepError
from overread.flows import contributors as flows
from overread.store.judging import rules_of
from overread.store.models import Job, Participation
from overread.store.queries.contributors import Profile, profile
from overread.store.queries.design import design_of
from overread.store.queries.thumbnails import thumbnails
from overread.web.access import signed_in
from overread.web.views.contests import answer_words, labels_of
from overread.web.views.head import job_page


def why_words(participation: Participation, rules: Rules, labels: Mapping[str, str]) -> str:
    """Why this contributor was removed; empty for the others. `labels` of the main question."""
    if participation.state != ParticipationState.REMOVED:
        return ""
    words = {
        Removal.ACCURACY: _accuracy_words(participation, rules, labels),
        Removal.ANSWERS: _("mix of answers out of bounds"),
        Removal.OWNER: _("by an owner"),
    }
    return str(words.get(Removal(participation.removed_for), ""))


def _accuracy_words(participation: Participation, rules: Rules, labels: Mapping[str, str]) -> str:
    """Where each kind of test question counts, the kind says more than the whole."""
    if rules.removal_rule == RemovalRule.BOTH:
        tally = Tally.from_document(json.loads(participation.tally))
        short = short_kinds(tally, rules.minimum_accuracy)
        if short:
            kinds = ", ".join(labels.get(kind, kind) for kind in short)
            return _("accuracy under the minimum on: {kinds}").format(kinds=kinds)
    return _("accuracy under the minimum")


def can_be_removed(participation: Participation) -> bool:
    return ParticipationState.REMOVED in STEPS["participation"][participation.state]


def contributor(request: HttpRequest, job: Job, participation: int) -> HttpResponse:
    """The step before removing and restoring: what this means, and the figures to go by."""
    found = profile(job, participation)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _act(request, job, found.participation)
    design = design_of(job)
    labels = labels_of(design)
    pictures = thumbnails(one.unit for one in found.missed)
    return job_page(
        request,
        job,
        "monitor",
        template="contributor",
        found=found,
        why=why_words(found.participation, rules_of(job), labels[design.main_question.name]),
        can_be_removed=can_be_removed(found.participation),
        kinds=[
            (labels[design.main_question.name].get(kind, kind), tested)
            for kind, tested in found.tested.kinds.items()
        ],
        answers=_answers(found, labels[design.main_question.name]),
        missed=[
            {
                "missed": one,
                "thumbnail": picture,
                "said": answer_words(one.judgment.answers, labels),
                "accepted": answer_words(dict(one.marked.accepted), labels),
            }
            for one, picture in zip(found.missed, pictures, strict=True)
        ],
    )


def _answers(found: Profile, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The share of each answer to the main question, this contributor's beside the others'."""
    own, others = sum(found.given.values()), sum(found.others.values())
    return [
        {
            "label": label,
            "count": found.given.get(value, 0),
            "share": found.given.get(value, 0) / own if own else None,
            "others": found.others.get(value, 0) / others if others else None,
        }
        for value, label in labels.items()
    ]


def _act(request: HttpRequest, job: Job, participation: Participation) -> HttpResponse:
    user, now, name = signed_in(request), datetime.now(UTC), participation.pseudonym
    restores = request.POST.get("action") == "restore"
    try:
        (flows.restore if restores else flows.remove)(participation, actor=user, at=now)
    except StepError:
        words = _("{who}: nothing was changed, as this was done already or can't be done now.")
        messages.error(request, words.format(who=name))
    else:
        words = _("{who} was restored.") if restores else _("{who} was removed.")
        messages.success(request, words.format(who=name))
    return redirect("contributor", job=job.pk, participation=participation.pk)
