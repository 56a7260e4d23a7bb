"""An upload in parts: whatever breaks off, the bytes that were acknowledged are there, in order."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from overread.core.problems import Refused
from overread.core.states import JobState
from overread.core.uploads import (
    ALONE,
    MOST_BYTES,
    MOST_FILES,
    TOGETHER,
    Offered,
    checked,
    safe_path,
    segments,
)
from overread.flows import uploading
from overread.flows.background import read_upload
from overread.flows.intake import Options, start_intake
from overread.flows.uploading import MOST_UNFINISHED, Places
from overread.store.models import Job, User
from overread.store.uploads import Busy, Misplaced, Unfinished, remove_untouched
from tests.conftest import NOON, picture

SIZES = st.sampled_from([0, 1, 7, ALONE - 1, ALONE, ALONE + 1, TOGETHER]) | st.integers(0, 50)


@given(st.lists(SIZES, max_size=12))
def test_segments_hold_every_file_once_in_order_without_a_gap(sizes: list[int]) -> None:
    files = [Offered(f"{n}", size) for n, size in enumerate(sizes)]
    made = segments(files)
    assert [one for segment in made for one in segment.files] == files
    end = 0
    for segment in made:
        assert segment.start == end
        assert segment.size == sum(one.size for one in segment.files)
        assert len(segment.files) == 1 or all(one.size < ALONE for one in segment.files)
        end += segment.size


@given(st.text(max_size=60) | st.text(st.sampled_from("./\\ab:\0 "), max_size=30))
def test_no_path_leads_elsewhere_or_is_refused_by_a_file_system(path: str) -> None:
    safe = safe_path(path)
    assert not safe.is_absolute()
    assert safe.parts
    assert not {"", ".", ".."} & set(safe.parts)
    for part in safe.parts:
        assert len(part.encode()) <= 255
        assert not set(part) & set('\0\n/\\:*?"<>|')


def test_paths_keep_their_folders_and_endings() -> None:
    assert safe_path("train/NORMAL/a.jpeg").as_posix() == "train/NORMAL/a.jpeg"
    assert safe_path("C:\\scans\\..\\Zoe\u0308.png").as_posix() == "C/scans/Zo\u00eb.png"
    assert safe_path("x" * 500 + ".nii.jpeg").suffix == ".jpeg"


@pytest.mark.parametrize(
    "files",
    [
        [],
        [Offered("a", -1)],
        [Offered("a", MOST_BYTES), Offered("b", 1)],
        [Offered("a", 1)] * (MOST_FILES + 1),
    ],
)
def test_lists_that_are_too_long_or_say_nothing_are_refused(files: list[Offered]) -> None:
    with pytest.raises(Refused):
        checked(files)


class Cut:
    """A stream that breaks off."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._data.read(size)


class Uploads(RuleBasedStateMachine):
    """Parts come in any size, twice, at the wrong place, broken off, and through restarts."""

    folder: Any

    @initialize(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=6), data=st.data())
    def begin(self, sizes: list[int], data: st.DataObject) -> None:
        for old in Unfinished.all_of("1-1"):
            old.cancel()
        self.files = [Offered(f"f/{n}.png", size) for n, size in enumerate(sizes)]
        self.content = bytes(range(256))[: sum(sizes)]
        self.sent = 0
        self.upload = Unfinished.begin("1-1", self.files)

    @rule(size=st.integers(0, 50))
    def send(self, size: int) -> None:
        part = self.content[self.sent : self.sent + size]
        self.sent = self.upload.append(self.sent, io.BytesIO(part), len(part))

    @rule(size=st.integers(1, 50), kept=st.integers(0, 49))
    def break_off(self, size: int, kept: int) -> None:
        part = self.content[self.sent : self.sent + size]
        if kept < len(part):
            with pytest.raises(EOFError):
                self.upload.append(self.sent, Cut(part[:kept]), len(part))
            self.sent += kept

    @rule(place=st.integers(0, 300))
    def send_elsewhere(self, place: int) -> None:
        if place != self.sent:
            with pytest.raises(Misplaced) as said:
                self.upload.append(place, io.BytesIO(b"x"), 1)
            assert said.value.offset == self.sent

    @rule()
    def send_too_much(self) -> None:
        rest = len(self.content) - self.sent
        with pytest.raises(ValueError, match="more bytes"):
            self.upload.append(self.sent, io.BytesIO(b"x" * (rest + 1)), rest + 1)

    @rule()
    def restart(self) -> None:
        """The same files are the same upload."""
        name = self.upload.name
        self.upload = Unfinished.begin("1-1", self.files)
        assert self.upload.name == name

    @rule()
    def look_from_elsewhere(self) -> None:
        assert Unfinished.find("1-2", self.upload.name) is None
        assert Unfinished.find("1-1", "../" + self.upload.name) is None

    @precondition(lambda self: self.sent < len(self.content))
    @rule()
    def finish_too_early(self) -> None:
        with pytest.raises(Misplaced):
            self.upload.unpack(lambda one: Path("nowhere"))

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        assert self.upload.offset == self.sent

    def teardown(self) -> None:
        rest = self.content[self.sent :]
        self.upload.append(self.sent, io.BytesIO(rest), len(rest))
        out = self.upload.folder.parent / "out"
        out.mkdir()
        self.upload.unpack(lambda one: out / Path(one.path).name)
        written = [(out / Path(one.path).name).read_bytes() for one in self.files]
        assert [len(one) for one in written] == [one.size for one in self.files]
        assert b"".join(written) == self.content
        for path in out.iterdir():
            path.unlink()
        out.rmdir()
        assert not self.upload.folder.exists()


