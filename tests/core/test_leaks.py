"""A column that gives the label away is found; one that says nothing is not."""

import csv
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from overread.core.leaks import leaks
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


@given(st.integers(0, 10_000))
def test_random_names_are_hardly_ever_taken_for_a_leak(seed: int) -> None:
    rng = Random(seed)
    labels = rng.sample(LABELS, 20)
    tables = [[f"img-{rng.randrange(10**6)}.png" for _ in labels] for _ in range(5)]
    assert sum(columns_found(cells, labels) for cells in tables) < 2


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
