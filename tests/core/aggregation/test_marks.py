"""Boxes, outlines, ratings and sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overread.core.aggregation import BadJudgments, Majority
from overread.core.aggregation.boxes import fuse, match, median, overlap
from overread.core.aggregation.regions import mask, staple, vote
from overread.core.aggregation.regions import overlap as region_overlap
from overread.core.aggregation.values import ratings, sets

LEFT, RIGHT = [10, 10, 30, 40], [60, 12, 80, 40]
corner = st.integers(0, 50)
a_box = st.tuples(corner, corner, st.integers(1, 40), st.integers(1, 40)).map(
    lambda one: (one[0], one[1], one[0] + one[2], one[1] + one[3])
)


def test_overlap_is_that_worked_by_hand() -> None:
    found = overlap([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2], [5, 5, 6, 6]])
    assert found == pytest.approx(np.array([[1 / 3, 1, 0]]))


def test_readers_may_miss_a_box_and_add_one() -> None:
    boxes = [LEFT, [12, 10, 32, 40], RIGHT, [60, 10, 80, 40], [11, 9, 31, 41], [0, 80, 5, 85]]
    found = fuse(boxes, [0, 1, 0, 1, 2, 2], readers=3)
    assert [one.readers for one in found] == [(0, 1, 2), (0, 1)]
    assert found[0].box == pytest.approx((11, 29 / 3, 31, 121 / 3))
    assert found[1].support == pytest.approx(2 / 3)


def test_one_who_is_far_off_moves_the_median_little() -> None:
    boxes = [[10, 10, 30, 40], [10, 10, 30, 40], [10, 10, 50, 40]]
    assert median(boxes, [0, 1, 2], readers=3)[0].box == (10, 10, 30, 40)
    assert fuse(boxes, [0, 1, 2], readers=3)[0].box[2] > 36


def test_weight_decides_what_stands_and_where() -> None:
    boxes, weight = [[0, 0, 10, 10], [2, 0, 12, 10]], [3.0, 1.0, 0.0]
    found = fuse(boxes, [0, 1], readers=3, weight=weight)
    assert found[0].box == pytest.approx((0.5, 0, 10.5, 10))
    assert fuse([RIGHT], [2], readers=3, weight=weight) == []


@given(st.lists(st.tuples(a_box, st.integers(0, 3)), max_size=9), st.randoms())
@settings(max_examples=30, deadline=None)
def test_no_reader_is_twice_in_a_finding_and_order_is_nothing(rows, random) -> None:  # type: ignore[no-untyped-def]
    boxes, reader = [list(one) for one, _ in rows], np.array([by for _, by in rows], dtype=int)
    groups = match(boxes, reader)
    assert sorted(np.concatenate([*groups, []]).tolist()) == list(range(len(rows)))
    assert all(len(set(reader[group])) == len(group) for group in groups)
    shuffled = random.sample(rows, len(rows))
    other = fuse([list(b) for b, _ in shuffled], [by for _, by in shuffled], readers=4)
    one = np.array([finding.box for finding in fuse(boxes, reader, readers=4)])
    assert one == pytest.approx(np.array([finding.box for finding in other]))


def test_fusing_simulated_readers_beats_one_of_them() -> None:
    rng = np.random.default_rng(1)
    alone, fused, middle = [], [], []
    for _ in range(60):
        true = np.array([20.0, 20, 60, 70])
        drawn = true + rng.normal(0, 5, (5, 4))
        alone.append(overlap(drawn[:1], [true])[0, 0])
        fused.append(overlap([fuse(drawn, range(5), readers=5)[0].box], [true])[0, 0])
        middle.append(overlap([median(drawn, range(5), readers=5)[0].box], [true])[0, 0])
    assert np.mean(fused) > np.mean(alone) + 0.05
    assert np.mean(middle) > np.mean(alone) + 0.05


def test_bad_boxes_are_refused() -> None:
    for bad in ([[0, 0, 1]], [[5, 0, 1, 1]], [[0, 0, float("nan"), 1]]):
        with pytest.raises(BadJudgments):
            fuse(bad, [0], readers=1)
    with pytest.raises(BadJudgments, match="corners"):
        mask([[0, 0], [1, 1]], 4, 4)


def test_a_polygon_becomes_its_pixels() -> None:
    assert mask([[1, 1], [4, 1], [4, 3], [1, 3]], 5, 6).sum() == 6
    assert mask([[0, 0], [4, 0], [0, 4]], 4, 4).sum() in (6, 10)


def test_staple_finds_the_region_and_the_reader_who_draws_too_wide() -> None:
    true = mask([[10, 10], [30, 12], [28, 34], [12, 30]], 40, 40)
    rng = np.random.default_rng(2)
    masks = [true ^ (rng.random(true.shape) < 0.03) for _ in range(4)]
    masks.append(mask([[2, 2], [38, 2], [38, 38], [2, 38]], 40, 40))
    found = staple(masks)
    assert region_overlap(found.region, true) > 0.98
    assert region_overlap(found.region, true) >= region_overlap(vote(masks), true) - 1e-9
    assert found.specificity[4] < 0.4 < 0.9 < found.specificity[:4].min()
    assert staple([true, true]).region.tolist() == true.tolist()


def test_ratings_have_mean_variance_and_weighted_mean() -> None:
    found = ratings([0, 0, 2], [1, 3, 5], weight=[1, 3, 1], tasks=3)
    assert found.mean == pytest.approx([2, np.nan, 5], nan_ok=True)
    assert found.variance == pytest.approx([1, np.nan, 0], nan_ok=True)
    assert found.weighted_mean == pytest.approx([2.5, np.nan, 5], nan_ok=True)
    with pytest.raises(BadJudgments, match="value 1"):
        ratings([0, 0], [1, float("inf")])


def test_each_choice_of_a_set_is_decided_by_itself() -> None:
    chosen = [[1, 0, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1]]
    found = sets([0, 0, 0, 1], [0, 1, 2, 0], chosen, Majority())
    assert found == pytest.approx(np.array([[1, 1 / 3, 1 / 3], [0, 0, 1]]))
