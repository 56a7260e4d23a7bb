"""How a job is judged: what may be set, what is refused, what is locked."""

from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from overread.core.judging import Order, Outcome, RunOut
from overread.core.problems import Refused
from overread.core.removal import RemovalRule
from overread.core.states import JobState
from overread.core.stopping import StoppingRule
from overread.flows import settings
from overread.flows.design import create_job
from overread.flows.people import Invitation
from overread.flows.settings import (
    BOUNDS,
    NAMES,
    OPEN_AFTER_LAUNCH,
    Settings,
    doubts,
    faults,
    set_settings,
)
from overread.formats.job_templates import job_templates
from overread.store.judging import rules_of
from overread.store.models import AuditEntry, Job, Team
from tests.conftest import NOON
from tests.judging import ask, page_of, pass_quiz, send

DEFAULTS = Settings.of(Job())
ANSWERS = ("healthy", "pneumonia", "unsure")
# Another value of each setting that fits beside the defaults of all others.
OTHERS: dict[str, Any] = {
    "judgments_per_unit": 5,
    "units_per_page": 4,
    "minimum_accuracy": 0.8,
    "quiz_length": 6,
    "removal_rule": RemovalRule.SEQUENTIAL,
    "test_questions_per_page": 2,
    "practice_length": 2,
    "quiz_retakes": 1,
    "when_tests_run_out": RunOut.REPEAT,
    "stopping_rule": StoppingRule.NONE,
    "maximum_judgments_per_unit": 7,
    "stopping_threshold": 0.95,
    "stopping_matches": 3,
    "maximum_judgments_per_contributor": 100,
    "page_seconds": 600,
    "minimum_page_seconds": 20,
    "order": "per contributor",
    "repeat_share": 0.1,
    "repeat_hours": 24,
    "contest_days": 3,
    "discussion": True,
    "answer_bounds": {"from": 20, "shares": {"healthy": [0.1, 0.9]}},
}


def change(job: Job, **values: Any) -> None:
    set_settings(job, replace(Settings.of(job), **values), actor=None, at=NOON)


def refused(settings: Settings) -> list[str]:
    return [problem.source for problem in faults(settings, ANSWERS)]


@pytest.mark.django_db
def test_every_setting_of_a_draft_is_kept(job: Job) -> None:
    change(job, **OTHERS)
    assert asdict(Settings.of(Job.objects.get(pk=job.pk))) == OTHERS
    rules = rules_of(Job.objects.get(pk=job.pk))
    assert (rules.quiz_length, rules.stopping.maximum) == (6, 7)
    assert rules.answer_bounds.shares == {"healthy": (0.1, 0.9)}


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_after_the_launch_a_setting_is_open_or_locked_and_says_so(
    name: str, running_job: Job
) -> None:
    value = OTHERS[name]
    if name == "stopping_rule":
        value = StoppingRule.MATCHING
        Job.objects.filter(pk=running_job.pk).update(maximum_judgments_per_unit=7)
        running_job.refresh_from_db()
    if name in OPEN_AFTER_LAUNCH:
        change(running_job, **{name: value})
        running_job.refresh_from_db()
        assert getattr(running_job, name) == value
        return
    with pytest.raises(Refused, match="has been launched") as told:
        change(running_job, **{name: value})
    assert told.value.problem.source == name
    running_job.refresh_from_db()
    assert getattr(running_job, name) != value


@pytest.mark.django_db
def test_a_change_is_recorded_and_read_anew_by_the_server(job: Job) -> None:
    before = Job.objects.get(pk=job.pk).revision
    change(job, quiz_length=7)
    assert Job.objects.get(pk=job.pk).revision == before + 1
    assert AuditEntry.objects.latest("pk").details == {"quiz_length": 7}


@pytest.mark.django_db
def test_saving_the_same_changes_nothing(running_job: Job) -> None:
    running_job.refresh_from_db()
    change(running_job)
    assert Job.objects.get(pk=running_job.pk).revision == running_job.revision
    assert not AuditEntry.objects.filter(action="set settings").exists()


@pytest.mark.django_db
def test_a_change_while_the_job_runs_leaves_what_judging_wrote(
    running_job: Job, lena: Invitation
) -> None:
    pass_quiz(lena)
    page_of(lena)
    frontier = Job.objects.get(pk=running_job.pk).frontier
    change(running_job, page_seconds=900)
    found = Job.objects.get(pk=running_job.pk)
    assert (found.frontier, found.state) == (frontier, JobState.RUNNING)


