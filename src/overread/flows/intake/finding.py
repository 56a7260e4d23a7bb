"""Where a row's pictures are: among the files that were handed over, else in the network."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from overread.core.addresses import is_address
from overread.core.intake import FRONTAL, picture_in
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Draft, Ready
from overread.flows.intake.folders import folder_trace
from overread.flows.intake.pictures import ready
from overread.flows.intake.reading import Reading
from overread.flows.intake.sources import Sources

Read = Callable[[], Ready]
_FETCH = Message("Give the image as a file, or have the addresses fetched.")


class PictureColumn:
    """A column of image names: all from one folder, where names are there twice."""

    def __init__(self, role: str, name: str, reading: Reading, found: Sources) -> None:
        self.role, self.name = role, name
        self._files, self._fetch = found.files, found.fetch
        self._ready = partial(ready, accounted=found.accounted)
        drafts = (one for one in reading.items() if isinstance(one, Draft))
        references = (self.reference(one) for one in drafts)
        self._folder = found.files.choose_folder(picture_in(one)[0] for one in references if one)

    def find(self, draft: Draft) -> Read | None:
        """How to read the picture, by any thread; None where the row has it, or needs none.

        What is judged must be there; beside it a row may have nothing. Raises Refused.
        """
        reference = self.reference(draft)
        if self.role in draft.pictures or (self.role != FRONTAL and not reference):
            return None
        name, frame = picture_in(reference)
        match = self._files.find(name, self._folder)
        if match.entry is not None:
            read = partial(self._files.read, match.entry)
            return partial(self._read, read, frame, folder_trace(match.entry.name))
        assert match.problem is not None
        if not (match.is_missing and is_address(name)):
            raise Refused(match.problem)
        if self._fetch is None:
            raise Refused.because(match.problem.problem, _FETCH)
        return partial(self._read, partial(self._fetch, name), frame)

    def _read(self, data: Callable[[], bytes], frame: int, folder: str = "") -> Ready:
        return replace(self._ready(data(), frame), folder=folder)

    def reference(self, draft: Draft) -> str:
        return draft.cells.get(self.name, "").strip()


def picture_columns(reading: Reading, found: Sources) -> list[PictureColumn]:
    """In the order in which a row's pictures are shown; a table may name none, and lacks it."""
    names = {FRONTAL: "", **reading.columns.pictures}
    return [PictureColumn(role, name, reading, found) for role, name in names.items()]


def hold(draft: Draft, problem: Problem, column: str) -> None:
    """For the first problem that a row's pictures have."""
    if draft.problem is None:
        what, advice = problem.problem, problem.advice
        draft.problem = Problem(draft.source, draft.row, column, what, advice)
