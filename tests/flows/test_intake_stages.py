"""An intake that is broken off anywhere, or stopped, ends as one that was not."""

import csv
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from overread.core.problems import Refused
from overread.flows import background
from overread.flows.design import create_job
from overread.flows.intake import (
    finding,
    go_on,
    journal,
    let_go_on,
    matching,
    pictures,
    start_intake,
    stop_intake,
    storing,
    take_in,
    taking_in,
    undo_intake,
)
from overread.flows.intake.clearing import clear_ended
from overread.flows.judging.launching import launch
from overread.flows.redesign import revise_design
from overread.store import blobs, rows
from overread.store.models import Blob, Image, Intake, Job, Team, UnitImage
from overread.store.queries.design import design_of
from tests.conftest import NOON, write_images

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
ROWS = 11


class Killed(BaseException):
    """As kill -9 would: nothing that follows is done."""


@pytest.fixture(autouse=True)
def _in_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "AT_ONCE", 3)
    monkeypatch.setattr(rows, "AT_ONCE", 2)
    monkeypatch.setattr(matching, "TOGETHER", 1)


@pytest.fixture
def draft(team: Team) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Rows of which some are labelled, some test questions, one without an image, one a picture
    that was there before, one with a cell too many.
    """
    images = write_images(tmp_path / "images", ROWS - 2)
    (images / "again.png").write_bytes((images / "scan-1.png").read_bytes())
    table = [["image", "label", "patient", "_golden", "finding_gold"]]
    table += [[f"scan-{row}.png", "", f"p{row // 2}", "", ""] for row in range(ROWS - 1)]
    table[1][1] = "healthy"
    table[3][3:] = ["TRUE", "pneumonia"]
    table += [["again.png", "pneumonia", "p9", "", ""]]
    table[6].append("too many")
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as out:
        csv.writer(out).writerows(table)
    return [path, images]


def what_is_there(job: Job) -> list[Any]:
    """Everything of a job's rows but their ids."""
    units = job.units.order_by("number").prefetch_related("unit_images__image")
    return [
        (
            unit.number,
            unit.state,
            unit.data,
            unit.given,
            unit.held,
            unit.patient and unit.patient.key,
            [one.image.fingerprint for one in unit.unit_images.all()],
            unit.test_question.current.accepted
            if hasattr(unit, "test_question") and unit.test_question.current
            else None,
        )
        for unit in units.select_related("patient", "test_question__current")
    ]


def left_on_disk(home: Path) -> set[str]:
    """Files of uploads, and bytes without a row."""
    stored = {path.parent.name + path.name for path in (home / "blobs").glob("??/*")}
    uploads = {str(path) for path in (home / "uploads").rglob("*")}
    unfinished = {str(path) for path in (home / "blobs/unfinished").glob("*")}
    return stored ^ set(Blob.objects.values_list("sha256", flat=True)) | uploads | unfinished


def take(job: Job, sources: list[Path]) -> Intake:
    intake = start_intake(job, actor=None, at=NOON)
    take_in(intake, sources)
    return intake


@pytest.fixture
def unbroken(team: Team, sources: list[Path]) -> list[Any]:
    other = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    take(other, sources)
    return what_is_there(other)


def killing(
    monkeypatch: pytest.MonkeyPatch, where: object, what: str, times: int, how: type[BaseException]
) -> None:
    """The so many-th call of something is the last that this process does."""
    original, calls = getattr(where, what), iter(range(times, 0, -1))

    def killed(*arguments: Any, **more: Any) -> Any:
        if next(calls, 0) == 1:
            raise how
        return original(*arguments, **more)

    monkeypatch.setattr(where, what, killed)


POINTS = [
    (journal.Journal, "add", 1),
    (journal.Journal, "add", 7),
    (finding, "ready", 5),
    (taking_in, "keep_pictures", 5),
    (taking_in, "begin_storing", 1),
    (storing, "remove_some", 2),
    (storing, "put", 1),
    (storing, "put", 3),
    (taking_in, "end_storing", 1),
    (taking_in, "clear", 1),
]


@pytest.mark.parametrize(("where", "what", "times"), POINTS)
def test_one_that_is_killed_anywhere_goes_on_by_itself(
    draft: Job,
    sources: list[Path],
    unbroken: list[Any],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    what: str,
    times: int,
) -> None:
    take(draft, [write_images(sources[0].parent / "before", 5, seed=7)])
    with monkeypatch.context() as patch:
        killing(patch, where, what, times, Killed)
        intake = start_intake(draft, actor=None, at=NOON)
        with pytest.raises(Killed):
            take_in(intake, sources)
    background.clear_up()
    intake.refresh_from_db()
    assert intake.state == Intake.State.DONE
    assert what_is_there(draft) == unbroken
    assert left_on_disk(home) == set()


