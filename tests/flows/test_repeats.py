"""Rows that the same contributor reads again, hidden among the others."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from overread.core.aggregation.within import within
from overread.core.instants import instant, milliseconds
from overread.core.judging import to_repeat
from overread.core.reports import Reason
from overread.core.states import JobState
from overread.flows import contributors
from overread.flows.aggregation import results
from overread.flows.appen_reports import aggregated_report, full_report
from overread.flows.judging.answers import Given
from overread.flows.judging.launching import launch
from overread.flows.people import Invitation
from overread.flows.privacy.forgetting import forget_rows
from overread.flows.refitting import refit
from overread.flows.reports import decide, report
from overread.store.hot.documents import decode
from overread.store.hot.rows import PageRow
from overread.store.models import Judgment, Page, Participation, Remark, Report, Slot, Unit
from overread.store.models.judging import REPEATED
from overread.store.queries.contributors import profile
from overread.store.queries.design import design_of
from overread.store.queries.fits import readings
from overread.store.queries.repeats import reread
from overread.store.queries.results import verdicts
from overread.store.write import write
from tests.conftest import NOON
from tests.hot.world import Setting, make_job
from tests.judging import ask, counts, give

HOUR = 3_600_000
pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    """A job without test questions, in which one row of five comes again after an hour."""

    def __init__(self, at: datetime = NOON, **settings: Any) -> None:
        given = {"units_per_page": 5, "judgments_per_unit": 2, "repeat_share": 0.2} | settings
        job, self.people = make_job(
            Setting(units=60, tests=0, people=2, at=at, settings={"repeat_hours": 1, **given})
        )
        self.job = launch(job, actor=None, at=at, rng=Random(1))
        self.lena, self.rafael = self.people
        self.at, self.asked = milliseconds(at), 0

    def page(self, who: Invitation | None = None) -> PageRow:
        self.asked += 1
        found = ask(who or self.lena, self.at, seed=self.asked).page
        assert found is not None
        return found

    def send(self, page: PageRow, who: Invitation | None = None, **answers: Any) -> None:
        said = answers or {"finding": "healthy"}
        given = [Given(place, dict(said), milliseconds=900) for place in page.by_place]
        give(who or self.lena, page, given, at=self.at)

    def pages(self, count: int) -> Iterator[PageRow]:
        for _ in range(count):
            yield (page := self.page())
            self.send(page)

    def an_hour_later(self) -> None:
        self.at += HOUR


@pytest.fixture
def work() -> Work:
    return Work()


def second_readings(work: Work) -> list[PageRow]:
    """Three pages of lena's, and three an hour later."""
    list(work.pages(3))
    work.an_hour_later()
    return list(work.pages(3))


def test_a_row_comes_again_after_the_hours_and_not_before(work: Work) -> None:
    first = list(work.pages(3))
    assert [page.came_again for page in first] == [set()] * 3
    work.at += HOUR - 1
    assert work.page().came_again == set()
    work.send(work.page())
    work.at += 1
    for earlier in first:
        page = work.page()
        [again] = page.came_again
        assert again in earlier.unit_ids
        work.send(page)


def test_nothing_of_a_page_with_a_row_that_comes_again_tells_it_apart(work: Work) -> None:
    """As many rows, all of them different, in places that the draw leaves to chance."""
    pages = second_readings(work)
    assert all(len(set(page.unit_ids)) == 5 for page in pages)
    assert {len(page.first_read) for page in pages} == {4}
    places = Counter(page.unit_ids.index(*page.came_again) for page in pages)
    assert len(places) > 1


def test_the_first_reading_stands_and_the_second_is_kept(work: Work) -> None:
    second_readings(work)
    assert counts(work.job) == (0, 15 + 12)
    again = Judgment.objects.filter(REPEATED)
    assert list(again.values_list("attempt", "test")) == [(1, None)] * 3
    for one in again:
        assert Slot.objects.get(unit=one.unit_id).counted == 1


def test_a_second_reading_is_work_done_but_moves_neither_mix_nor_trust(work: Work) -> None:
    list(work.pages(3))
    work.an_hour_later()
    work.send(work.page(), finding="pneumonia", signs=["one_place"])
    lena = Participation.objects.get(pk=work.lena.participation.pk)
    assert lena.judgments_made == 20
    assert decode(lena.given) == {"healthy": 15, "pneumonia": 4}
    assert lena.tally == "{}"


def test_no_row_comes_a_third_time(work: Work) -> None:
    second_readings(work)
    work.an_hour_later()
    list(work.pages(6))
    times = Judgment.objects.values_list("unit", "participation")
    assert max(Counter(times).values()) == 2


def test_another_contributor_s_rows_are_nobody_elses_repeats(work: Work) -> None:
    list(work.pages(3))
    work.an_hour_later()
    assert work.page(work.rafael).came_again == set()


