"""Boxes, outlines, ratings and sets."""

import numpy as np
import pytest

from overread.core.aggregation import BadJudgments, Majority
from overread.core.aggregation.boxes import overlap
from overread.core.aggregation.regions import mask, staple, vote
from overread.core.aggregation.regions import overlap as region_overlap
from overread.core.aggregation.values import ratings, sets


def test_overlap_is_that_worked_by_hand() -> None:
    found = overlap([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2], [5, 5, 6, 6]])
    assert found == pytest.approx(np.array([[1 / 3, 1, 0]]))


def test_bad_boxes_are_refused() -> None:
    for bad in ([[0, 0, 1]], [[5, 0, 1, 1]], [[0, 0, float("nan"), 1]]):
        with pytest.raises(BadJudgments):
            overlap(bad, bad)
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
