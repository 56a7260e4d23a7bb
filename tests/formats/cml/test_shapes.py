"""Marks come in and go out in the reference platform's form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.marks import Mark, MarkKind
from overread.formats.cml.shapes import read_shapes, write_shapes

BOX = '[{"class":"car","coordinates":{"h":330,"w":384,"x":1191,"y":306},"type":"box","id":"a-1"}]'


def test_a_box_of_theirs_is_two_corners_of_ours_and_back() -> None:
    [mark] = read_shapes(BOX)
    assert mark == Mark(MarkKind.BOX, ((1191, 306), (1575, 636)), "car")
    assert write_shapes([mark], "a") == BOX


@pytest.mark.parametrize("cell", ["", "x", "{}", "[1]", "[" * 10_000, '[{"type":"box"}]', "null"])
def test_a_cell_without_marks_has_none(cell: str) -> None:
    assert read_shapes(cell) == []


NUMBERS = st.integers(0, 5000).map(float)
POINTS = st.tuples(NUMBERS, NUMBERS)
MARKS = st.one_of(
    st.builds(Mark, st.just(MarkKind.DOT), st.tuples(POINTS), st.text(max_size=5)),
    st.builds(
        Mark, st.just(MarkKind.POLYGON), st.lists(POINTS, min_size=3, max_size=5).map(tuple)
    ),
    st.builds(Mark, st.just(MarkKind.LINE), st.lists(POINTS, min_size=2, max_size=4).map(tuple)),
    st.builds(
        lambda x, y, w, h: Mark(MarkKind.BOX, ((x, y), (x + w, y + h))),
        NUMBERS, NUMBERS, NUMBERS, NUMBERS,
    ),
)  # fmt: skip


@given(st.lists(MARKS, max_size=4))
def test_marks_come_back_from_their_shapes(marks: list[Mark]) -> None:
    written = write_shapes(marks, "j")
    assert read_shapes(written) == marks
    assert len({one["id"] for one in json.loads(written)}) == len(marks)
