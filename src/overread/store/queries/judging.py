"""What a contributor is shown about a page and their own work."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, F, QuerySet, Value, When

from overread.core.judging import entry
from overread.core.removal import RemovalRule
from overread.core.states import PageState, ParticipationState, UnitState
from overread.store.hot.progress import COUNTED_LEFT, figures
from overread.store.judging import rules_of, test_questions
from overread.store.models import DesignVersion, Page, PageDraft, Participation, Unit, User
from overread.store.queries.design import current_design, design_of

# What a lay reader takes for an image at first, measured on none of this job's own readers yet.
SECONDS_PER_UNIT = 20

# What a unit's slot says of it, beside the states that owners and experts give it.
UNIT_STANDING = Case(
    When(
        state=UnitState.NEW,
        slot__counted__gte=F("slot__wanted"),
        then=Value(UnitState.FINALIZED.value),
    ),
    When(state=UnitState.NEW, slot__counted__gt=0, then=Value(UnitState.JUDGING.value)),
    default=F("state"),
)


def expectations(participation: Participation) -> dict[str, Any]:
    """What a contributor should know before joining."""
    job = participation.job
    design = design_of(job)
    tests = test_questions(job).count()
    for_quiz = test_questions(job).filter(hidden=False).count()
    rules = rules_of(job)
    return {
        "participation": participation,
        "job": job,
        "design": design,
        "rules": rules,
        "has_quiz": rules.tests_are_on(tests) and for_quiz > 0,
        "has_practice": entry(rules, tests, for_quiz=for_quiz) == ParticipationState.PRACTISING,
        "each_kind": rules.removal_rule == RemovalRule.BOTH,
        "minutes": max(1, round(job.units_per_page * SECONDS_PER_UNIT / 60)),
        "page_minutes": job.page_seconds // 60,
        "most_pages": max(0, tests - rules.quiz_length) // max(1, rules.test_questions_per_page),
    }


def cells_of(places: Mapping[int, int]) -> dict[int, dict[str, str]]:
    """The cells of the units at these places."""
    data = dict(Unit.objects.filter(pk__in=places.values()).values_list("pk", "data"))
    return {place: data[unit] for place, unit in places.items() if unit in data}


def design_shown(participation: Participation) -> DesignVersion:
    """The version that the contributor's open page was handed out with, else the current one."""
    page = participation.pages.filter(state=PageState.OPEN).select_related("design").first()
    return page.design if page else current_design(participation.job)


def own_figures(participation: Participation) -> dict[str, Any]:
    """A contributor's own figures, as the two routes tell them."""
    left = participation.job.slots.filter(open=True)[:COUNTED_LEFT].count()
    return figures(participation, rules_of(participation.job), left)


def participations_of(user: User) -> QuerySet[Participation]:
    return user.participations.select_related("job").order_by("-pk")


def expertise_of(participation: Participation) -> str:
    """Lay, clinician or radiologist, as the contributor's membership in the job's team says."""
    found = participation.user.memberships.filter(team=participation.job.team_id)
    return found.values_list("expertise", flat=True).first() or "lay"


def draft_of(page: Page) -> dict[str, Any]:
    """What is answered on a page and not yet submitted, by place; of an open page alone."""
    kept = PageDraft.objects.filter(page=page, page__state=PageState.OPEN)
    return kept.values_list("places", flat=True).first() or {}
