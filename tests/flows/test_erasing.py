"""A patient is erased: nothing of them is stored, served or downloaded, and others stay whole."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from overread.core.problems import Message, Problem, Refused
from overread.core.reports import Reason
from overread.core.states import UnitState
from overread.flows import background
from overread.flows.appen_reports import aggregated_report, full_report
from overread.flows.copying import Copied, copy_job
from overread.flows.design import create_job
from overread.flows.export import dataset_file
from overread.flows.intake import start_intake, take_in, taking_in
from overread.flows.judging.launching import launch
from overread.flows.people import invite
from overread.flows.privacy import erasing
from overread.flows.privacy.erasing import begin_erasing, finish_erasing
from overread.flows.reports import report
from overread.flows.test_questions import make_test_questions, set_enabled
from overread.store import blobs
from overread.store.models import (
    AuditEntry,
    Blob,
    DatasetVersion,
    Erasure,
    Image,
    Job,
    Judgment,
    Page,
    PageDraft,
    Patient,
    Rendition,
    Slot,
    Study,
    Team,
    Unit,
    User,
)
from overread.store.queries.design import design_of, labelled_rows
from overread.store.queries.results import LabelState, verdicts
from tests.conftest import NOON, now, picture
from tests.flows.test_dicom_intake import child
from tests.judging import page_of, pass_quiz, send, units_of

pytestmark = pytest.mark.django_db
KEY = "ZQX-4711"


def taken_in(job: Job, *sources: Path) -> Job:
    take_in(start_intake(job, actor=None, at=NOON), sources, progress=lambda done, total: None)
    job.refresh_from_db()
    return job


@pytest.fixture
def make(team: Team, tmp_path: Path) -> Callable[..., Job]:
    """A job of rows whose first ones are the patient's, the others somebody else's each."""

    def made(name: str, *, of_patient: int = 2, rows: int = 20, seed: int = 0) -> Job:
        job = create_job(team, template="healthy-or-pneumonia", title=name, actor=None, at=NOON)
        folder = tmp_path / name
        folder.mkdir()
        lines = ["image,label,patient"]
        for row in range(rows):
            label = ("healthy", "pneumonia")[row % 2] if row < 10 else ""
            patient = KEY if row < of_patient else f"other-{row}"
            lines.append(f"{patient}-{row}.png,{label},{patient}")
            (folder / f"{patient}-{row}.png").write_bytes(picture(row, seed))
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
        return taken_in(job, tmp_path / f"{name}.csv", folder)

    return made


@pytest.fixture
def job(make: Callable[..., Job]) -> Job:
    return make("films")


def erased(team: Team, key: str = KEY) -> Erasure:
    return finish_erasing(begin_erasing(team, key, actor=None, at=NOON), at=NOON)


def everything_stored() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def files(home: Path) -> set[str]:
    found = (home / "blobs").rglob("*")
    return {path.parent.name + path.name for path in found if path.is_file()}


def blobs_stored() -> set[str]:
    return set(Blob.objects.values_list("sha256", flat=True))


def test_nothing_of_the_patient_is_left_and_others_stay_whole(
    team: Team, job: Job, home: Path
) -> None:
    others = job.units.filter(
        pk__in=list(job.units.filter(number__gt=2).values_list("pk", flat=True))
    )
    before = list(others.order_by("pk").values_list("pk", "data", "state", "images"))
    kept = set(Rendition.objects.filter(image__unit__in=others).values_list("handle", flat=True))
    assert KEY in everything_stored()
    found = erased(team)
    assert (found.rows, found.images, found.shared_images) == (2, 2, 0)
    assert KEY not in everything_stored()
    assert list(others.order_by("pk").values_list("pk", "data", "state", "images")) == before
    assert set(Rendition.objects.values_list("handle", flat=True)) == kept
    assert files(home) == blobs_stored()
    gone = job.units.filter(state=UnitState.ERASED)
    assert [set(unit.data.values()) for unit in gone] == [{""}, {""}]
    assert list(job.units.order_by("number").first().data) == ["image", "label", "patient"]


def test_the_audit_says_when_and_how_much_and_not_who(team: Team, job: Job, olga: User) -> None:
    finish_erasing(begin_erasing(team, KEY, actor=olga, at=NOON), at=NOON)
    begun, done = AuditEntry.objects.filter(action__contains="erase").order_by("pk")
    assert (begun.actor, begun.at, begun.action) == (olga, NOON, "erase patient")
    assert done.details == {"rows": 2, "images": 2, "datasets": 0}


def test_an_unknown_key_is_refused_and_a_second_time_changes_nothing(team: Team, job: Job) -> None:
    with pytest.raises(Refused, match="No patient has this key"):
        begin_erasing(team, "nobody", actor=None, at=NOON)
    first = erased(team)
    stored = everything_stored()
    assert erased(team) == first
    assert everything_stored() == stored


def test_a_patient_who_comes_in_again_can_be_erased_again(
    team: Team, job: Job, make: Callable[..., Job]
) -> None:
    erased(team)
    make("again", seed=3)
    assert erased(team).rows == 2
    assert KEY not in everything_stored()
    assert Erasure.objects.count() == 2


def test_an_image_that_somebody_else_shows_stays_and_says_so(
    team: Team, job: Job, tmp_path: Path, home: Path
) -> None:
    other = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    (tmp_path / "same").mkdir()
    (tmp_path / "same/scan.png").write_bytes(picture(0))
    taken_in(other, tmp_path / "same")
    found = erased(team)
    assert (found.images, found.shared_images) == (1, 1)
    assert other.units.get().images.count() == 1
    assert files(home) == blobs_stored()


def test_dicom_images_of_the_patient_go_whatever_the_table_calls_them(
    team: Team, tmp_path: Path, home: Path
) -> None:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    (tmp_path / "films").mkdir()
    for number in range(2):
        (tmp_path / f"films/{number}.dcm").write_bytes(child(number))
    (tmp_path / "rows.csv").write_text("file,patient\n0.dcm,one\n1.dcm,two\n")
    taken_in(job, tmp_path / "rows.csv", tmp_path / "films")
    key = Study.objects.get().patient.key
    assert erased(team, key).rows == 2
    assert not Image.objects.exists()
    assert not Study.objects.exists()
    assert files(home) == set()


def test_so_does_what_dicom_calls_them_where_the_table_gives_the_key(
    team: Team, tmp_path: Path
) -> None:
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    (tmp_path / "films").mkdir()
    (tmp_path / "films/1.dcm").write_bytes(child(1))
    (tmp_path / "rows.csv").write_text("file,patient\n1.dcm,one\n")
    taken_in(job, tmp_path / "rows.csv", tmp_path / "films")
    assert Patient.objects.count() == 2
    assert erased(team, "one").rows == 1
    assert not Patient.objects.exists()


def test_a_job_goes_on_without_the_rows_and_contributors_keep_their_trust(
    team: Team, job: Job
) -> None:
    make_test_questions(job, list(labelled_rows(job)), actor=None, at=NOON)
    launch(job, actor=None, at=NOON, rng=Random(1))
    lena = invite(job, count=1, actor=None, at=now())[0]
    pass_quiz(lena)
    page = page_of(lena)
    key = "other-12"
    Unit.objects.filter(pk__in=[u.pk for u in units_of(page).values()]).update(
        patient=Patient.objects.get(key=key)
    )
    report(Page.objects.get(pk=page.id), 0, Reason.SIDEWAYS, "Anna's film", at=1)
    count = Judgment.objects.count()
    erased(team, key)
    assert not Page.objects.get(pk=page.id).places
    send(lena, page_of(lena))
    assert Judgment.objects.count() == count
    assert "Anna's film" not in everything_stored()
    assert not Slot.objects.filter(unit__state=UnitState.ERASED).exists()
    assert page_of(lena).unit_ids
    stored = Judgment.objects.filter(test__isnull=False).first()
    assert stored is not None
    assert stored.answers


def test_what_was_said_of_the_rows_goes_and_no_report_lists_them(team: Team, job: Job) -> None:
    make_test_questions(job, list(labelled_rows(job)), actor=None, at=NOON)
    launch(job, actor=None, at=NOON, rng=Random(1))
    lena = invite(job, count=1, actor=None, at=now())[0]
    pass_quiz(lena)
    send(lena, page_of(lena))
    judged = Judgment.objects.filter(test=None).order_by("pk").first()
    assert judged is not None
    erased(team, Unit.objects.get(pk=judged.unit_id).patient.key)
    erased(team)
    judged.refresh_from_db()
    assert judged.answers == {}
    full, aggregated = io.StringIO(), io.StringIO()
    full_report(job, full)
    aggregated_report(job, aggregated)
    assert len(aggregated.getvalue().splitlines()) == 1 + 20 - 3
    states = {one.unit: one.state for one in verdicts(job, design_of(job))}
    assert states[judged.unit_id] == LabelState.ERASED
    question = job.units.filter(state=UnitState.ERASED).order_by("pk")[0].test_question
    with pytest.raises(Refused, match="was erased"):
        set_enabled(question, True, actor=None, at=NOON)
    copied = copy_job(job, Copied.ALL, actor=None, at=NOON)
    assert copied.units.count() == 20 - 3


def test_drafts_of_pages_that_have_closed_go_too(team: Team, job: Job) -> None:
    launch(job, actor=None, at=NOON, rng=Random(1))
    [lena] = invite(job, count=1, actor=None, at=now())
    gone, other = job.units.filter(number__in=(1, 3)).order_by("number")
    page = Page.objects.create(
        participation=lena.participation,
        design=job.designs.get(),
        mode="work",
        state="submitted",
        units=json.dumps([gone.pk, other.pk, None]),
        created_at=1,
        expires_at=2,
        submitted_at=2,
    )
    places = {str(place): {"answers": {"finding": "healthy"}} for place in range(3)}
    PageDraft.objects.create(participation=lena.participation, page=page, places=places, saved_at=1)
    erased(team)
    assert PageDraft.objects.get().places == {"1": places["1"]}


def test_what_uploads_said_of_any_image_of_the_rows_goes(team: Team, job: Job) -> None:
    unit = job.units.get(number=1)
    unit.data = {**unit.data, "side": "beside.png"}
    unit.save()
    job.lateral_column = "side"
    job.save()
    intake = job.intakes.get()
    said = [Problem(name, None, None, Message("x"), Message("y")) for name in ("beside.png", "z")]
    intake.problems = [one.document() for one in said]
    intake.save()
    erased(team)
    intake.refresh_from_db()
    assert [one["source"] for one in intake.problems] == ["z"]


def test_data_sets_are_withdrawn_and_their_files_are_gone(
    team: Team, job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    version = background.order_dataset(job, actor=None, at=NOON)
    assert dataset_file(version).exists()
    assert erased(team).datasets == 1
    assert not dataset_file(version).exists()
    client = signed_in(olga)
    launch(job, actor=None, at=NOON, rng=Random(1))
    assert client.get(f"/jobs/{job.pk}/results/dataset-1.zip").status_code == 404
    assert "Somebody in it was erased" in client.get(f"/jobs/{job.pk}/results").content.decode()
    again = background.order_dataset(job, actor=None, at=NOON)
    again.refresh_from_db()
    assert (again.state, again.images) == (DatasetVersion.State.READY, 18)


def test_a_data_set_that_is_being_built_meanwhile_never_appears(
    team: Team, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    from overread.flows import export

    pack = export._zip

    def meanwhile(*args: Any, **kwargs: Any) -> None:
        pack(*args, **kwargs)
        erased(team)

    monkeypatch.setattr(export, "_zip", meanwhile)
    version = background.order_dataset(job, actor=None, at=NOON)
    version.refresh_from_db()
    assert version.state == DatasetVersion.State.WITHDRAWN
    assert not list(dataset_file(version).parent.iterdir())


def test_an_image_is_served_to_nobody_from_then_on(
    team: Team, job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    from overread.web.images import owner_address

    unit = job.units.filter(patient__key=KEY)[0]
    address = owner_address(unit.images.get().renditions.first(), olga)
    client = signed_in(olga)
    assert client.get(address).status_code == 200
    erased(team)
    assert client.get(address).status_code == 404


def test_an_upload_that_is_read_meanwhile_holds_the_rows(
    team: Team, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images that were kept for it may be gone when its rows are stored."""
    other = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    begin = taking_in.begin_storing

    def meanwhile(*args: Any) -> None:
        erased(team)
        begin(*args)

    monkeypatch.setattr(taking_in, "begin_storing", meanwhile)
    started = start_intake(other, actor=None, at=NOON)
    take_in(started, [tmp_path / "films"])
    started.refresh_from_db()
    assert started.state == "done"
    assert other.units.count() == 20
    assert [unit.number for unit in other.units.filter(state="held").order_by("number")] == [1, 2]
    for unit in other.units.all():
        assert unit.images.count() == (unit.held is None)


