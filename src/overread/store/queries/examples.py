"""The examples of a job's instructions, with their images."""

from dataclasses import dataclass

from overread.core.design import Design, Example
from overread.store.models import Job
from overread.store.queries.thumbnails import Thumbnail, thumbnails


@dataclass(frozen=True)
class ShownExample:
    """An example with its row's first image; its marks are in pixels of that image."""

    example: Example
    thumbnail: Thumbnail


def examples_of(job: Job, design: Design) -> list[ShownExample]:
    """Those whose image is there, in the design's order."""
    found = job.units.in_bulk([one.unit for one in design.examples])
    pictured = {one.unit.pk: one for one in thumbnails(found.values()) if one.large}
    return [
        ShownExample(one, pictured[one.unit]) for one in design.examples if one.unit in pictured
    ]