@pytest.mark.parametrize(("where", "what", "times"), POINTS[:5])
def test_one_that_is_stopped_leaves_the_job_as_it_was(
    draft: Job,
    sources: list[Path],
    unbroken: list[Any],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    what: str,
    times: int,
) -> None:
    take(draft, [write_images(sources[0].parent / "before", 5, seed=7)])
    before, pictures = what_is_there(draft), Image.objects.count()
    with monkeypatch.context() as patch:
        killing(patch, where, what, times, KeyboardInterrupt)
        intake = start_intake(draft, actor=None, at=NOON)
        with pytest.raises(KeyboardInterrupt):
            take_in(intake, sources)
    intake.refresh_from_db()
    assert intake.state == Intake.State.STOPPED
    background.clear_up()
    assert what_is_there(draft) == before
    for refused in (
        lambda: launch(draft, actor=None, at=NOON, rng=Any),  # type: ignore[arg-type]
        lambda: revise_design(draft, design_of(draft), actor=None, at=NOON),
        lambda: start_intake(draft, actor=None, at=NOON),
    ):
        with pytest.raises(Refused, match="was stopped"):
            refused()
    undo_intake(intake, actor=None, at=NOON)
    assert what_is_there(draft) == before
    assert Image.objects.count() == pictures
    assert left_on_disk(home) == set()
    assert take(draft, sources).state == Intake.State.DONE
    assert what_is_there(draft) == unbroken


def stopped_after(monkeypatch: pytest.MonkeyPatch, intake: Intake, rows_read: int) -> None:
    """Olga stops it when so many rows are read; the reader looks at once."""
    monkeypatch.setattr(taking_in, "PROGRESS_SECONDS", 0)
    add = journal.Journal.add
    left = iter(range(rows_read, 0, -1))

    def adding(self: journal.Journal, line: journal.Line) -> None:
        add(self, line)
        if next(left, 0) == 1:
            stop_intake(intake, actor=None, at=NOON)

    monkeypatch.setattr(journal.Journal, "add", adding)


