"""Images that come for held rows, and that no row names."""

from collections.abc import Iterator
from functools import partial

from overread.core.intake import picture_in
from overread.core.problems import Message, Problem
from overread.formats.image_files import ImageFiles
from overread.store.models import Job

AT_ONCE = 2_000
_WHAT = Message("No row names this image, and rows are held for want of theirs.")
_ADVICE = Message("Give the held rows their images, or remove them; then this one becomes a row.")
_told = partial(Problem, row=None, column=None, problem=_WHAT, advice=_ADVICE)


def unclaimed(job: Job, files: ImageFiles) -> list[Problem]:
    """Each of them: it fills no row, and becomes none while others wait."""
    named = files.named_by(_references(job))
    return [_told(source=entry.name) for entry in files.entries() if entry not in named]


def _references(job: Job) -> Iterator[str]:
    columns = job.picture_columns.values()
    for cells in job.units.values_list("data", flat=True).iterator(AT_ONCE):
        yield from (picture_in(cells.get(column, ""))[0] for column in columns)