@pytest.mark.parametrize("alone", [10, 10_000])
def test_parts_in_any_order_of_events(alone: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With files that lie by themselves, and with all in one segment."""
    from hypothesis.stateful import run_state_machine_as_test

    monkeypatch.setattr("overread.core.uploads.ALONE", alone)
    monkeypatch.setattr("overread.core.uploads.TOGETHER", 2 * alone)
    options = settings(deadline=None, derandomize=True, max_examples=30, stateful_step_count=12)
    run_state_machine_as_test(Uploads, settings=options)


def test_only_one_writes_at_a_time() -> None:
    upload = Unfinished.begin("1-1", [Offered("a.png", 3)])

    class Meanwhile:
        def read(self, size: int, /) -> bytes:
            with pytest.raises(Busy):
                Unfinished.begin("1-1", upload.files).append(0, io.BytesIO(b"abc"), 3)
            return b"xyz"[:size]

    assert upload.append(0, Meanwhile(), 3) == 3


def test_what_nobody_goes_on_with_is_removed(home: Path) -> None:
    upload = Unfinished.begin("1-1", [Offered("a.png", 3)])
    upload.append(0, io.BytesIO(b"ab"), 2)
    touched = max(path.stat().st_mtime for path in upload.folder.iterdir())
    remove_untouched(100, touched + 99)
    assert Unfinished.find("1-1", upload.name)
    remove_untouched(100, touched + 101)
    assert not Unfinished.find("1-1", upload.name)
    assert not list(upload.folder.parent.iterdir())
    (upload.folder.parent / "1-1-half made").mkdir()
    remove_untouched(100, touched + 10_000)
    assert not list(upload.folder.parent.iterdir())


@pytest.mark.django_db(databases=["default", "tasks"])
class TestOfAJob:
    def offered(self, count: int = 3) -> tuple[list[Offered], bytes]:
        made = [picture(number, seed=9) for number in range(count)]
        names = [f"set/{('NORMAL', 'PNEUMONIA')[n % 2]}/{n}.png" for n in range(count)]
        pairs = zip(names, made, strict=True)
        return [Offered(name, len(data)) for name, data in pairs], b"".join(made)

    def test_a_dropped_folder_gives_its_labels(
        self, make_job: Any, team: Any, olga: User, tmp_path: Path
    ) -> None:
        from overread.flows.design import create_job

        job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
        files, content = self.offered()
        upload = uploading.begin(job, files, actor=olga)
        uploading.append(upload, 0, io.BytesIO(content), len(content))
        options = Options(labels_from_folders=True)
        intake = uploading.finish(job, upload, options=options, actor=olga, at=NOON)
        intake.refresh_from_db()
        read_upload(intake)
        given = list(job.units.order_by("number").values_list("given__finding", flat=True))
        assert given == ["healthy", "healthy", "pneumonia"]
        assert not uploading.unfinished(job, actor=olga)

    def test_so_many_unfinished_ones_are_kept(self, job: Job, olga: User) -> None:
        for number in range(MOST_UNFINISHED + 2):
            upload = uploading.begin(job, [Offered("a.png", number + 1)], actor=olga)
            os.utime(upload.folder, (number, number))
        assert len(uploading.unfinished(job, actor=olga)) == MOST_UNFINISHED

    def test_without_room_nothing_is_begun(
        self, job: Job, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("overread.flows.uploading.free_bytes", lambda: 0)
        with pytest.raises(Refused, match="no room"):
            uploading.begin(job, [Offered("a.png", 1)], actor=olga)
        assert not uploading.unfinished(job, actor=olga)

    def test_a_canceled_job_takes_no_upload(self, running_job: Job, olga: User) -> None:
        Job.objects.filter(pk=running_job.pk).update(state=JobState.CANCELED)
        running_job.refresh_from_db()
        with pytest.raises(Refused):
            uploading.begin(running_job, [Offered("a.png", 1)], actor=olga)

    def test_while_another_upload_is_read_what_was_sent_stays(self, job: Job, olga: User) -> None:
        files, content = self.offered()
        upload = uploading.begin(job, files, actor=olga)
        uploading.append(upload, 0, io.BytesIO(content), len(content))
        start_intake(job, actor=olga, at=NOON)
        with pytest.raises(Refused):
            uploading.finish(job, upload, options=Options(), actor=olga, at=NOON)
        assert uploading.unfinished(job, actor=olga)[0].offset == len(content)


def test_tables_archives_and_images_lie_apart(tmp_path: Path) -> None:
    places = Places(tmp_path)
    given_files = ["t.csv", "set/t.csv", "set/a.png", "a.zip", "set/a.png", "../a.png", "set"]
    found = [
        str(places.of(Offered(path, 1)).relative_to(tmp_path)) if not made.touch() else ""
        for path in given_files
        for made in [tmp_path / "x"]
    ]
    assert found[:4] == ["table/t.csv", "images/set/t.csv", "images/set/a.png", "archives/a.zip"]