def test_one_that_is_stopped_at_its_last_row_is_not_stored(
    draft: Job, sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = start_intake(draft, actor=None, at=NOON)
    complete = journal.Journal.complete

    def completing(self: journal.Journal) -> None:
        complete(self)
        stop_intake(intake, actor=None, at=NOON)

    monkeypatch.setattr(journal.Journal, "complete", completing)
    assert take_in(intake, sources).stopped
    assert not draft.units.exists()


def test_olga_stops_a_running_one_and_goes_on_with_it(
    draft: Job, sources: list[Path], unbroken: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = start_intake(draft, actor=None, at=NOON)
    with monkeypatch.context() as patch:
        stopped_after(patch, intake, 6)
        assert take_in(intake, sources).stopped
    assert not draft.units.exists()
    read: list[int] = []
    ready = finding.ready

    def reading(*arguments: Any, **options: Any) -> Any:
        read.append(1)
        return ready(*arguments, **options)

    monkeypatch.setattr(finding, "ready", reading)
    assert go_on(intake).stopped, "nobody said that it may go on"
    let_go_on(intake, actor=None, at=NOON)
    assert go_on(intake).rows == ROWS - 1
    assert what_is_there(draft) == unbroken
    assert len(read) == 4, "what was read is not read again"


def test_the_account_of_one_that_went_on_is_of_all_of_it(
    draft: Job, sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = start_intake(draft, actor=None, at=NOON)
    with monkeypatch.context() as patch:
        killing(patch, storing, "put", 2, Killed)
        with pytest.raises(Killed):
            take_in(intake, sources)
    told: list[int | None] = []
    outcome = go_on(intake, report=lambda problem: told.append(problem.row))
    assert (outcome.rows, outcome.held, outcome.left_out, outcome.people) == (10, 2, 1, 6)
    assert told == [6, 10, 11]
    assert [one["row"] for one in Intake.objects.get(pk=intake.pk).problems] == [6]


def test_while_rows_are_stored_it_is_too_late_to_stop(
    draft: Job, sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = start_intake(draft, actor=None, at=NOON)
    with monkeypatch.context() as patch:
        killing(patch, storing, "put", 2, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            take_in(intake, sources)
    with pytest.raises(Refused, match="in the job already"):
        undo_intake(intake, actor=None, at=NOON)
    let_go_on(intake, actor=None, at=NOON)
    put = storing.put

    def putting(*arguments: Any) -> None:
        with pytest.raises(Refused, match="rows are being stored"):
            stop_intake(intake, actor=None, at=NOON)
        put(*arguments)

    monkeypatch.setattr(storing, "put", putting)
    assert go_on(intake).refused is None
    assert draft.units.count() == ROWS - 1


def test_what_kills_every_process_is_stopped_in_the_end(
    draft: Job, sources: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = start_intake(draft, actor=None, at=NOON)

    def dies(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(taking_in, "keep_pictures", dies)
    with pytest.raises(Killed):
        take_in(intake, sources)
    for _ in range(background.MOST_ATTEMPTS - 1):
        with pytest.raises(Killed):
            go_on(intake)
    background.clear_up()
    intake.refresh_from_db()
    assert intake.state == Intake.State.STOPPED
    assert "stopped 3 times" in str(intake.problems[0]["problem"]["template"]).format(n=3)


def test_what_fails_can_be_gone_on_with(
    draft: Job, sources: list[Path], unbroken: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = start_intake(draft, actor=None, at=NOON)
    with monkeypatch.context() as patch:
        killing(patch, storing, "put", 2, MemoryError)
        with pytest.raises(MemoryError):
            take_in(intake, sources)
    intake.refresh_from_db()
    assert (intake.state, len(intake.problems)) == (Intake.State.STOPPED, 1)
    background.go_on_later(intake, actor=None, at=NOON)
    assert what_is_there(draft) == unbroken


def test_a_line_that_was_cut_off_is_read_again(
    draft: Job, sources: list[Path], unbroken: list[Any], home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    intake = start_intake(draft, actor=None, at=NOON)
    with monkeypatch.context() as patch:
        killing(patch, journal.Journal, "add", 7, Killed)
        with pytest.raises(Killed):
            take_in(intake, sources)
    path = home / f"uploads/{intake.pk}/journal"
    path.write_bytes(path.read_bytes()[:-9] + b"\0" * 4096)
    background.clear_up()
    assert what_is_there(draft) == unbroken


def test_bytes_that_never_got_a_row_go_at_the_next_start(
    draft: Job, sources: list[Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between a picture's bytes and its row, then undone instead of gone on with."""
    intake = start_intake(draft, actor=None, at=NOON)
    with monkeypatch.context() as patch:
        killing(patch, pictures, "write", 3, Killed)
        with pytest.raises(Killed):
            take_in(intake, sources)
    undo_intake(intake, actor=None, at=NOON)
    assert left_on_disk(home), "of the third picture"
    background.clear_up()
    assert left_on_disk(home) == set()


def test_pictures_that_no_row_came_to_show_go_at_the_next_start(
    draft: Job, sources: list[Path], home: Path, team: Team
) -> None:
    """Undone while another upload kept them, as it might have been about to show them."""
    other = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
    kept = start_intake(other, actor=None, at=NOON)
    take_in(start_intake(draft, actor=None, at=NOON), sources)
    UnitImage.objects.all().delete()
    clear_ended()
    assert Image.objects.exists()
    undo_intake(kept, actor=None, at=NOON)
    clear_ended()
    assert not Image.objects.exists()
    assert left_on_disk(home) == set()


def test_one_that_another_process_reads_is_left_alone(draft: Job, sources: list[Path]) -> None:
    intake = start_intake(draft, actor=None, at=NOON)
    Intake.objects.filter(pk=intake.pk).update(
        state=Intake.State.READING, sources=[str(path) for path in sources]
    )
    with journal.journal_of(intake):
        background.clear_up()
        with pytest.raises(Refused, match="is stopping"):
            undo_intake(intake, actor=None, at=NOON)
    assert not draft.units.exists()
    background.go_on_with_uploads()
    assert draft.units.count() == ROWS - 1


def test_bytes_half_written_go_at_the_next_start_whatever_number_the_process_had(
    draft: Job, sources: list[Path], home: Path
) -> None:
    take(draft, sources)
    (home / "blobs/unfinished" / f"ab-1-{os.getpid()}").write_bytes(b"half")
    clear_ended()
    assert left_on_disk(home) == set()


def test_a_full_disk_leaves_no_bytes_half_written(
    draft: Job, sources: list[Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(blobs.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.put([b"one", b"two"])
    assert left_on_disk(home) == set()
