"""The model follows the judgments, in the background, and says what a label rests on."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.core.problems import Refused
from overread.flows import background
from overread.flows.aggregation import results, settle
from overread.flows.background import refit_jobs
from overread.flows.comparing import compare_by
from overread.flows.people import invite
from overread.flows.refitting import refit
from overread.store.models import (
    Consensus,
    Job,
    Membership,
    ModelFit,
    Posterior,
    TestQuestion,
    User,
)
from overread.store.models.people import Expertise
from overread.store.queries.design import design_of
from overread.store.queries.fits import explanation, out_of_date, worth_another_look
from tests.conftest import NOON, now
from tests.web.test_owner_pages import judge

pytestmark = pytest.mark.django_db
MakeJob = Callable[..., Job]


@pytest.fixture
def judged(make_job: MakeJob) -> Job:
    """Three people without a quiz: two say healthy, one pneumonia."""
    job = make_job(rows=12, labelled=4, launched=True)
    for finding in ("healthy", "healthy", "pneumonia"):
        one_more(job, finding)
    return job


def one_more(job: Job, finding: str) -> None:
    judge(
        invite(job, count=1, expertise=Expertise.LAY, actor=None, at=now())[0].participation,
        finding,
    )


def test_the_watch_fits_once_what_was_judged_and_again_what_is_new(make_job: MakeJob) -> None:
    job = make_job(rows=12, labelled=4, launched=True)
    one_more(job, "healthy")
    assert out_of_date() == [job]
    refit_jobs()
    assert out_of_date() == []
    fit = ModelFit.objects.get(job=job)
    assert (fit.method, len(fit.contributors)) == ("auto: one-coin", 1)
    assert Posterior.objects.filter(unit__job=job, answer="healthy").exists()
    one_more(job, "pneumonia")
    assert out_of_date() == [job]
    refit_jobs()
    assert len(ModelFit.objects.get(job=job).contributors) == 2


def test_removing_somebody_makes_the_fit_out_of_date(judged: Job) -> None:
    refit(judged, at=NOON)
    judged.participations.filter(pk=judged.participations.first().pk).update(state="removed")
    assert out_of_date() == [judged]
    fit = refit(judged, at=NOON)
    assert fit is not None
    assert len(fit.contributors) == 2


def test_a_second_fit_of_the_same_writes_no_posterior(judged: Job) -> None:
    refit(judged, at=NOON)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        refit(judged, at=NOON)
    assert not any("INSERT" in one["sql"] and "posterior" in one["sql"] for one in seen)


def test_a_job_that_nobody_judged_has_no_fit(running_job: Job) -> None:
    assert out_of_date() == []
    assert refit(running_job, at=NOON) is None


def test_a_label_is_explained_by_its_judgments(judged: Job) -> None:
    refit(judged, at=NOON)
    unit = judged.units.get(slot__isnull=False, number=12)
    found = explanation(judged, unit)
    assert sorted(one.answer for one in found.readings) == ["healthy", "healthy", "pneumonia"]
    assert found.counted == 3
    assert found.agreed is not None
    assert found.agreed.answer == "healthy"
    assert found.posterior is not None
    assert sum(found.posterior.shares.values()) == pytest.approx(1, abs=1e-3)


def test_a_released_snapshot_keeps_what_the_fit_said(judged: Job) -> None:
    refit(judged, at=NOON)
    settle(judged, results(judged), at=NOON)
    kept = Consensus.objects.filter(unit__job=judged).first()
    assert kept is not None
    assert kept.inputs["posterior"]["method"] == "auto: one-coin"
    refit(judged, at=now())
    kept.refresh_from_db()
    assert kept.inputs["posterior"]["fitted_at"] == NOON.isoformat()


def test_the_page_of_a_label_says_why(
    judged: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    unit = judged.units.get(number=12)
    address = f"/jobs/{judged.pk}/results/{unit.pk}"
    assert "some seconds" in browser.get(address).content.decode()
    refit(judged, at=NOON)
    settle(judged, results(judged), at=NOON)
    page = browser.get(address).content.decode()
    assert "3 judgments count" in page
    assert "small panel" in page
    assert "As it was released" in page
    listed = browser.get(f"/jobs/{judged.pk}/results").content.decode()
    assert f'href="{address}"' in listed
    assert browser.get(f"/jobs/{judged.pk}/results/999999").status_code == 404


def test_a_label_takes_as_many_queries_with_more_judgments(
    judged: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    refit(judged, at=NOON)
    browser, unit = signed_in(olga), judged.units.get(number=12)
    address = f"/jobs/{judged.pk}/results/{unit.pk}"
    counts = []
    for finding in ("healthy", "pneumonia", "healthy"):
        with CaptureQueriesContext(connection) as seen:
            browser.get(address)
        counts.append(len(seen))
        judged.maximum_judgments = 20
        judged.save()
        judge(invite(judged, count=1, actor=None, at=now())[0].participation, finding)
    assert len(set(counts)) == 1


def test_a_fit_that_breaks_off_before_its_posteriors_is_out_of_date(
    judged: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Posterior.objects, "bulk_create", full)
        with pytest.raises(OSError, match="No space"):
            refit(judged, at=NOON)
    assert out_of_date() == [judged]
    refit(judged, at=NOON)
    assert out_of_date() == []


def test_what_only_removed_people_judged_has_no_posterior(judged: Job) -> None:
    refit(judged, at=NOON)
    unit = Posterior.objects.filter(unit__job=judged).first().unit
    only = judged.participations.first()
    unit.judgments.exclude(participation=only).delete()
    only.state = "removed"
    only.save()
    refit(judged, at=NOON)
    assert not Posterior.objects.filter(unit=unit).exists()
    assert Posterior.objects.filter(unit__job=judged).exists()


def test_when_everybody_is_removed_the_fit_goes_once(judged: Job) -> None:
    refit(judged, at=NOON)
    judged.participations.update(state="removed")
    assert out_of_date() == [judged]
    assert refit(judged, at=NOON) is None
    assert not Posterior.objects.filter(unit__job=judged).exists()
    assert not ModelFit.objects.filter(job=judged).exists()
    assert out_of_date() == []


def test_what_a_fit_knows_besides_judgments_makes_it_out_of_date(judged: Job) -> None:
    refit(judged, at=NOON)
    question = TestQuestion.objects.filter(unit__job=judged).first()
    first, second, _ = judged.participations.order_by("pk")
    for change in (
        lambda: TestQuestion.objects.filter(pk=question.pk).update(state="on hold"),
        lambda: judged.participations.filter(pk=first.pk).update(state="removed"),
        lambda: Membership.objects.filter(user=second.user).update(expertise="radiologist"),
    ):
        change()
        assert out_of_date() == [judged]
        refit(judged, at=NOON)
        assert out_of_date() == []


def test_one_removed_while_another_comes_back_makes_the_fit_out_of_date(judged: Job) -> None:
    first, second, _ = judged.participations.order_by("pk")
    judged.participations.filter(pk=first.pk).update(state="removed")
    refit(judged, at=NOON)
    judged.participations.filter(pk=first.pk).update(state=first.state)
    judged.participations.filter(pk=second.pk).update(state="removed")
    assert out_of_date() == [judged]


def test_a_very_large_job_is_fitted_when_it_stands_still(
    judged: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "FOLLOWED", 0)
    Job.objects.filter(pk=judged.pk).update(state="running")
    refit_jobs()
    assert out_of_date() == [judged]
    Job.objects.filter(pk=judged.pk).update(state="paused")
    refit_jobs()
    assert out_of_date() == []


def test_a_fit_says_how_good_the_labels_are(judged: Job) -> None:
    fit = refit(judged, at=NOON)
    assert fit is not None
    prevalence = fit.figures["prevalence"]
    assert prevalence.keys() >= {"healthy", "pneumonia"}
    for one in (prevalence["healthy"], fit.figures["expected"], *fit.figures["agreement"].values()):
        assert one["low"] <= one["estimate"] <= one["high"]
    assert fit.figures["agreement"]["percent agreement"]["estimate"] == pytest.approx(1 / 3)
    assert fit.figures["by_expertise"] == {}


def test_readers_of_one_kind_are_compared_among_themselves(judged: Job) -> None:
    rafael = judged.participations.last()
    Membership.objects.filter(user=rafael.user).update(expertise=Expertise.RADIOLOGIST)
    fit = refit(judged, at=NOON)
    assert fit is not None
    lay, radiologists = (fit.figures["by_expertise"][kind] for kind in ("lay", "radiologist"))
    assert lay["percent agreement"]["estimate"] == 1
    assert radiologists["percent agreement"]["estimate"] is None  # nobody to agree with


def with_ages(job: Job) -> None:
    """Every second row is of an older child."""
    for unit in job.units.all():
        unit.data["age band"] = ("0-1", "2-5")[unit.number % 2]
        unit.save()


def test_agreement_is_told_apart_by_a_column_of_the_owners_choice(judged: Job) -> None:
    with_ages(judged)
    refit(judged, at=NOON)
    compare_by(judged, "age band", actor=None, at=NOON)
    assert out_of_date() == [judged]
    judged.refresh_from_db()
    fit = refit(judged, at=NOON)
    assert fit is not None
    assert fit.figures["compared_by"] == "age band"
    assert fit.figures["by_subgroup"].keys() == {"0-1", "2-5"}
    younger = fit.figures["by_subgroup"]["0-1"]
    assert younger["expected"]["low"] <= younger["expected"]["estimate"]
    assert younger["prevalence"].keys() == fit.figures["prevalence"].keys()
    assert out_of_date() == []


def test_only_a_column_of_the_table_is_compared_by(judged: Job) -> None:
    for column in ("image", "shoe size"):
        with pytest.raises(Refused, match="no column"):
            compare_by(judged, column, actor=None, at=NOON)


def test_the_owner_chooses_the_column_beside_the_figures(
    judged: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    with_ages(judged)
    browser = signed_in(olga)
    browser.post(f"/jobs/{judged.pk}/results/compare", {"column": "age band"})
    refit_jobs()
    page = browser.get(f"/jobs/{judged.pk}/results").content.decode()
    assert "Images with age band: 2-5" in page
    assert "<option selected>age band</option>" in page


def test_the_owner_sees_it_with_the_results(
    judged: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    before = browser.get(f"/jobs/{judged.pk}/results").content.decode()
    assert "How good these labels are" not in before
    refit(judged, at=NOON)
    page = browser.get(f"/jobs/{judged.pk}/results").content.decode()
    assert "How good these labels are" in page
    assert "two readers give the same answer" in page
    assert "33 %" in page


def test_the_results_begin_where_another_look_helps_most(
    judged: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser, address = signed_in(olga), f"/jobs/{judged.pk}/results"
    assert "an expert&#x27;s look" not in browser.get(address).content.decode()
    refit(judged, at=NOON)
    doubtful = judged.units.get(number=11)
    changed = Posterior.objects.filter(unit=doubtful)
    changed.update(probability=0.55, gain=0.0)
    Posterior.objects.filter(unit=judged.units.get(number=9)).update(gain=0.25)
    by_expert = browser.get(f"{address}?order=expert")
    assert by_expert.context["rows"][0].unit == doubtful.pk
    assert "45% chance that an expert changes it" in by_expert.content.decode()
    assert "First come the rows where an expert" in by_expert.content.decode()
    # Its picture and its number lead to the row's page.
    assert by_expert.content.decode().count(f'href="{address}/{doubtful.pk}"') == 2
    by_judgment = browser.get(f"{address}?order=judgment")
    assert by_judgment.context["rows"][0].number == 9
    assert "25% likelier right" in by_judgment.content.decode()
    assert browser.get(f"{address}?order=password").context["rows"][0].number == 1


def test_an_answer_that_settles_nothing_is_worth_an_experts_look(judged: Job) -> None:
    refit(judged, at=NOON)
    Posterior.objects.filter(unit=judged.units.get(number=7)).update(
        answer="unsure", probability=1.0
    )
    looks = worth_another_look(judged, design_of(judged).main_question)
    assert looks[judged.units.get(number=7).pk].expert == 1.0


def test_a_known_answer_is_not_worth_another_look(judged: Job) -> None:
    refit(judged, at=NOON)
    looks = worth_another_look(judged, design_of(judged).main_question)
    tests = set(judged.units.filter(test_question__isnull=False).values_list("pk", flat=True))
    assert {looks[unit].expert for unit in tests & looks.keys()} <= {0.0}
    assert min(one.judgment for one in looks.values()) >= 0.0
    assert max(one.expert for unit, one in looks.items() if unit not in tests) > 0.0
