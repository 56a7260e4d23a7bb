"""Every step that is not in the table raises."""

from enum import StrEnum
from itertools import product

import pytest

from overread.core.states import (
    STEPS,
    JobState,
    PageState,
    ParticipationState,
    StepError,
    UnitState,
    step,
)

KINDS: dict[str, type[StrEnum]] = {
    "job": JobState,
    "unit": UnitState,
    "participation": ParticipationState,
    "page": PageState,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_has_every_state_and_no_other(kind: str) -> None:
    states = set(KINDS[kind])
    assert set(STEPS[kind]) == states
    assert all(after <= states for after in STEPS[kind].values())


@pytest.mark.parametrize("kind", KINDS)
def test_exactly_the_steps_of_the_table_are_taken(kind: str) -> None:
    for old, new in product(KINDS[kind], repeat=2):
        if new in STEPS[kind][old]:
            assert step(kind, old, new) is new
        else:
            with pytest.raises(StepError, match="can't become"):
                step(kind, old, new)
