"""The Launch tab: settings in groups, what they will do, a pilot and then the rest."""

from collections.abc import Callable

import pytest
from django.db.models import F
from django.test import Client

from overread.core.removal import RemovalRule
from overread.core.states import JobState
from overread.core.stopping import StoppingRule
from overread.flows.people import invite
from overread.flows.settings import NAMES, OPEN_AFTER_LAUNCH
from overread.store.models import Job, Slot, User
from overread.store.queries.pilot import agreement, pilot
from overread.store.queries.standing import standing
from tests.conftest import now
from tests.judging import ask, send

pytestmark = pytest.mark.django_db
DYNAMIC = {
    "stopping_rule": "posterior",
    "judgments_per_unit": "2",
    "maximum_judgments_per_unit": "7",
    "stopping_threshold": "99.8",
}


@pytest.fixture
def browser(signed_in: Callable[[User], Client], olga: User) -> Client:
    """Olga's."""
    return signed_in(olga)


@pytest.fixture
def piloted(browser: Client, job: Job) -> Job:
    """A pilot of four rows that six people have judged; the first fails the quiz."""
    browser.post(f"/jobs/{job.pk}/launch", {"launch": "pilot", "rows": "4"})
    crowd = invite(job, count=6, actor=None, at=now())
    for number, who in enumerate(crowd):
        while (offer := ask(who)).page is not None:
            send(who, offer.page, miss=0 if number else 5)
    job.refresh_from_db()
    return job


def page(browser: Client, job: Job) -> str:
    return browser.get(f"/jobs/{job.pk}/launch").content.decode()


def test_every_setting_is_on_the_form(browser: Client, job: Job) -> None:
    shown = page(browser, job)
    for name in NAMES:
        assert f'name="{name}"' in shown or name == "answer_bounds", name
    for name in ("least_0", "most_2", "answers_from"):
        assert f'name="{name}"' in shown


def test_settings_are_saved_as_they_are_shown(browser: Client, job: Job) -> None:
    form = DYNAMIC | {
        "removal_rule": "sequential",
        "page_seconds": "45",
        "minimum_page_seconds": "10",
        "maximum_judgments_per_contributor": "200",
        "discussion": "yes",
        "least_0": "10",
        "most_0": "90",
        "order": "per contributor",
    }
    assert browser.post(f"/jobs/{job.pk}/launch", form).status_code == 302
    job.refresh_from_db()
    assert (job.stopping_rule, job.stopping_threshold) == (StoppingRule.POSTERIOR, 0.998)
    assert (job.removal_rule, job.page_seconds) == (RemovalRule.SEQUENTIAL, 2700)
    assert job.answer_bounds == {"from": 20, "shares": {"healthy": [0.1, 0.9]}}
    assert job.discussion
    shown = page(browser, job)
    assert 'value="99.8"' in shown
    assert 'value="45"' in shown