def test_without_the_setting_nothing_is_asked_for_it() -> None:
    work = Work(repeat_share=0.0)
    list(work.pages(2))
    work.an_hour_later()
    with CaptureQueriesContext(
        connection,
    ) as off:
        work.page()
    assert not [one for one in off if "submitted_at from" in one["sql"]]


def test_queries_do_not_grow_with_what_was_judged() -> None:
    work = Work(judgments_per_unit=1, repeat_hours=1)
    found = []
    for pages in (2, 6):
        list(work.pages(pages))
        work.an_hour_later()
        with CaptureQueriesContext(connection) as captured:
            page = work.page()
        found.append(len(captured))
        assert page.came_again
        work.send(page)
    assert found[0] == found[1]


@pytest.mark.parametrize("what", ["held", "asked", "reported"])
def test_what_would_be_known_again_or_is_no_work_stays_away(work: Work, what: str) -> None:
    [page] = work.pages(1)
    lena = work.lena.participation
    for unit in page.unit_ids:
        if what == "held":
            Slot.objects.filter(unit=unit).delete()
        elif what == "asked":
            Remark.objects.create(unit_id=unit, participation=lena, text="?", created_at=work.at)
        else:
            Report.objects.create(
                unit_id=unit, participation=lena, reason="sideways", created_at=work.at
            )
    work.an_hour_later()
    page = work.page()
    assert (page.came_again, len(page.first_read)) == (set(), 5)


def test_a_page_that_runs_out_takes_the_chance_with_it_and_brings_it_when_late(work: Work) -> None:
    list(work.pages(1))
    work.an_hour_later()
    page = work.page()
    assert page.came_again
    assert counts(work.job) == (4, 5)
    work.an_hour_later()
    assert ask(work.rafael, work.at).page is not None
    assert Page.objects.get(pk=page.id).state == "expired"
    work.send(page)
    assert Judgment.objects.filter(REPEATED).count() == 1
    assert {one.counted for one in Slot.objects.filter(unit__in=page.unit_ids)} == {1}


def test_a_late_page_brings_no_answer_to_a_row_that_is_work_no_more(work: Work) -> None:
    """It was held, or erased, after the page had run out."""
    list(work.pages(1))
    work.an_hour_later()
    page = work.page()
    [again] = page.came_again
    work.an_hour_later()
    assert ask(work.rafael, work.at).page is not None
    with write():
        forget_rows(work.job, [Unit.objects.get(pk=again)], at=work.at)
    work.send(page)
    assert Judgment.objects.filter(page=page.id).count() == 4
    assert list(Judgment.objects.filter(unit=again).values_list("answers", flat=True)) == [{}]


def test_removal_counts_first_readings_out_and_restoring_them_in(work: Work) -> None:
    second_readings(work)
    lena = Participation.objects.get(pk=work.lena.participation.pk)
    contributors.remove(lena, actor=None, at=instant(work.at))
    assert counts(work.job) == (0, 0)
    contributors.restore(Participation.objects.get(pk=lena.pk), actor=None, at=instant(work.at))
    assert counts(work.job) == (0, 27)


def test_dynamic_judgments_hear_the_first_reading_alone() -> None:
    """Healthy, then pneumonia by the same contributor: one vote, so one more is asked for."""
    matching = {"stopping_rule": "matching", "stopping_matches": 2}
    work = Work(judgments_per_unit=1, maximum_judgments_per_unit=3, **matching)
    list(work.pages(1))
    work.an_hour_later()
    page = work.page()
    [again] = page.came_again
    before = Slot.objects.filter(unit=again).values_list("counted", "wanted").get()
    work.send(page, finding="pneumonia", signs=["one_place"])
    assert Slot.objects.filter(unit=again).values_list("counted", "wanted").get() == before


def test_repeats_keep_no_job_open_and_never_make_a_page_alone() -> None:
    work = Work(judgments_per_unit=1)
    list(work.pages(12))
    work.an_hour_later()
    assert ask(work.lena, work.at).page is None
    work.job.refresh_from_db()
    assert work.job.state == JobState.FINISHED
    waiting = Work(judgments_per_unit=2)
    list(waiting.pages(12))
    waiting.an_hour_later()
    assert ask(waiting.lena, waiting.at).page is None


def test_an_erased_row_loses_both_readings(work: Work) -> None:
    second_readings(work)
    unit = Judgment.objects.filter(REPEATED).order_by("pk")[0].unit
    with write():
        forget_rows(work.job, [unit], at=work.at)
    found = Judgment.objects.filter(unit=unit)
    assert list(found.values_list("answers", flat=True)) == [{}, {}]


