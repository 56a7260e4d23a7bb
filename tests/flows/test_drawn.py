"""What readers draw in a job becomes one drawing: on screen, in reports, in the data set."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from overread.core.aggregation.marks import Fusing
from overread.core.removal import RemovalRule
from overread.flows.aggregating_marks import aggregate_marks
from overread.flows.aggregation import results, settle
from overread.flows.appen_reports import aggregated_report, full_report
from overread.flows.background import refit_jobs
from overread.flows.design import create_job
from overread.flows.export import dataset_file
from overread.flows.intake import start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.judging.pages import next_page
from overread.flows.judging.submission import Given, submit
from overread.flows.people import invite
from overread.formats.judged_marks import marks_table
from overread.formats.judgment_files import read_judgments
from overread.store.models import Consensus, Job, ModelFit, Team, Unit, User
from overread.store.queries.design import design_of
from overread.store.queries.drawn import drawn
from overread.store.queries.fits import explanation, out_of_date
from tests.conftest import NOON, now, write_images, write_table

pytestmark = pytest.mark.django_db
QUESTION = "opacities"
Point = list[float]


def box(left: float, top: float, right: float, bottom: float) -> dict[str, Any]:
    return {"kind": "box", "points": [[left, top], [right, bottom]], "label": ""}


HERE, NEARBY, ELSEWHERE = box(4, 4, 12, 12), box(6, 4, 14, 12), box(16, 10, 22, 16)


@pytest.fixture
def boxes_job(team: Team, tmp_path: Path) -> Job:
    """Six rows of 24 by 18 pixels, launched without test questions."""
    job = create_job(
        team, template="healthy-or-pneumonia-with-boxes", title="", actor=None, at=NOON
    )
    job.removal_rule = RemovalRule.ACCURACY
    job.save(update_fields=["removal_rule"])
    table, images = write_table(tmp_path / "table.csv", 6, 0), write_images(tmp_path / "images", 6)
    take_in(start_intake(job, actor=None, at=NOON), [table, images], progress=lambda *_: None)
    job.refresh_from_db()
    return launch(job, actor=None, at=NOON, rng=Random(1))


@pytest.fixture
def drawn_job(boxes_job: Job) -> Job:
    """Two of three draw nearly the same box, one of them another too; the third sees nothing."""
    for marks in ([HERE, ELSEWHERE], [NEARBY], []):
        read(boxes_job, marks)
    return boxes_job


def read(job: Job, marks: list[dict[str, Any]]) -> None:
    """Somebody new judges every row alike."""
    reader = invite(job, count=1, actor=None, at=now())[0].participation
    answers: dict[str, Any] = {"finding": "healthy"}
    if marks:
        answers = {"finding": "pneumonia", "signs": ["one_place"], QUESTION: marks}
    while True:
        at = int(now().timestamp() * 1000)
        offer = next_page(reader.pk, at=at, rng=Random(1))
        if offer.page is None:
            return
        given = [Given(place, dict(answers)) for place in offer.page.by_place]
        submit(reader.pk, offer.page.id, given, at=at, rng=Random(1))


def a_unit(job: Job) -> Unit:
    return job.units.get(number=1)


def test_a_units_drawing_follows_its_judgments_at_once(drawn_job: Job) -> None:
    found = drawn(drawn_job, design_of(drawn_job))[QUESTION][a_unit(drawn_job).pk]
    assert found.readers == 3
    first, second = found.image.findings
    assert first.mark.points == ((5, 4), (13, 12))
    assert (len(first.drawn_by), first.stands) == (2, True)
    assert (len(second.drawn_by), second.stands) == (1, False)


def test_trust_weighs_what_was_drawn(drawn_job: Job) -> None:
    first = drawn_job.participations.order_by("pk").first()
    assert first is not None
    first.state = "removed"
    first.save()
    found = drawn(drawn_job, design_of(drawn_job))[QUESTION][a_unit(drawn_job).pk]
    assert [one.mark.points for one in found.image.standing] == [((6, 4), (14, 12))]
    assert found.readers == 2


def test_a_design_without_marks_asks_nothing_of_the_database(running_job: Job) -> None:
    design = design_of(running_job)
    with CaptureQueriesContext(connection) as seen:
        assert drawn(running_job, design) == {}
    assert len(seen) == 0


def test_the_refit_keeps_how_far_readers_marks_overlap(drawn_job: Job) -> None:
    refit_jobs()
    fit = ModelFit.objects.get(job=drawn_job)
    found = fit.figures["marks"][QUESTION]
    assert found["images"] == 6
    # Of three pairs one shares a box, 48 of 80 pixels, and has another that stands alone.
    assert found["agreement"]["overlap of marks"]["estimate"] == pytest.approx(0.1, abs=1e-4)
    assert found["labels"][""]["estimate"] == 1


def test_a_fit_of_an_earlier_version_comes_anew(drawn_job: Job, monkeypatch: Any) -> None:
    refit_jobs()
    assert out_of_date() == []
    monkeypatch.setattr("overread.store.queries.fits.FIT_VERSION", 99)
    assert out_of_date() == [drawn_job]


def test_a_snapshot_keeps_marks_with_method_version_and_inputs(drawn_job: Job) -> None:
    settle(drawn_job, results(drawn_job), at=NOON)
    kept = Consensus.objects.get(unit=a_unit(drawn_job), question=QUESTION)
    (mark,) = kept.marks
    assert mark["points"] == [[5, 4], [13, 12]]
    assert len(mark["drawn_by"]) == 2
    assert (kept.method, kept.version) == ("fusion", 1)
    assert len(kept.inputs["judgments"]) == len(kept.inputs["trust"]) == 3
    assert kept.confidence == pytest.approx(2 / 3)


def test_the_data_set_holds_marks_in_pixels_of_the_source(
    drawn_job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    signed_in(olga).post(f"/jobs/{drawn_job.pk}/results/dataset")
    version = drawn_job.datasets.get()
    with zipfile.ZipFile(dataset_file(version)) as packed:
        inside = f"job-{drawn_job.pk}-dataset-1"
        coco = json.loads(packed.read(f"{inside}/annotations.json"))
        files = {name.removeprefix(f"{inside}/") for name in packed.namelist()}
    assert {(one["width"], one["height"]) for one in coco["images"]} == {(24, 18)}
    assert {one["file_name"] for one in coco["images"]} <= files
    assert coco["categories"] == [{"id": 1, "name": QUESTION, "supercategory": QUESTION}]
    assert [one["bbox"] for one in coco["annotations"]] == [[5, 4, 8, 8]] * 6
    assert {(one["drawn_by"], one["readers"], one["area"]) for one in coco["annotations"]} == {
        (2, 3, 64)
    }


def test_the_report_has_one_drawing_beside_all_of_them(drawn_job: Job) -> None:
    out = io.StringIO()
    aggregated_report(drawn_job, out)
    row = next(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(row[QUESTION].splitlines()) == 2
    (mark,) = json.loads(row[f"{QUESTION}:consensus"])
    assert mark["coordinates"] == {"h": 8, "w": 8, "x": 5, "y": 4}
    assert (mark["drawn_by"], mark["readers"]) == (2, 3)


def test_the_command_reads_our_full_report(drawn_job: Job, tmp_path: Path) -> None:
    with (tmp_path / "full.csv").open("w", newline="") as out:
        full_report(drawn_job, out)
    read = read_judgments(tmp_path / "full.csv", label=QUESTION)
    assert read.is_drawn
    report = aggregate_marks(
        "full.csv", marks_table("full.csv", read), Fusing.FUSION, tmp_path / "out"
    )
    assert (report["sizes"]["judgments"], report["sizes"]["findings"]) == (18, 6)
    assert report["agreement"]["overlap of marks"]["estimate"] == pytest.approx(0.1, abs=1e-4)


def test_the_page_of_a_row_shows_every_readers_marks_and_what_stands(
    drawn_job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser, unit = signed_in(olga), a_unit(drawn_job)
    page = browser.get(f"/jobs/{drawn_job.pk}/results/{unit.pk}").content.decode()
    assert "drawn by 2 of 3" in page
    assert "drawn by 1 of 3" in page
    assert "does not stand" in page
    assert "from 5, 4 to 13, 12" in page
    shown = page.partition('<script id="drawn" type="application/json">')[2].partition("<")[0]
    layers = json.loads(shown)
    assert len(layers["readers"]) == 3
    assert layers["consensus"] == [
        {"kind": "box", "points": [[5, 4], [13, 12]], "label": ""},
    ]


def test_the_list_says_what_stands_with_as_many_queries_for_any_job(
    drawn_job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser, counts = signed_in(olga), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            page = browser.get(f"/jobs/{drawn_job.pk}/results").content.decode()
        counts.append(len(seen))
        assert page.count("box, drawn by") == 6
        drawn_job.judgments_per_unit = 4
        drawn_job.save()
        read(drawn_job, [HERE])
    assert counts[0] == counts[1]


def test_the_owner_sees_agreement_on_marks(
    drawn_job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    refit_jobs()
    page = signed_in(olga).get(f"/jobs/{drawn_job.pk}/results").content.decode()
    assert "Marks: Draw a box around each cloudy area" in page
    assert "overlap of two readers" in page


def test_who_says_that_an_image_can_not_be_judged_says_nothing_of_marks(drawn_job: Job) -> None:
    unit = a_unit(drawn_job)
    unit.judgments.filter(answers__finding="healthy").update(cannot_be_judged=True)
    found = explanation(drawn_job, unit).drawn
    assert [one.readers for _, one in found] == [2]