def test_what_is_left_empty_has_no_limit(browser: Client, job: Job) -> None:
    address = f"/jobs/{job.pk}/launch"
    browser.post(address, {"maximum_judgments_per_contributor": "50", "most_1": "80"})
    browser.post(address, {"maximum_judgments_per_contributor": "", "most_1": ""})
    job.refresh_from_db()
    assert (job.maximum_judgments_per_contributor, job.answer_bounds) == (None, {})


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"stopping_rule": "matching"}, "need a maximum for each row"),
        ({"units_per_page": "2", "test_questions_per_page": "2"}, "no room for work"),
        ({"least_0": "70", "least_1": "70"}, "No mix of answers"),
        ({"most_0": "140"}, "less than or equal to 100"),
        ({"removal_rule": "by luck"}, "not one of the available choices"),
    ],
)
def test_settings_at_odds_are_shown_with_their_reason_and_kept_as_typed(
    browser: Client, job: Job, form: dict[str, str], words: str
) -> None:
    answer = browser.post(f"/jobs/{job.pk}/launch", form | {"quiz_length": "9"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert words in shown
    assert 'value="9"' in shown
    job.refresh_from_db()
    assert job.quiz_length == 5


def test_after_the_launch_the_form_says_what_is_locked(browser: Client, running_job: Job) -> None:
    shown = page(browser, running_job)
    assert shown.count(">locked<") == len(NAMES) - len(OPEN_AFTER_LAUNCH)
    form = {"page_seconds": "10", "contest_days": "3"}
    assert browser.post(f"/jobs/{running_job.pk}/launch", form).status_code == 302
    running_job.refresh_from_db()
    assert (running_job.page_seconds, running_job.contest_days) == (600, 3)


def test_a_locked_setting_that_is_sent_all_the_same_is_refused(
    browser: Client, running_job: Job
) -> None:
    answer = browser.post(f"/jobs/{running_job.pk}/launch", {"quiz_length": "9"})
    assert answer.status_code == 422
    assert "has been launched, and this setting stays" in answer.content.decode()


def test_a_share_that_the_form_rounds_stays_exact(browser: Client, running_job: Job) -> None:
    Job.objects.filter(pk=running_job.pk).update(minimum_accuracy=1 / 3, page_seconds=100)
    form = {"minimum_accuracy": "33.3333", "page_seconds": "1.66667", "contest_days": "3"}
    assert browser.post(f"/jobs/{running_job.pk}/launch", form).status_code == 302
    running_job.refresh_from_db()
    assert running_job.minimum_accuracy == 1 / 3
    assert (running_job.page_seconds, running_job.contest_days) == (100, 3)


def test_the_saving_is_worked_out_and_nothing_saved(browser: Client, job: Job) -> None:
    answer = browser.post(f"/jobs/{job.pk}/launch", DYNAMIC | {"try": "dynamic"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "judgments a row instead of 7" in shown
    assert "Nothing is saved yet." in shown
    job.refresh_from_db()
    assert job.stopping_rule == StoppingRule.NONE


def test_dynamic_judgments_are_advised_against_for_a_small_panel(browser: Client, job: Job) -> None:
    browser.post(f"/jobs/{job.pk}/launch", DYNAMIC)
    words = "Don&#x27;t use it with so few contributors"
    assert words not in page(browser, job)
    invite(job, count=3, actor=None, at=now())
    assert words in page(browser, job)


def test_the_form_says_how_sure_the_quiz_can_be(browser: Client, job: Job) -> None:
    assert "how sure a quiz of this length can be" in page(browser, job)


def test_without_test_questions_it_says_that_the_quiz_is_off(
    browser: Client, make_job: Callable[..., Job]
) -> None:
    assert "The quiz is off until" in page(browser, make_job(labelled=2))


def test_a_pilot_launches_some_rows_and_then_the_rest(browser: Client, job: Job) -> None:
    address = f"/jobs/{job.pk}/launch"
    browser.post(address, {"launch": "pilot", "rows": "4"})
    job.refresh_from_db()
    assert (job.state, job.pilot_rows) == (JobState.RUNNING, 4)
    assert Slot.objects.filter(job=job).count() == 4
    assert "Launch the other 6 rows" in page(browser, job)
    browser.post(address, {"launch": "rest"})
    job.refresh_from_db()
    assert job.pilot_rows is None
    assert Slot.objects.filter(job=job).count() == 10
    assert "The pilot" not in page(browser, job)


@pytest.mark.parametrize("rows", ["0", "-3", "many", "", "10"])
def test_a_pilot_of_no_rows_or_of_all_is_not_launched(browser: Client, job: Job, rows: str) -> None:
    answer = browser.post(f"/jobs/{job.pk}/launch", {"launch": "pilot", "rows": rows})
    assert answer.status_code == 422
    job.refresh_from_db()
    assert job.state == JobState.DRAFT


def test_the_pilots_report_says_how_it_went(browser: Client, piloted: Job) -> None:
    found = pilot(standing(piloted))
    assert found is not None
    assert (found.rows, found.finalized, found.rest) == (4, 4, 6)
    assert (found.quizzes, found.passed) == (4, 3)
    assert found.agreement.share == 1.0
    assert (found.agreement.rows, found.agreement.judgments) == (4, 12)
    assert found.estimate.measured.seconds == 0.9
    assert (found.estimate.rows, found.estimate.most) == (6, 18)
    assert found.invitations == 4
    assert {one.fared.missed for one in found.missed} == {1}
    shown = page(browser, piloted)
    for words in ("75%", "3 of 4 who took it", "missed 1 of", "Launch the other 6 rows"):
        assert words in shown


def test_before_anybody_judged_a_pilot_reports_nothing(browser: Client, job: Job) -> None:
    browser.post(f"/jobs/{job.pk}/launch", {"launch": "pilot", "rows": "4"})
    job.refresh_from_db()
    found = pilot(standing(job))
    assert found is not None
    assert (found.pass_rate, found.agreement.share, found.minutes_per_row) == (None, None, None)
    assert "nothing was timed yet" in page(browser, job)


def test_agreement_is_the_mean_share_of_the_majority() -> None:
    rows = [["a", "a", "b"], ["a", "b"], ["b"], []]
    found = agreement(rows)
    assert found.share == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert (found.rows, found.judgments) == (2, 5)


def test_a_running_job_is_estimated_by_what_is_left(browser: Client, running_job: Job) -> None:
    assert "What is left" in page(browser, running_job)


def test_of_a_finished_job_nothing_is_left(browser: Client, running_job: Job) -> None:
    full = {"counted": F("wanted"), "outstanding": 0, "open": False}
    Slot.objects.filter(job=running_job).update(**full)
    assert "What is left" not in page(browser, running_job)