@pytest.mark.django_db
def test_another_order_for_each_is_for_jobs_of_few_rows(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(DEFAULTS, order=Order.PER_CONTRIBUTOR)
    assert not faults(own, ANSWERS, rows=5_000)
    [problem] = faults(own, ANSWERS, rows=5_001)
    assert problem.source == "order"
    assert not faults(DEFAULTS, ANSWERS, rows=50_000)
    monkeypatch.setattr(settings, "MOST_ROWS_FOR_OWN_ORDER", 19)
    with pytest.raises(Refused, match="more than 19 rows"):
        change(job, order=Order.PER_CONTRIBUTOR)


@pytest.mark.django_db
def test_the_most_judgments_of_a_row_stay_as_they_were_like_all_of_its_stopping_rule(
    running_job: Job,
) -> None:
    with pytest.raises(Refused, match="has been launched"):
        change(running_job, maximum_judgments_per_unit=9)


@pytest.mark.django_db
def test_who_had_done_their_share_goes_on_when_it_grows(running_job: Job, lena: Invitation) -> None:
    change(running_job, maximum_judgments_per_contributor=10)
    pass_quiz(lena)
    send(lena, page_of(lena))
    assert ask(lena).outcome == Outcome.MAXED_OUT
    running_job.refresh_from_db()
    change(running_job, maximum_judgments_per_contributor=20)
    assert ask(lena).outcome == Outcome.PAGE


@pytest.mark.parametrize("name", BOUNDS)
def test_what_is_out_of_bounds_is_refused_at_its_name(name: str) -> None:
    low, high = BOUNDS[name]
    for value in (low - 1, high + 1):
        assert name in refused(replace(DEFAULTS, **{name: value}))


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"units_per_page": 3, "test_questions_per_page": 3}, "units_per_page"),
        ({"units_per_page": 3, "test_questions_per_page": 2, "repeat_share": 0.1}, "repeat_share"),
        ({"minimum_page_seconds": 600, "page_seconds": 600}, "minimum_page_seconds"),
        ({"stopping_rule": StoppingRule.POSTERIOR}, "maximum_judgments_per_unit"),
        ({"maximum_judgments_per_unit": 2}, "maximum_judgments_per_unit"),
        (
            {
                "stopping_rule": StoppingRule.MATCHING,
                "maximum_judgments_per_unit": 4,
                "stopping_matches": 5,
            },
            "stopping_matches",
        ),
        ({"answer_bounds": {"from": 20, "shares": {"ill": [0, 1]}}}, "answer_bounds"),
        ({"answer_bounds": {"from": 20, "shares": {"healthy": [0.9, 0.1]}}}, "answer_bounds"),
        ({"answer_bounds": {"from": 20, "shares": {"healthy": 0.5}}}, "answer_bounds"),
        ({"answer_bounds": {"from": "20", "shares": {}}}, "answer_bounds"),
        (
            {
                "answer_bounds": {
                    "from": 20,
                    "shares": {"healthy": [0.6, 1], "pneumonia": [0.6, 1]},
                }
            },
            "answer_bounds",
        ),
        (
            {"answer_bounds": {"from": 20, "shares": {one: [0, 0.3] for one in ANSWERS}}},
            "answer_bounds",
        ),
    ],
)
def test_settings_at_odds_are_refused_where_they_are_put_right(
    values: dict[str, Any], where: str
) -> None:
    assert refused(replace(DEFAULTS, **values)) == [where]


def test_the_defaults_and_every_template_are_free_of_faults() -> None:
    assert refused(DEFAULTS) == []
    for template in job_templates().values():
        settings = replace(DEFAULTS, **template.settings)
        answers = [choice.value for choice in template.design.main_question.choices]
        assert not faults(settings, answers)


@pytest.mark.django_db
def test_a_medical_job_asks_for_sensitivity_and_specificity(team: Team) -> None:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    assert Job.objects.get(pk=job.pk).removal_rule == RemovalRule.BOTH
    assert DEFAULTS.removal_rule == RemovalRule.ACCURACY


NUMBERS = st.fixed_dictionaries(
    {
        name: st.integers(-2, 60) if isinstance(getattr(DEFAULTS, name), int) else st.floats(-1, 2)
        for name in BOUNDS
        if getattr(DEFAULTS, name) is not None
    }
)


@given(NUMBERS)
def test_what_is_not_refused_makes_rules_that_hold_work(values: dict[str, Any]) -> None:
    settings = replace(DEFAULTS, **values)
    if refused(settings):
        return
    rules = rules_of(Job(**asdict(settings)))
    assert rules.units_per_page > rules.test_questions_per_page
    assert rules.stopping.minimum >= 1
    assert 0 <= rules.minimum_accuracy <= 1


@pytest.mark.parametrize(
    ("values", "tests", "words"),
    [
        ({"quiz_length": 12}, 10, "asks for 12"),
        ({"practice_length": 5}, 10, "practice round is left out"),
        ({"quiz_retakes": 1}, 9, "no fresh ones"),
        ({"maximum_judgments_per_contributor": 6}, 10, "Nobody will judge a row"),
    ],
)
def test_what_will_hardly_do_what_was_meant_is_said(
    values: dict[str, Any], tests: int, words: str
) -> None:
    [doubt] = doubts(replace(DEFAULTS, **values), tests)
    assert words in doubt
    assert not doubts(DEFAULTS, tests)


def test_the_table_of_other_values_is_complete() -> None:
    assert set(OTHERS) == {field.name for field in fields(Settings)}


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"minimum_accuracy": 1.5}, {"test_questions_per_page": 5}])
def test_the_database_refuses_what_no_job_can_have(job: Job, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**values)
