"""A column that gives the label away is found; one that says nothing is not."""

import csv
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from overread.core.leaks import leaks, powers
from overread.core.names import named_in, without, without_addresses
from overread.core.reading_level import lix
from tests.shared_data import shared_data

LABELS = ["healthy", "pneumonia"] * 10


def columns_found(cells: list[str], labels: list[str] = LABELS) -> bool:
    return bool(leaks({"column": cells}, labels))


def test_a_word_a_beginning_a_shape_and_a_size_give_the_label_away() -> None:
    numbers = [str(1000 + row) for row in range(20)]
    kinds = ["normal", "virus"] * 10
    assert columns_found([f"{a}-{kind}.png" for a, kind in zip(numbers, kinds, strict=True)])
    assert columns_found([f"{('5cad80', '5cad75')[row % 2]}{row}ff" for row in range(20)])
    assert columns_found([("IM-0115-0001", "img115-0001")[row % 2] for row in range(20)])
    assert columns_found([str(row % 2 * 50 + row) for row in range(20)])


def test_the_missions_own_addresses_give_all_labels_away() -> None:
    with (shared_data("udacity") / "derived_truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    cells, labels = [row["hosted_image"] for row in rows], [row["derived_label"] for row in rows]
    (found,) = leaks({"hosted_image": cells}, labels)
    assert (found.right, found.of) == (117, 117)


def test_one_odd_row_is_no_leak() -> None:
    assert not columns_found(["odd.png", *("same.png" for _ in range(19))])


def test_random_names_are_hardly_ever_taken_for_a_leak() -> None:
    rng = Random(1)
    tables = [[f"img-{rng.randrange(10**6)}.png" for _ in LABELS] for _ in range(200)]
    assert sum(columns_found(cells, rng.sample(LABELS, 20)) for cells in tables) <= 2


def test_what_tells_nothing_tells_no_more_than_by_chance() -> None:
    rng = Random(2)
    drawn = {str(n): [str(rng.randrange(4)) for _ in LABELS] for n in range(50)}
    found = powers(drawn, LABELS)
    assert sum(one.chance <= 0.1 for one in found) <= 10


def test_the_same_everywhere_tells_nothing() -> None:
    for cells in (["24"] * 20, ["same.png"] * 20, [""] * 20):
        (found,) = powers({"c": cells}, LABELS)
        assert (found.right, found.chance, found.guessing) == (10, 1, 10)


def test_names_that_are_all_different_tell_nothing_by_themselves() -> None:
    (found,) = powers({"c": [chr(97 + row) * 9 for row in range(20)]}, LABELS)
    assert not found.gives_away


def test_many_values_of_one_label_each_give_it_away() -> None:
    """Such as the quantisation tables of five cameras in two wards."""
    assert columns_found([f"{row % 2}{'abc'[row // 2 % 3]}" for row in range(20)])


def test_sixteen_labels_are_enough_for_a_clear_leak_and_eight_are_not() -> None:
    for count, leak in ((16, True), (8, False)):
        labels, cells = LABELS[:count], [f"{row % 2}{'x' * (row // 2)}" for row in range(count)]
        assert columns_found(cells, labels) == leak


def test_one_label_alone_or_none_says_nothing() -> None:
    assert not columns_found(["a", "b", "c", "d"], ["healthy"] * 4)
    assert powers({"c": []}, []) == []


@settings(deadline=None, derandomize=True)
@given(st.permutations(range(20)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    cells = [f"{row}-{('normal', 'virus')[row % 2]}" for row in range(20)]
    there = leaks({"c": cells}, LABELS)
    assert leaks({"c": [cells[row] for row in order]}, [LABELS[row] for row in order]) == there


def test_names_are_found_as_whole_words_and_left_out() -> None:
    text = "See scan-1.png of Jane Doe, not scan-11.png."
    names = {"scan-1.png", "Jane Doe", "png", "scan-1"}
    assert named_in(text, names) == {"scan-1.png", "Jane Doe"}
    assert without(text, names, "…") == "See … of …, not scan-11.png."
    assert without("scan-1, scan-1.png", names, "…") == "…, …"
    assert without_addresses("at https://a.example/x?y and //cdn.example/z!", "…") == "at … and …"


def test_the_reading_level_is_bjornssons_index() -> None:
    # 12 words in 2 sentences, 3 of them over six letters.
    text = "The cat sat on a window. It watched several parrots in trees."
    assert lix(text) == 6 + 25
    assert lix(" \n* 12 %") is None
