"""What several readers drew becomes one drawing, whatever its kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.core.aggregation.marks import (
    Drawing,
    Fault,
    Finding,
    Fusing,
    agreement,
    consensus,
    share,
    usable,
    with_others,
)
from overread.core.aggregation.matching import match
from overread.core.aggregation.outlines import area, outline_of, overlaps
from overread.core.aggregation.regions import mask
from overread.core.marks import Mark, MarkKind

RADIUS = 5.0
SQUARE = ((10.0, 10.0), (40.0, 10.0), (40.0, 40.0), (10.0, 40.0))


def box(left: float, top: float, right: float, bottom: float, label: str = "") -> Mark:
    return Mark(MarkKind.BOX, ((left, top), (right, bottom)), label)


def dot(x: float, y: float, label: str = "") -> Mark:
    return Mark(MarkKind.DOT, ((x, y),), label)


def line(*points: tuple[float, float]) -> Mark:
    return Mark(MarkKind.LINE, points)


def polygon(*points: tuple[float, float]) -> Mark:
    return Mark(MarkKind.POLYGON, points)


def fused(*drawings: list[Mark], fusing: Fusing = Fusing.FUSION) -> list[Finding]:
    return consensus([Drawing(one) for one in drawings], radius=RADIUS, fusing=fusing)


def standing(found: list[Finding]) -> list[Mark]:
    return [one.mark for one in found if one.stands]


def agreed(*drawn: list[Mark]) -> float:
    return agreement([Drawing(one) for one in drawn], radius=RADIUS)


LEFT, RIGHT = box(10, 10, 30, 40), box(60, 12, 80, 40)

place = st.integers(0, 400).map(lambda eighth: eighth / 8)
size = st.integers(1, 200).map(lambda eighth: eighth / 8)
a_box = st.builds(
    lambda x, y, w, h, label: box(x, y, x + w, y + h, label),
    place,
    place,
    size,
    size,
    st.sampled_from(["", "opacity"]),
)
a_dot = st.builds(dot, place, place)
a_line = st.lists(st.tuples(place, place), min_size=2, max_size=4, unique=True).map(
    lambda points: line(*points)
)
an_outline = st.builds(
    lambda x, y, w, h: polygon((x, y), (x + w, y), (x + w, y + h), (x + w / 2, y + h * 2)),
    place,
    place,
    size,
    size,
)
a_mark = st.one_of(a_box, a_box, a_dot, a_line, an_outline)
a_drawing = st.builds(
    Drawing, st.lists(a_mark, max_size=3), st.integers(0, 4).map(lambda quarter: quarter / 4)
)
drawings = st.lists(a_drawing, min_size=1, max_size=4)


def test_readers_may_miss_a_mark_and_add_one() -> None:
    found = fused([LEFT, RIGHT], [box(12, 10, 32, 40), RIGHT], [LEFT, box(0, 80, 5, 85)])
    assert [one.drawn_by for one in found] == [(0, 1, 2), (0, 1), (2,)]
    assert [one.stands for one in found] == [True, True, False]
    assert found[0].mark.points == pytest.approx(np.array([[32 / 3, 10], [92 / 3, 40]]))
    assert share(found) == pytest.approx(2 / 3)


def test_a_reader_who_drew_nothing_speaks_against_a_mark() -> None:
    found = fused([LEFT], [], [])
    assert found[0].support == pytest.approx(1 / 3)
    assert standing(found) == []
    assert share(found) == pytest.approx(2 / 3)
    assert fused([], []) == []
    assert share([]) == 1


def test_nobody_trusted_settles_nothing() -> None:
    found = consensus([Drawing([LEFT], 0.0), Drawing([box(11, 10, 31, 40)], 0.0)], radius=RADIUS)
    assert [one.support for one in found] == [0]
    assert standing(found) == []


def test_weight_decides_what_stands_and_where() -> None:
    heavy, light = Drawing([box(0, 0, 10, 10)], 3.0), Drawing([box(2, 0, 12, 10), RIGHT], 1.0)
    found = consensus([heavy, light], radius=RADIUS)
    assert standing(found) == [box(0.5, 0, 10.5, 10)]
    assert [one.support for one in found] == [1, 0.25]


def test_fusing_simulated_readers_beats_one_of_them() -> None:
    rng, true = np.random.default_rng(1), box(20, 20, 60, 70)
    alone, joined = [], {fusing: list[float]() for fusing in Fusing}
    for _ in range(60):
        corners = np.array(true.points).reshape(4) + rng.normal(0, 5, (5, 4))
        readers = [[box(*one)] for one in corners.tolist()]
        alone.append(agreed(readers[0], [true]))
        for fusing, shares in joined.items():
            shares.append(agreed(standing(fused(*readers, fusing=fusing)), [true]))
    assert all(np.mean(shares) > np.mean(alone) + 0.05 for shares in joined.values())


def test_two_labels_in_one_place_are_two_findings() -> None:
    found = fused([box(0, 0, 9, 9, "nodule")], [box(0, 0, 9, 9, "opacity")])
    assert [(one.mark.label, one.drawn_by) for one in found] == [
        ("nodule", (0,)),
        ("opacity", (1,)),
    ]


def test_dots_within_the_radius_are_one() -> None:
    found = fused([dot(10, 10)], [dot(13, 14)], [dot(10, 30)])
    assert [one.drawn_by for one in found] == [(0, 1), (2,)]
    assert found[0].mark.points == ((11.5, 12),)
    assert fused([dot(10, 10)], [dot(13, 14.01)])[0].drawn_by == (0,)


def test_a_line_drawn_from_the_other_end_is_the_same_line() -> None:
    found = fused([line((0, 0), (100, 0))], [line((100, 4), (0, 4))])
    assert len(found) == 1
    assert sorted(found[0].mark.points) == [(0, 2), (100, 2)]
    bent = fused([line((0, 0), (50, 2), (100, 0))], [line((0, 2), (100, 2))])
    assert len(bent) == 1
    assert len(bent[0].mark.points) == 32


def test_outlines_become_what_most_of_them_enclose() -> None:
    shifted = [[(x + by, y) for x, y in SQUARE] for by in (0, 4, 8)]
    for fusing in Fusing:
        found = fused(*([polygon(*one)] for one in shifted), fusing=fusing)
        middle = [np.array(found[0].mark.points), np.array(shifted[1])]
        assert found[0].drawn_by == (0, 1, 2)
        assert overlaps(middle)[0, 1] > 0.95


def test_one_far_off_moves_the_median_little() -> None:
    off = [box(10, 10, 30, 40)], [box(10, 10, 30, 40)], [box(10, 10, 50, 40)]
    assert fused(*off, fusing=Fusing.MEDIAN)[0].mark == box(10, 10, 30, 40)
    assert fused(*off)[0].mark.points[1][0] > 36


def test_agreement_counts_what_the_other_lacks() -> None:
    assert agreed([LEFT], [LEFT]) == 1
    assert agreed([LEFT], [LEFT, RIGHT]) == 0.5
    assert agreed([], []) == 1
    assert agreed([LEFT], []) == 0
    assert agreed([dot(1, 1)], [dot(2, 2)]) == 1
    assert agreed([box(0, 0, 2, 2)], [box(1, 0, 3, 2)]) == pytest.approx(1 / 3)
    assert agreed([box(0, 0, 9, 9, "nodule")], [box(0, 0, 9, 9, "opacity")]) == 0
    assert np.isnan(agreed([LEFT]))
    rest = with_others([Drawing(one) for one in ([LEFT], [LEFT], [])], radius=RADIUS)
    assert rest.tolist() == [0.5, 0.5, 0]


def test_what_can_not_be_compared_is_left_out_with_its_reason() -> None:
    nan = float("nan")
    marks = [
        box(5, 5, 5, 9),
        box(-9, -9, 0, 0),
        box(nan, 0, 1, 1),
        Mark(MarkKind.BOX, ((0, 0),)),
        dot(-1, 4),
        dot(1e300, 4),
        line((3, 3), (3, 3)),
        polygon((0, 0), (5, 5), (9, 9)),
    ]
    kept, left_out = usable(marks)
    assert kept == []
    assert left_out == {Fault.NO_SIZE: 3, Fault.OUTSIDE: 2, Fault.NO_NUMBER: 2, Fault.NO_SHAPE: 1}


def test_what_crosses_the_edge_of_the_image_is_cut_off() -> None:
    kept, left_out = usable([box(30, 20, 10, -5), box(90, 90, 300, 300)], (100, 100))
    assert kept == [box(10, 0, 30, 20), box(90, 90, 100, 100)]
    assert not left_out


def test_an_outline_that_crosses_itself_encloses_both_halves() -> None:
    bow = polygon((0, 0), (20, 20), (20, 0), (0, 20))
    assert usable([bow])[0] == [bow]
    assert area(np.array(bow.points)) == pytest.approx(200, rel=0.05)
    assert fused([bow], [bow])[0].mark == bow


@given(drawings, st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_readers_and_of_their_marks_is_nothing(drawn, random) -> None:  # type: ignore[no-untyped-def]
    order = random.sample(range(len(drawn)), len(drawn))
    other = [
        Drawing(random.sample(drawn[at].marks, len(drawn[at].marks)), drawn[at].weight)
        for at in order
    ]
    one, two = (consensus(these, radius=RADIUS) for these in (drawn, other))
    assert [(found.mark, found.support) for found in one] == [
        (found.mark, found.support) for found in two
    ]
    assert agreement(drawn, radius=RADIUS) == pytest.approx(
        agreement(other, radius=RADIUS), nan_ok=True
    )


@given(st.lists(a_mark, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_one_reader_drew_comes_back_unchanged(marks: list[Mark]) -> None:
    for fusing in Fusing:
        found = consensus([Drawing(marks)], radius=RADIUS, fusing=fusing)
        assert sorted(map(repr, standing(found))) == sorted(map(repr, marks))


@given(drawings, st.sampled_from([0.25, 2.0, 8.0]))
@settings(max_examples=60, deadline=None)
def test_an_image_twice_as_large_has_a_consensus_twice_as_large(drawn, by) -> None:  # type: ignore[no-untyped-def]
    def scaled(mark: Mark) -> Mark:
        return Mark(mark.kind, tuple((x * by, y * by) for x, y in mark.points), mark.label)

    larger = [Drawing([scaled(mark) for mark in one.marks], one.weight) for one in drawn]
    one, two = consensus(drawn, radius=RADIUS), consensus(larger, radius=RADIUS * by)
    assert [scaled(found.mark) for found in one] == [found.mark for found in two]
    assert [found.support for found in one] == [found.support for found in two]


@given(drawings)
@settings(max_examples=30, deadline=None)
def test_every_mark_is_in_one_finding_and_nobody_twice(drawn) -> None:  # type: ignore[no-untyped-def]
    found = consensus(drawn, radius=RADIUS)
    assert all(len(set(one.drawn_by)) == len(one.drawn_by) for one in found)
    assert sum(len(one.drawn_by) for one in found) == sum(len(one.marks) for one in drawn)
    assert all(0 <= one.support <= 1 + 1e-9 for one in found)


def test_many_marks_in_one_place_are_matched() -> None:
    """Ten readers with forty marks each, all alike to all: a group a place, nobody twice."""
    reader = np.repeat(np.arange(10), 40)
    groups = match(np.ones((400, 400)), reader, 0.4)
    assert len(groups) == 40
    assert all(sorted(reader[group].tolist()) == list(range(10)) for group in groups)


def test_parts_that_touch_at_a_corner_are_two() -> None:
    region = np.zeros((6, 6), dtype=bool)
    region[0:2, 0:2] = region[2:5, 2:5] = True
    assert sorted(outline_of(region).tolist()) == [[2, 2], [2, 5], [5, 2], [5, 5]]


def test_an_outline_encloses_the_region_it_came_from() -> None:
    region = mask([[2, 2], [30, 6], [26, 28], [8, 22]], 32, 34)
    again = mask(outline_of(region), 32, 34)
    assert (region & again).sum() / (region | again).sum() > 0.95


def test_where_hundreds_of_outlines_lie_in_one_place_their_boxes_are_compared() -> None:
    many = [[polygon(*SQUARE)] * 40 for _ in range(4)]
    found = fused(*many)
    assert [len(one.drawn_by) for one in found] == [4] * 40


@given(
    st.lists(
        st.builds(
            Mark,
            st.sampled_from(MarkKind),
            st.lists(st.tuples(st.floats(width=32), st.floats(width=32)), max_size=4).map(tuple),
        ),
        max_size=5,
    )
)
@settings(max_examples=100, deadline=None)
def test_any_marks_at_all_are_kept_inside_the_image_or_left_out(marks: list[Mark]) -> None:
    kept, left_out = usable(marks, (24, 18))
    assert len(kept) + sum(left_out.values()) == len(marks)
    assert all(0 <= x <= 24 and 0 <= y <= 18 for mark in kept for x, y in mark.points)
    drawings = [Drawing(kept), Drawing(kept[::2]), Drawing(kept[1:])]
    for fusing in Fusing:
        for one in consensus(drawings, radius=RADIUS, fusing=fusing):
            assert np.isfinite(one.mark.points).all()
            assert 0 < one.support <= 1
    assert 0 <= agreement(drawings, radius=RADIUS) <= 1 + 1e-9