@pytest.mark.parametrize("broken_at", ["_let_go", "sweep", "_delete_datasets"])
def test_an_erasure_that_broke_off_is_completed(
    team: Team, job: Job, home: Path, broken_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next run of the command, or by the worker at its next look."""
    version = background.order_dataset(job, actor=None, at=NOON)
    owner = blobs if broken_at == "sweep" else erasing
    right = getattr(owner, broken_at)

    def broken(*args: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(owner, broken_at, broken)
    begun = begin_erasing(team, KEY, actor=None, at=NOON)
    with pytest.raises(RuntimeError):
        finish_erasing(begun, at=NOON)
    monkeypatch.setattr(owner, broken_at, right)
    background.look_after_jobs(0)
    begun.refresh_from_db()
    assert (begun.rows, begun.images, begun.datasets) == (2, 2, 1)
    assert begun.done_at is not None
    assert KEY not in everything_stored()
    assert files(home) == blobs_stored()
    assert not dataset_file(version).exists()


def test_a_patient_with_many_rows_takes_many_short_turns(
    team: Team, make: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    make("many", of_patient=25, rows=30)
    turns = []
    some = erasing._erase_rows
    monkeypatch.setattr(
        erasing, "_erase_rows", lambda *args: (turns.append(len(args[1])), some(*args))
    )
    assert erased(team).rows == 25
    assert turns == [10, 10, 5]
