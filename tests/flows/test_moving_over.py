"""A job moves over from the reference platform: nothing lost, nothing twice, and it goes on."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from overread.core.design import Choice, Condition, Derived, Rule, SeveralChoices
from overread.core.judging import Outcome as Offered
from overread.core.problems import Refused
from overread.core.states import JobState, ParticipationState
from overread.flows import appen_reports
from overread.flows.contributors import remove
from overread.flows.design import create_job
from overread.flows.intake import Outcome, go_on, let_go_on, moving, start_intake, take_in
from overread.flows.judging.answers import Given
from overread.flows.judging.launching import launch
from overread.flows.judging.rescoring import rescore
from overread.flows.people import invite, participation_of
from overread.flows.privacy.blacking_out import names_nobody
from overread.flows.redesign import import_cml, revise_design
from overread.flows.test_questions import remove_test_question, revise_test_question, set_enabled
from overread.formats.appen_reading import Reported
from overread.store.models import (
    ImportedJudgment,
    Job,
    Judgment,
    Page,
    Participation,
    TestQuestion,
    Unit,
    User,
)
from overread.store.queries.aggregation import contributors
from overread.store.queries.design import design_of
from overread.store.queries.monitor import status_of
from tests.appen import (
    CML,
    FULL_HEADER,
    SOURCE,
    TESTS,
    Said,
    There,
    a_job,
    aggregated_report,
    full_report,
    lines_of,
    saved,
    written,
)
from tests.conftest import NOON, now, write_images
from tests.imaging.test_text import film, png
from tests.imaging.test_text import written as written_on
from tests.judging import ask, give, page_of, send, units_of
from tests.shared_data import shared_data

pytestmark = pytest.mark.django_db
Take = Callable[..., Outcome]


@pytest.fixture
def draft(team: Any) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", 20)


@pytest.fixture
def cml(tmp_path: Path) -> Path:
    return saved(tmp_path / "job.cml", CML)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    return saved(tmp_path / "f1563702.csv", full_report(a_job()))


@pytest.fixture
def take(draft: Job) -> Take:
    def take(*sources: Path) -> Outcome:
        return take_in(
            start_intake(draft, actor=None, at=NOON), sources, progress=lambda done, total: None
        )

    return take


@pytest.fixture
def moved(draft: Job, take: Take, full: Path, cml: Path, images: Path) -> Job:
    """A job half finished elsewhere."""
    outcome = take(full, cml, images)
    assert outcome.refused is None, outcome.refused
    draft.refresh_from_db()
    return draft


def full_of(job: Job) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    appen_reports.full_report(job, out)
    return lines_of(out.getvalue())


def aggregated_of(job: Job) -> dict[str, dict[str, str]]:
    out = io.StringIO(newline="")
    appen_reports.aggregated_report(job, out)
    return {line["_unit_id"]: line for line in lines_of(out.getvalue())}


def stored() -> tuple[int, ...]:
    kinds = (Unit, TestQuestion, Judgment, Page, Participation, User)
    return tuple(kind.objects.count() for kind in kinds)


def answer(place: int, unit: Unit) -> Given:
    return Given(place, {"pneumonia_present": unit.given.get("pneumonia_present", "no")})


def by_key(job: Job, key: str) -> Participation:
    return job.participations.get(imported__key=key)


def told(outcome: Outcome, *, notes: bool = False) -> list[tuple[int | None, str | None, str]]:
    return [
        (one.row, one.column, str(one.problem)) for one in outcome.problems if one.is_note == notes
    ]


def test_units_test_questions_contributors_and_judgments_come_over(moved: Job) -> None:
    judged = {one.unit.key for one in a_job()}
    assert moved.units.count() == len(judged)
    assert Judgment.objects.filter(unit__job=moved).count() == len(a_job())
    assert moved.participations.count() == 5
    accepted = TestQuestion.objects.filter(unit__job=moved).values_list(
        "unit__imported__key", "current__accepted"
    )
    assert {key: one["pneumonia_present"] for key, one in accepted} == {
        str(test.key): [test.gold] for test in TESTS if test.key in judged
    }
    first = moved.units.get(imported__key="1001")
    assert first.data == {"hosted_image": SOURCE[1].data["hosted_image"], "ward": "paediatrics"}
    assert (moved.image_column, first.state) == ("hosted_image", "new")


def test_a_source_row_that_was_copied_for_a_test_question_is_held(moved: Job) -> None:
    held = moved.units.get(state="held")
    assert held.imported.key == "1000"
    copy = moved.units.get(imported__key="2000")
    assert held.held["problem"]["values"] == {"row": copy.number}
    assert held.judgments.count() == 4


def test_pages_are_what_was_sent_together(moved: Job) -> None:
    pages = by_key(moved, "501").pages.order_by("created_at")
    assert [(one.mode, len(one.places), one.counted) for one in pages] == [
        ("quiz", 5, False),
        ("work", 7, True),
    ]
    [first, _] = pages
    assert (first.submitted_at - first.created_at) == 120_000
    assert set(first.judgments.values_list("milliseconds", flat=True)) == {24_000}


def test_trust_is_the_platforms_figure_beside_ours(moved: Job) -> None:
    by = {one.imported.key: one for one in contributors(moved).values() if one.imported}
    assert {key: (one.trust, one.imported.own) for key, one in by.items() if one.imported} == {
        "501": (1.0, 1.0),
        "502": (1.0, 1.0),
        "503": (0.8333, 0.8333),
        "504": (0.0, 0.0),
        "505": (0.6, 1.0),
    }


def test_whom_the_platform_did_not_trust_is_not_counted(moved: Job) -> None:
    states = {one.imported.key: (one.state, one.removed_for) for one in moved.participations.all()}
    assert states["504"] == (ParticipationState.FAILED_QUIZ, "")
    assert states["505"] == (ParticipationState.REMOVED, "owner")  # right on every test question
    assert not by_key(moved, "505").pages.filter(counted=True).exists()


def test_who_came_over_can_t_sign_in(moved: Job) -> None:
    users = User.objects.filter(participations__job=moved)
    assert not users.filter(is_active=True).exists()
    assert not any(one.has_usable_password() for one in users)
    assert set(users.values_list("name", flat=True)) == {f"imported-00{n}" for n in range(1, 6)}
    assert participation_of("501", NOON) is None


def test_the_full_report_comes_out_as_it_went_in(moved: Job, full: Path) -> None:
    there = {line["_id"]: line for line in lines_of(full.read_text())}
    here = {line["_id"]: line for line in full_of(moved)}
    assert here == there
    assert tuple(next(iter(here.values()))) == FULL_HEADER


def test_the_aggregated_report_says_what_the_judgments_add_up_to(moved: Job) -> None:
    rows = aggregated_of(moved)
    assert {key: row["_unit_state"] for key, row in rows.items()} == {
        "1000": "held",
        **{f"100{n}": "finalized" for n in (1, 2, 3)},
        **{f"100{n}": "in progress" for n in (4, 5)},
        **{f"200{n}": "golden" for n in range(6)},
    }
    assert rows["1001"]["_trusted_judgments"] == "3"
    assert rows["1001"]["pneumonia_present:confidence"] == "1"


def test_the_same_report_once_more_changes_nothing(moved: Job, take: Take, full: Path) -> None:
    before, reports = stored(), (full_of(moved), aggregated_of(moved))
    outcome = take(full)
    assert (outcome.refused, outcome.rows, outcome.left_out) == (None, 0, 0)
    assert stored() == before
    assert (full_of(moved), aggregated_of(moved)) == reports


def test_a_later_report_of_the_same_job_brings_what_is_new(
    moved: Job, take: Take, tmp_path: Path
) -> None:
    more = [*a_job(), Said(SOURCE[6], "506", "no"), Said(SOURCE[5], "506", "no")]
    take(saved(tmp_path / "later.csv", full_report(more)))
    assert Judgment.objects.filter(unit__job=moved).count() == len(more)
    assert moved.units.filter(imported__key="1006").exists()
    assert by_key(moved, "506").pages.get().mode == "work"
    assert by_key(moved, "501").judgments_made == 12


def test_who_is_tainted_later_is_not_counted_from_then_on(
    moved: Job, take: Take, tmp_path: Path
) -> None:
    later = [Said(SOURCE[6], "501", "no", page=2, trust="0.5", tainted=True)]
    said = full_report([*a_job(), *later])
    take(saved(tmp_path / "later.csv", said))
    who = by_key(moved, "501")
    assert (who.state, who.imported.trust) == (ParticipationState.REMOVED, 0.5)
    assert aggregated_of(moved)["1001"]["_trusted_judgments"] == "2"
    assert aggregated_of(moved)["1001"]["_unit_state"] == "in progress"


def test_a_later_row_with_the_image_of_a_test_question_is_held_with_its_judgments(
    moved: Job, take: Take, images: Path, tmp_path: Path
) -> None:
    same, other = There(1_900, 0), There(1_901, 1)  # as a test question, as a row
    said = [*a_job(), Said(same, "501", "no", page=2), Said(other, "501", "no", page=2)]
    take(saved(tmp_path / "later.csv", full_report(said)), images)
    held = {one.imported.key: one for one in moved.units.filter(state="held")}
    assert held.keys() == {"1000", "1900", "1901"}
    for key, first in (("1900", "2000"), ("1901", "1001")):
        row = moved.units.get(imported__key=first).number
        assert held[key].held["problem"]["values"] == {"row": row}
        assert held[key].judgments.count() == 1


def test_what_was_broken_off_goes_on_and_is_the_same(
    moved: Job, take: Take, draft: Job, full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = full_of(moved), aggregated_of(moved), stored()
    take(saved(tmp_path / "rows.csv", "image\nscan-1.png\n"))
    kept, left = moving._kept, iter(range(20))

    def breaks(one: Reported, judgment: Judgment) -> ImportedJudgment:
        if next(left, None) is None:
            raise OSError("The disk is full.")
        return kept(one, judgment)

    monkeypatch.setattr(moving, "AT_ONCE", 7)
    monkeypatch.setattr(moving, "_kept", breaks)
    intake = start_intake(draft, actor=None, at=NOON)
    with pytest.raises(OSError, match="full"):
        take_in(intake, [full, tmp_path / "images"])
    assert 0 < Judgment.objects.count() < len(a_job())
    monkeypatch.setattr(moving, "_kept", kept)
    assert let_go_on(intake, actor=None, at=NOON)
    assert go_on(intake).refused is None
    assert (full_of(draft), aggregated_of(draft), stored()) == whole


def test_a_half_finished_job_is_launched_and_goes_on(moved: Job) -> None:
    job = launch(moved, actor=None, at=NOON, rng=Random(1))
    slots = {slot.unit.imported.key: slot for slot in job.slots.select_related("unit__imported")}
    assert {key: (one.counted, one.wanted, one.open) for key, one in slots.items()} == {
        **{f"100{n}": (3, 3, False) for n in (1, 2, 3)},
        **{f"100{n}": (1, 3, True) for n in (4, 5)},
    }
    figures = status_of(job)
    assert (figures["finalized"], figures["counted"], figures["needed"]) == (3, 11, 15)


def test_a_new_contributor_gets_what_is_left_and_finishes_it(moved: Job) -> None:
    moved.units_per_page, moved.quiz_length = 3, 3
    moved.test_questions_per_page = 1
    moved.save()
    job = launch(moved, actor=None, at=NOON, rng=Random(1))
    for invited in invite(job, count=2, actor=None, at=now()):
        for _ in range(2):  # the quiz, and what was left
            page = page_of(invited)
            give(invited, page, [answer(place, unit) for place, unit in units_of(page).items()])
        assert ask(invited).outcome in (Offered.NOTHING_LEFT, Offered.FINISHED)
    job.refresh_from_db()
    assert job.state == JobState.FINISHED
    assert aggregated_of(job)["1005"]["_trusted_judgments"] == "3"


def test_a_finished_job_is_finished_here_too(
    draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    said = [one for one in a_job() if one.unit not in SOURCE[4:]]
    take(saved(tmp_path / "f.csv", full_report(said)), cml, images)
    draft.refresh_from_db()
    job = launch(draft, actor=None, at=NOON, rng=Random(1))
    assert job.state == JobState.FINISHED
    assert (job.finished_at, job.slots.filter(open=True).count()) == (NOON, 0)


def test_removing_a_contributor_from_there_opens_what_they_judged(moved: Job) -> None:
    job = launch(moved, actor=None, at=NOON, rng=Random(1))
    remove(by_key(job, "501"), actor=None, at=NOON)
    assert job.slots.get(unit__imported__key="1001").counted == 2
    assert job.slots.get(unit__imported__key="1001").open


def test_a_test_question_in_doubt_is_corrected_and_our_own_score_stands(moved: Job) -> None:
    test = TestQuestion.objects.get(unit__imported__key="2001")
    both = {"pneumonia_present": ["yes", "no"]}
    revise_test_question(test, accepted=both, reasons={}, actor=None, at=now())
    rescore(TestQuestion.objects.get(pk=test.pk), actor=None, at=now())
    who = contributors(moved)[by_key(moved, "503").pk]
    assert (who.trust, who.imported.trust if who.imported else None) == (1.0, 0.8333)
    assert {line["_trust"] for line in full_of(moved) if line["_worker_id"] == "503"} == {"1"}


def test_a_test_question_switched_off_there_stays_off_and_is_no_work(
    draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    said = [*a_job(), Said(TESTS[8], "501", "no", page=2)]
    take(saved(tmp_path / "f.csv", full_report(said)), cml, images)
    test = TestQuestion.objects.get(unit__imported__key="2008")
    assert (test.state, test.current and test.current.accepted) == (
        "disabled", {"pneumonia_present": ["unknown"]},
    )  # fmt: skip
    launch(draft, actor=None, at=NOON, rng=Random(1))
    assert not hasattr(test.unit, "slot")
    row = aggregated_of(draft)["2008"]
    assert (row["_unit_state"], row["_golden"]) == ("golden", "false")
    assert row["pneumonia_present_gold"] == "unknown"


def test_images_may_come_later(draft: Job, take: Take, full: Path, cml: Path, images: Path) -> None:
    take(full, cml)
    assert draft.units.filter(state="held").count() == draft.units.count()
    tests = TestQuestion.objects.filter(unit__job=draft)
    assert set(tests.values_list("state", flat=True)) == {"on hold"}
    take(images)
    assert set(tests.values_list("state", flat=True)) == {"enabled"}
    assert aggregated_of(draft)["1001"]["_unit_state"] == "finalized"
    assert launch(draft, actor=None, at=NOON, rng=Random(1)).slots.count() == 5


def test_a_test_question_with_text_on_its_image_waits_until_it_is_blacked_out(
    draft: Job, take: Take, full: Path, cml: Path, images: Path
) -> None:
    text = written_on(film(), "DOE ANNA 4711", at=(40, 160), size=24, ink=255)
    (images / f"scan-{TESTS[0].image}.png").write_bytes(png(text))
    take(full, cml, images)
    test = TestQuestion.objects.get(unit__imported__key=str(TESTS[0].key))
    assert (test.state, test.unit.state) == ("on hold", "held")
    with pytest.raises(Refused, match="name may be visible"):
        set_enabled(test, True, actor=None, at=NOON)
    names_nobody(test.unit.images.get(), actor=None, at=NOON)
    test = TestQuestion.objects.get(pk=test.pk)
    assert (test.state, test.on_hold_for, test.unit.state) == ("enabled", "", "new")


def test_a_source_report_gives_the_rows_that_nobody_judged(
    moved: Job, take: Take, images: Path, tmp_path: Path
) -> None:
    header = ("_unit_id", "_golden", "hosted_image", "ward")
    rows = [{"_unit_id": str(one.key), "_golden": "false", **one.data} for one in SOURCE]
    outcome = take(saved(tmp_path / "source.csv", written(header, rows)), images)
    assert (outcome.refused, outcome.rows, outcome.replaced) == (None, 2, 0)
    assert moved.units.filter(imported__key__in=["1006", "1007"], state="new").count() == 2
    assert Judgment.objects.filter(unit__job=moved).count() == len(a_job())


def test_an_aggregated_report_is_compared_with_what_came_over(
    moved: Job, take: Take, tmp_path: Path
) -> None:
    report = aggregated_report(
        [
            (SOURCE[1], "finalized", 3, "no", "1"),
            (SOURCE[2], "finalized", 3, "no", "0.61"),
            (SOURCE[3], "finalized", 4, "no", "1"),
            (SOURCE[7], "new", 0, "", ""),
        ]
    )
    outcome = take(saved(tmp_path / "a1563702.csv", report))
    assert told(outcome, notes=True)[-2:] == [
        (2, "pneumonia_present", "Appen says “no” with 0.61; here it is “yes” with 1."),
        (3, None, "Appen counts 4 trusted judgments, 3 came over."),
    ]
    assert moved.units.get(imported__key="1002").imported.figures["results"] == {
        "pneumonia_present": ["no", "0.61"]
    }


def test_reports_come_zipped_as_they_are_handed_out(
    draft: Job, take: Take, cml: Path, full: Path, images: Path, tmp_path: Path
) -> None:
    aggregated = aggregated_report([(SOURCE[7], "new", 0, "", "")])
    paths = []
    for name, text in (("f1.csv", full.read_text()), ("a1.csv", aggregated)):
        paths.append(tmp_path / f"{name}.zip")
        with zipfile.ZipFile(paths[-1], "w") as packed:
            packed.writestr(name, text)
    outcome = take(*paths, cml, images)
    assert outcome.refused is None
    assert Judgment.objects.filter(unit__job=draft).count() == len(a_job())
    assert draft.units.filter(imported__key="1007", state="new").exists()


def test_with_the_cml_the_job_asks_what_was_asked(moved: Job) -> None:
    assert [one.name for one in design_of(moved).questions] == ["pneumonia_present", "signs"]


def test_without_the_questions_that_were_asked_nothing_comes_over(
    draft: Job, take: Take, full: Path, images: Path
) -> None:
    outcome = take(full, images)
    assert "no answers to" in str(outcome.refused)
    assert not draft.units.exists()


def test_a_wrong_form_changes_neither_questions_nor_rows(
    draft: Job, take: Take, full: Path, images: Path, tmp_path: Path
) -> None:
    before = draft.designs.count()
    outcome = take(full, images, saved(tmp_path / "job.cml", "<cml:radios name='a'>"))
    assert outcome.refused is not None
    assert (draft.units.count(), draft.designs.count()) == (0, before)


SAME = "as above"
BROKEN = {
    "_worker_id": ("", "nobody knows whose judgment"),
    "_id": (SAME, "is there already"),
    "_created_at": ("yesterday", "“yesterday” is no time"),
    "_started_at": ("8/15/2019 09:00:00", "ends before it starts"),
    "_trust": ("1.2", "no number from 0 to 1"),
    "_tainted": ("perhaps", "neither true nor false"),
    "_unit_id": ("", "nobody knows"),
    "pneumonia_present": ("maybe", "does not take “maybe” for an answer"),
    "signs": ("opaque\nbroken", "does not take “broken” for an answer"),
}


@pytest.mark.parametrize("column", BROKEN)
def test_a_broken_judgment_is_left_out_and_the_others_come_over(
    column: str, draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    cell, words = BROKEN[column]
    lines = lines_of(full_report([*a_job()]))
    lines[5][column] = lines[4][column] if cell == SAME else cell
    report = saved(tmp_path / "f.csv", written(FULL_HEADER, lines))
    outcome = take(report, cml, images)
    [(row, _, said)] = told(outcome)
    assert (row, outcome.left_out) == (6, 1)
    assert words in said
    assert Judgment.objects.filter(unit__job=draft).count() == len(a_job()) - 1


def test_a_contributor_who_judged_a_row_twice_counts_once(
    draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    said = [*a_job(), Said(SOURCE[1], "501", "yes", page=2)]
    outcome = take(saved(tmp_path / "f.csv", full_report(said)), cml, images)
    assert [words for _, _, words in told(outcome)] == [
        "This contributor has judged this row already, further up."
    ]


def test_a_test_question_seen_twice_is_told_apart_by_attempts(
    draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    said = [*a_job(), Said(TESTS[1], "501", "no", page=2)]
    assert take(saved(tmp_path / "f.csv", full_report(said)), cml, images).left_out == 0
    seen = Judgment.objects.filter(unit__imported__key="2001", participation__imported__key="501")
    assert sorted(seen.values_list("attempt", flat=True)) == [0, 1]


def test_where_contributors_sat_is_dropped_and_said(
    draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    lines = lines_of(full_report(a_job()))
    for line in lines:
        line["_city"], line["_ip"], line["_region"] = "London", "192.0.2.7", "England"
    outcome = take(saved(tmp_path / "f.csv", written(FULL_HEADER, lines)), cml, images)
    assert (None, "_region, _city, _ip", "This says where contributors sat.") in told(
        outcome, notes=True
    )
    out = io.StringIO(newline="")
    appen_reports.full_report(draft, out)
    assert "London" not in out.getvalue()
    assert "192.0.2.7" not in out.getvalue()


def test_columns_that_nobody_asks_about_are_named(
    draft: Job, take: Take, cml: Path, images: Path, tmp_path: Path
) -> None:
    lines = [line | {"likely": "3", "likely_gold": ""} for line in lines_of(full_report(a_job()))]
    header = [*FULL_HEADER, "likely", "likely_gold"]
    outcome = take(saved(tmp_path / "f.csv", written(header, lines)), cml, images)
    assert ("likely", "The job does not ask this question, so its answers are not kept.") in [
        (column, words) for _, column, words in told(outcome, notes=True)
    ]


def test_another_table_takes_the_place_of_all_that_came_over(
    moved: Job, take: Take, images: Path, tmp_path: Path
) -> None:
    table = saved(tmp_path / "rows.csv", "image\nscan-1.png\n")
    assert take(table, images).refused is None
    assert (moved.units.count(), Judgment.objects.count(), Participation.objects.count()) == (
        1,
        0,
        0,
    )
    assert not User.objects.filter(is_active=False).exists()


def test_the_questions_that_have_answers_keep_them(moved: Job) -> None:
    other = CML.replace('value="unknown"', 'value="unsure"')
    with pytest.raises(Refused, match="has answers"):
        import_cml(moved, other, actor=None, at=NOON)


def test_a_test_question_that_was_answered_is_not_given_back_to_work(moved: Job) -> None:
    test = TestQuestion.objects.get(unit__imported__key="2001")
    with pytest.raises(Refused, match="have answered"):
        remove_test_question(test, actor=None, at=NOON)


def test_a_job_of_ours_moves_over_as_well(
    running_job: Job, take: Take, draft: Job, tmp_path: Path
) -> None:
    [lena] = invite(running_job, count=1, actor=None, at=now())
    for _ in range(2):
        send(lena, page_of(lena))
    out = io.StringIO(newline="")
    appen_reports.full_report(running_job, out)
    images = tmp_path / f"images-{running_job.pk}"
    assert take(saved(tmp_path / "full.csv", out.getvalue()), images).refused is None
    there = {line["_id"]: line for line in lines_of(out.getvalue())}
    assert {line["_id"]: line for line in full_of(draft)} == there
    assert len(there) == 10


@pytest.mark.parametrize(
    "name", ["person-video-binary-choice.csv", "person-video-ternary-choice.csv"]
)
def test_real_reports_come_out_as_they_went_in(
    name: str, draft: Job, take: Take, tmp_path: Path
) -> None:
    path = shared_data("appen_reports", name)
    cml = CML.replace("pneumonia_present", "selected_answer").replace('value="no"', 'value="No"')
    cml = cml.replace('value="unknown"', 'value="not_applicable"')
    assert take(path, saved(tmp_path / "job.cml", cml)).refused is None
    here = {line["_id"]: line for line in full_of(draft)}
    for there in lines_of(path.read_text()):
        there = {**there, "_trust": f"{float(there['_trust']):g}"}
        unasked = {"hiddeninput", "keyframeid"}
        assert there.items() - here[there["_id"]].items() == {
            (column, there[column]) for column in unasked
        }


def test_a_report_without_images_comes_over_and_is_held(
    draft: Job, take: Take, tmp_path: Path
) -> None:
    path = shared_data("appen_reports", "relex-multiple-choice.csv")
    found = {one for line in lines_of(path.read_text()) for one in line["relations"].split("\n")}
    said = tuple(Choice(one, one) for one in sorted(found))
    kinds = (Choice("some", "Some relation"), Choice("none", "No relation"))
    none = Condition("relations", ("NONE",))
    rules = (Rule("none", none), Rule("some"))
    nodes = (
        SeveralChoices(name="relations", label="Which relations are there?", choices=said),
        Derived(name="kind", label="Any?", choices=kinds, rules=rules, tested=True),
    )
    design = msgspec.structs.replace(design_of(draft), nodes=nodes)
    revise_design(draft, design, actor=None, at=NOON)
    outcome = take(path)
    assert (outcome.refused, outcome.rows, outcome.held) == (None, 10, 10)
    assert len(full_of(draft)) == 150


def test_more_judgments_cost_no_more_questions_to_the_store(
    moved: Job, take: Take, tmp_path: Path
) -> None:
    def asked(said: list[Said], name: str) -> int:
        report = saved(tmp_path / name, full_report([*a_job(), *said]))
        with CaptureQueriesContext(connection) as queries:
            assert take(report).refused is None
        return len(queries)

    def pages(worker: str, rows: int) -> list[Said]:
        return [Said(There(3_000 + n, 19), worker, "no", page=n % 5) for n in range(rows)]

    few = asked(pages("601", 5), "few.csv")
    assert asked(pages("601", 5) + pages("602", 40), "more.csv") <= few
