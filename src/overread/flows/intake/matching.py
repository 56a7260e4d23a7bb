"""Rows find their images; each picture is judged once in a job."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from overread.core.intake import FRONTAL, REPEATED, picture_in
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Draft, Keep, Picture, Progress
from overread.flows.intake.reading import Reading
from overread.formats.image_files import ImageFiles


def matched(
    reading: Reading,
    files: ImageFiles,
    keep: Keep,
    shown: Mapping[str, int],
    *,
    leave_known: bool,
    progress: Progress,
) -> Iterator[Draft | Problem]:
    """The rows with their pictures found, read and kept; problems in the place of what is no row.

    `shown` gives the row of each picture, by its fingerprint, that the job has already; a row
    with such a picture is held or, with `leave_known`, left out.
    """
    column = reading.columns.image or ""
    named = [_Named(role, one, reading, files) for role, one in reading.columns.pictures.items()]
    first = dict(shown)
    for done, item in enumerate(reading.items()):
        progress(done, reading.total)
        if isinstance(item, Problem):
            yield item
            continue
        if item.problem is None:
            _match(item, named, keep)
        known = item.picture is not None and item.picture.fingerprint in shown
        earlier = _earlier(item, first)
        if earlier is not None:
            item.pictures.clear()
            item.problem = _repeated(item, earlier, column)
        yield item.problem if leave_known and known and item.problem else item
    progress(reading.total, reading.total)


class _Named:
    """The pictures that one column names: all from one folder, where names are there twice."""

    def __init__(self, role: str, column: str, reading: Reading, files: ImageFiles) -> None:
        self.role, self.column = role, column
        self._files = files
        drafts = (one for one in reading.items() if isinstance(one, Draft))
        names = (self.reference(one) for one in drafts)
        self._folder = files.choose_folder(picture_in(one)[0] for one in names if one)

    def reference(self, draft: Draft) -> str:
        return draft.cells.get(self.column, "").strip()

    def is_wanted(self, draft: Draft) -> bool:
        """What is judged must be there; beside it a row may have nothing."""
        if self.role in draft.pictures:
            return False
        return self.role == FRONTAL or bool(self.reference(draft))

    def read(self, draft: Draft, keep: Keep) -> Picture:
        """Raises Refused where there is no such file, it can't be read, or it is no image."""
        name, frame = picture_in(self.reference(draft))
        match = self._files.find(name, self._folder)
        if match.entry is None:
            assert match.problem is not None
            raise Refused(match.problem)
        return keep(self._files.read(match.entry), frame)


def _match(draft: Draft, named: Sequence[_Named], keep: Keep) -> None:
    """With all pictures that can be read; the first problem holds the row."""
    for one in named:
        if not one.is_wanted(draft):
            continue
        try:
            picture = one.read(draft, keep)
            _refuse_unfit(draft, picture)
        except Refused as refused:
            draft.problem = draft.problem or _held(draft, refused.problem, one.column)
        else:
            draft.pictures[one.role] = picture
            if one.role == FRONTAL:
                # The table's columns come first, and its cells have the last word.
                draft.cells = {**draft.cells, **picture.cells, **draft.cells}


def _refuse_unfit(draft: Draft, picture: Picture) -> None:
    """A picture that can't stand beside the row's others."""
    if picture.fingerprint in {one.fingerprint for one in draft.pictures.values()}:
        raise Refused.because(
            Message("This is the same picture as another one of the row."),
            Message("Correct the name, or leave the cell empty."),
        )
    if draft.patient and picture.patient and picture.patient != draft.patient:
        raise Refused.because(
            Message("By its file, this picture is of another patient than the row's other one."),
            Message("Correct the name, or leave the cell empty."),
        )


def _held(draft: Draft, problem: Problem, column: str) -> Problem:
    return replace(problem, source=draft.source, row=draft.row, column=column)


def _earlier(draft: Draft, first: dict[str, int]) -> int | None:
    """The row that shows the same picture already: nobody sees an image twice in a job."""
    if draft.picture is None:
        return None
    earlier = first.setdefault(draft.picture.fingerprint, draft.number)
    return earlier if earlier != draft.number else None


def _repeated(draft: Draft, earlier: int, column: str) -> Problem:
    return Problem(
        draft.source,
        draft.row,
        column,
        Message(REPEATED, row=earlier),
        Message("Nothing to do: row {row} stands for both.", row=earlier),
    )
