"""Rows of the hot tables, as the statements read and write them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from overread.store.hot.documents import decode


class Contributor(NamedTuple):
    """A participation with what of its job changes while it runs."""

    id: int
    job: int
    state: str
    trust_from: int
    quizzes: int
    cursor: int
    repeated_to: int
    judgments_made: int
    pages_made: int
    tally: str
    given: str
    job_state: str
    revision: int
    frontier: int
    # Somebody's judgments in this job are still to be counted out or in.
    unsettled: bool
    removed_for: str


class PageRow(NamedTuple):
    id: int
    participation: int
    design: int
    mode: str
    state: str
    units: str
    created_at: int
    expires_at: int
    counted: bool
    result: str
    again: str

    @property
    def by_place(self) -> dict[int, int]:
        """Units by place; a place that was late for its unit has none."""
        return {place: unit for place, unit in enumerate(decode(self.units)) if unit}

    @property
    def unit_ids(self) -> list[int]:
        return list(self.by_place.values())

    @property
    def came_again(self) -> set[int]:
        """Units that the contributor had judged before: they are in no slot's counts."""
        return set(decode(self.again))

    @property
    def first_read(self) -> list[int]:
        again = self.came_again
        return [unit for unit in self.unit_ids if unit not in again]


class SlotRow(NamedTuple):
    id: int
    unit: int
    position: int
    outstanding: int
    counted: int
    wanted: int


class Picture(NamedTuple):
    """What shows one image of a unit: a rendition to look at, and the lossless one.

    The lossless one's handle is None for an image that was taken in before there were any;
    `greys` is the JSON of core.greys.Greys.
    """

    unit: int
    role: str
    handle: str
    width: int
    height: int
    synthetic: bool
    full: str | None
    full_width: int
    full_height: int
    greys: str


class Reading(NamedTuple):
    """A counted judgment of a unit, with its contributor's tally."""

    answers: Mapping[str, Any]
    cannot_be_judged: bool
    participation: int
    tally: str


class JudgmentRow(NamedTuple):
    page: int
    participation: int
    unit: int
    test: int | None
    attempt: int
    answers: str
    cannot_be_judged: bool
    milliseconds: int
    created_at: int