def test_a_row_held_while_it_is_out_again_is_dropped_from_the_page(work: Work) -> None:
    list(work.pages(1))
    work.an_hour_later()
    page = work.page()
    [again] = page.came_again
    place = page.unit_ids.index(again)
    stored = Page.objects.get(pk=page.id)
    report(stored, place, Reason.NAME_VISIBLE, "", at=work.at)
    assert place in Page.objects.get(pk=page.id).dropped
    unit = Unit.objects.get(pk=again)
    decide(unit, release=True, actor=None, at=instant(work.at))
    assert Slot.objects.get(unit=unit).counted == 1


def test_every_row_has_the_same_chance() -> None:
    """Two of nine with probability .8, else one: 20 % of them."""
    rng, drawn = Random(4), Counter[int]()
    for _ in range(4000):
        drawn.update(to_repeat(rng, range(9), 0.2, 8))
    assert set(drawn) == set(range(9))
    assert all(abs(count / 4000 - 0.2) < 0.03 for count in drawn.values())


def test_places_bound_how_many_come_again() -> None:
    assert len(to_repeat(Random(1), range(40), 0.2, 3)) == 3
    assert to_repeat(Random(1), [], 0.2, 3) == []


def answered_twice(work: Work) -> list[int]:
    """Healthy on all first readings; then healthy, pneumonia, unsure, and "can't be judged"."""
    list(work.pages(4))
    work.an_hour_later()
    second: list[dict[str, Any]] = [
        {"finding": "healthy"},
        {"finding": "pneumonia", "signs": ["one_place"]},
        {"finding": "unsure", "how_likely": 3},
        {},
    ]
    rows = []
    for answers in second:
        page = work.page()
        [again] = page.came_again
        rows.append(again)
        given = [
            Given(place, answers if unit == again else {"finding": "healthy"}, cannot)
            for place, unit in page.by_place.items()
            for cannot in [unit == again and not answers]
        ]
        give(work.lena, page, given, at=work.at)
    return rows


def test_agreement_counts_unsure_and_leaves_out_what_has_no_answer(work: Work) -> None:
    answered_twice(work)
    lena = work.lena.participation.pk
    found = reread(work.job, [lena, work.rafael.participation.pk])
    assert found.unanswered == {lena: 1}
    own = within(found.again.by_worker()[lena])
    assert (own.repeats, own.percent.estimate) == (3, pytest.approx(1 / 3))
    seen = profile(work.job, lena)
    assert seen is not None
    assert (seen.with_themselves, seen.unanswered) == (own, 1)


def test_agreement_leaves_out_what_was_erased(work: Work) -> None:
    first = answered_twice(work)[0]
    Unit.objects.filter(pk=first).update(state="erased")
    assert len(reread(work.job, [work.lena.participation.pk]).again) == 2


def test_agreement_costs_as_many_queries_for_many(work: Work) -> None:
    answered_twice(work)
    with CaptureQueriesContext(connection) as few:
        reread(work.job, [work.lena.participation.pk])
    work.an_hour_later()
    list(work.pages(3))
    with CaptureQueriesContext(connection) as more:
        reread(work.job, [one.participation.pk for one in work.people])
    assert len(more) == len(few)


def test_labels_rest_on_first_readings_alone(work: Work) -> None:
    """A second answer is in no consensus, no confidence, no fit and no agreement among readers."""
    rows = answered_twice(work)
    for one in results(work.job).units:
        if one.judged.unit.pk in rows:
            assert [judgment.attempt for judgment in one.counted] == [0]
    for verdict in verdicts(work.job, design_of(work.job)):
        assert verdict.answer in ("", "healthy")
        assert verdict.judgments <= 1
    assert len(readings(work.job).rows) == 20 + 16
    fit = refit(work.job, at=NOON)
    assert fit is not None
    assert fit.figures["with_themselves"]["repeats"] == 3


def test_the_full_report_says_which_reading_it_is(work: Work) -> None:
    rows = answered_twice(work)
    out = io.StringIO()
    full_report(work.job, out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))
    again = {int(one["_unit_id"]): one["finding"] for one in lines if one["_reading"] == "again"}
    assert again == dict(zip(rows, ("healthy", "pneumonia", "unsure", ""), strict=True))
    assert Counter(one["_reading"] for one in lines) == {"first": 36, "again": 4}
    aggregated = io.StringIO()
    aggregated_report(work.job, aggregated)
    for one in csv.DictReader(io.StringIO(aggregated.getvalue())):
        assert one["_trusted_judgments"] in ("0", "1")


def test_a_report_without_rows_that_came_again_is_as_it_was() -> None:
    work = Work(repeat_share=0.0)
    list(work.pages(1))
    out = io.StringIO()
    full_report(work.job, out)
    assert "_reading" not in out.getvalue().splitlines()[0]
