"""A data set is cut by patient."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from overread.core.export import SPLITS, Labelled, split_by_patient

units = st.lists(
    st.tuples(st.sampled_from("abcdefghij"), st.sampled_from(("healthy", "pneumonia"))), max_size=60
).map(lambda rows: [Labelled(number, *row) for number, row in enumerate(rows)])


@given(units)
def test_no_patient_stands_in_two_splits(found: list[Labelled]) -> None:
    splits = split_by_patient(found, seed="s")
    of_patient = defaultdict(set)
    for unit in found:
        of_patient[unit.patient].add(splits[unit.unit])
    assert all(len(own) == 1 for own in of_patient.values())


@given(units, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(found: list[Labelled], rng) -> None:  # type: ignore[no-untyped-def]
    shuffled = rng.sample(found, len(found))
    assert split_by_patient(found, seed="s") == split_by_patient(shuffled, seed="s")


def test_shares_and_classes_come_out_as_asked() -> None:
    found = [Labelled(n, f"p{n}", "healthy" if n % 2 else "pneumonia") for n in range(200)]
    splits = split_by_patient(found, seed="s")
    for label in ("healthy", "pneumonia"):
        counts = Counter(splits[unit.unit] for unit in found if unit.label == label)
        assert [counts[split] for split in SPLITS] == [70, 15, 15]


def test_another_seed_cuts_differently() -> None:
    found = [Labelled(n, f"p{n}", "healthy") for n in range(50)]
    assert split_by_patient(found, seed="a") != split_by_patient(found, seed="b")
