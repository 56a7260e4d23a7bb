"""Rows find their images; each picture is shown once in a job."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from itertools import islice

from overread.core.intake import REPEATED, TEXT_SAID, TEXT_SEEN, picture_in
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Draft, Keep, Progress
from overread.flows.intake.folders import folder_trace
from overread.flows.intake.reading import Reading
from overread.formats.image_files import ImageFiles


def matched(
    reading: Reading,
    files: ImageFiles,
    keep: Keep,
    shown: Mapping[str, int],
    *,
    done_before: int = 0,
    seen: dict[str, int],
    leave_known: bool,
    progress: Progress,
) -> Iterator[Draft | Problem]:
    """The rows with their pictures found, read and kept; problems in the place of what is no row.

    `shown` gives the row of each picture, by its fingerprint, that the job has already; a row
    with such a picture is held or, with `leave_known`, left out. Who goes on leaves out the items
    that were `done_before`, and brings the pictures `seen` in them.
    """
    column = reading.columns.image or ""
    folder = files.choose_folder(picture_in(one)[0] for one in reading.references())
    first = ChainMap(seen, shown)  # type: ignore[arg-type] # only the first is written
    for done, item in enumerate(islice(reading.items(), done_before, None), start=done_before):
        progress(done, reading.total)
        if isinstance(item, Problem):
            yield item
            continue
        if item.problem is None:
            _match(item, files, folder, keep, column)
        known = item.picture is not None and item.picture.fingerprint in shown
        earlier = _earlier(item, first)
        if earlier is not None:
            item.picture, item.problem = None, _repeated(item, earlier, column)
        yield item.problem if leave_known and known and item.problem else item
    progress(reading.total, reading.total)


def _match(draft: Draft, files: ImageFiles, folder: str, keep: Keep, column: str) -> None:
    name, frame = picture_in(draft.reference)
    match = files.find(name, folder)
    problem = match.problem
    if match.entry is not None:
        try:
            picture = keep(files.read(match.entry), frame)
            draft.picture = replace(picture, folder=folder_trace(match.entry.name))
            # The table's columns come first, and its cells have the last word.
            draft.cells = {**draft.cells, **draft.picture.cells, **draft.cells}
            problem = _TEXT.get(draft.picture.suspected)
        except Refused as refused:  # unreadable in its archive, or no image
            problem = refused.problem
    if problem is not None:
        what, advice = problem.problem, problem.advice
        draft.problem = Problem(draft.source, draft.row, column, what, advice)


_LOOK = Message("Look at it under Data: black it out, or say that it names nobody.")
_TEXT = {
    suspected: Problem("", None, None, Message(words), _LOOK)
    for suspected, words in (("said", TEXT_SAID), ("seen", TEXT_SEEN))
}


def _earlier(draft: Draft, first: MutableMapping[str, int]) -> int | None:
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
