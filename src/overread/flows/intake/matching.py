"""Rows find their images; each picture is judged once in a job."""

import os
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from overread.core.intake import FRONTAL, REPEATED, TEXT_SAID, TEXT_SEEN
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.ahead import Work, ahead
from overread.flows.intake.drafts import Draft, Keep, Picture, Progress, Ready
from overread.flows.intake.finding import PictureColumn, Read, hold, picture_columns
from overread.flows.intake.reading import Reading
from overread.flows.intake.sources import Sources

# Pictures that are kept together, and the bytes that are enough for fewer of them: the
# disk settles many files in hardly more time than one.
TOGETHER, BYTES_TOGETHER = 128, 32 * 2**20
# Threads beside those that wait for a processor: they read files, or wait for the network.
READING, FETCHING = 1, 8


def matched(
    reading: Reading,
    found: Sources,
    keep: Keep,
    shown: Mapping[str, int],
    *,
    done_before: int = 0,
    seen: dict[str, int],
    leave_known: bool,
    progress: Progress,
) -> Iterator[Draft | Problem]:
    """The rows with their pictures found, read and kept; problems in the place of what is no row.

    Pictures are read ahead, on all processors, and kept some at a time. `shown` gives the row of
    each picture, by its fingerprint, that the job has already; a row with such a picture is held
    or, with `leave_known`, left out. Who goes on leaves out the items that were `done_before`, and
    brings the pictures `seen` in them.
    """
    columns = picture_columns(reading, found)
    repeats = _Repeats(shown, seen, reading.columns.image or "", leave_known=leave_known)

    def rows() -> Iterator[_Row]:
        at_once = (os.cpu_count() or 1) + (FETCHING if found.fetch else READING)
        items = map(_Row, islice(reading.items(), done_before, None))
        read = ahead((_begun(row, columns) for row in items), at_once)
        for done, row in enumerate(read, start=done_before):
            progress(done, reading.total)
            repeats.settle(row)
            yield row

    names = {column.role: column.name for column in columns}
    for together in _together(rows()):
        _keep(together, keep, names)
        for row in together:
            yield row.item
    progress(reading.total, reading.total)


@dataclass
class _Row:
    """A row, or what is none, with its pictures before they are kept."""

    item: Draft | Problem
    ready: dict[str, Ready] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(one.size for one in self.ready.values())


def _begun(row: _Row, columns: Sequence[PictureColumn]) -> tuple[_Row, Work | None]:
    """The row, and the reading of its pictures where there is something to read."""
    draft = row.item
    if isinstance(draft, Problem) or draft.problem is not None:
        return row, None
    to_read: list[tuple[PictureColumn, Read]] = []
    for column in columns:
        try:
            if read := column.find(draft):
                to_read.append((column, read))
        except Refused as refused:
            hold(draft, refused.problem, column.name)
    return row, (lambda: _read(row, draft, to_read)) if to_read else None


def _read(row: _Row, draft: Draft, to_read: Iterable[tuple[PictureColumn, Read]]) -> int:
    """With all pictures that can be read; the first problem holds the row. Their bytes."""
    for column, read in to_read:
        try:
            picture = read()
            _refuse_unfit(draft, row.ready.values(), picture)
        except Refused as refused:
            hold(draft, refused.problem, column.name)
        else:
            row.ready[column.role] = picture
    return row.size


def _refuse_unfit(draft: Draft, others: Iterable[Ready], picture: Ready) -> None:
    """A picture that can't stand beside the row's others."""
    beside: list[Ready | Picture] = [*others, *draft.pictures.values()]
    if picture.fingerprint in {one.fingerprint for one in beside}:
        raise Refused.because(
            Message("This is the same picture as another one of the row."),
            Message("Correct the name, or leave the cell empty."),
        )
    if picture.patient and any(one.patient not in ("", picture.patient) for one in beside):
        raise Refused.because(
            Message("By its file, this picture is of another patient than the row's other one."),
            Message("Correct the name, or leave the cell empty."),
        )


class _Repeats:
    """Nobody judges a picture twice in a job: it stays with the first row."""

    def __init__(
        self, shown: Mapping[str, int], seen: dict[str, int], column: str, *, leave_known: bool
    ) -> None:
        self._shown = shown
        self._first = ChainMap(seen, shown)  # type: ignore[arg-type] # only the first is written
        self._column, self._leave_known = column, leave_known

    def settle(self, row: _Row) -> None:
        draft = row.item
        if isinstance(draft, Problem):
            return
        judged = row.ready.get(FRONTAL) or draft.picture
        if judged is None:
            return
        earlier = self._first.setdefault(judged.fingerprint, draft.number)
        if earlier == draft.number:
            return
        row.ready.clear()
        draft.pictures.clear()
        draft.problem = _repeated(draft, earlier, self._column)
        if self._leave_known and judged.fingerprint in self._shown:
            row.item = draft.problem


_LOOK = Message("Look at it under Data: black it out, or say that it names nobody.")
_TEXT = {
    suspected: Problem("", None, None, Message(words), _LOOK)
    for suspected, words in (("said", TEXT_SAID), ("seen", TEXT_SEEN))
}


def _repeated(draft: Draft, earlier: int, column: str) -> Problem:
    return Problem(
        draft.source,
        draft.row,
        column,
        Message(REPEATED, row=earlier),
        Message("Nothing to do: row {row} stands for both.", row=earlier),
    )


def _together(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """So many rows that their pictures are worth a transaction; a row without any waits for none
    where none is waiting."""
    waiting: list[_Row] = []
    count = size = 0
    for row in rows:
        waiting.append(row)
        count += len(row.ready)
        size += row.size
        if not count or count >= TOGETHER or size >= BYTES_TOGETHER:
            yield waiting
            waiting, count, size = [], 0, 0
    if waiting:
        yield waiting


def _keep(rows: Sequence[_Row], keep: Keep, columns: Mapping[str, str]) -> None:
    """What seems to name somebody is held with its picture."""
    ready = [one for row in rows for one in row.ready.values()]
    pictures = iter(keep(ready) if ready else ())
    for row in rows:
        if isinstance(row.item, Problem):
            continue
        for role in row.ready:
            row.item.pictures[role] = next(pictures)
        for role, picture in row.item.pictures.items():  # those too that it had before
            if text := _TEXT.get(picture.suspected):
                hold(row.item, text, columns.get(role, ""))
        if FRONTAL in row.ready:
            # The table's columns come first, and its cells have the last word.
            own = row.item.cells
            row.item.cells = {**own, **row.item.pictures[FRONTAL].cells, **own}
