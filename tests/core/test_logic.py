"""Conditions say the same in short and at length."""

from hypothesis import given
from hypothesis import strategies as st

from overread.core.logic import Condition, Logic, conditions, expanded, folded, holds

NAMES, VALUES = ("a", "b", "c"), ("x", "y", "z")
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(VALUES), max_size=3).map(tuple),
    st.booleans(),
)
LISTS = st.lists(st.lists(CONDITIONS, max_size=3).map(tuple), max_size=4).map(tuple)
LOGICS: st.SearchStrategy[Logic] = CONDITIONS | LISTS
ANSWERS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), min_size=1))


@given(LOGICS)
def test_what_is_folded_expands_to_the_same_in_the_same_order(logic: Logic) -> None:
    assert expanded(folded(logic)) == expanded(logic)
    assert folded(folded(logic)) == folded(logic)


@given(LOGICS, ANSWERS)
def test_what_is_folded_holds_where_it_held(logic: Logic, answers: dict[str, list[str]]) -> None:
    short = folded(logic)
    assert holds(short, answers) == holds(logic, answers)
    assert len(list(conditions(short))) <= sum(map(len, expanded(logic)))


def test_several_answers_in_a_row_become_one_condition() -> None:
    sides = [Condition("right", ("x",)), Condition("right", ("y",))]
    sure = [Condition("sure", ("x",)), Condition("sure", ("y",))]
    crossed = tuple((side, one) for side in sides for one in sure)
    assert folded(crossed) == ((Condition("right", ("x", "y")), Condition("sure", ("x", "y"))),)
    assert folded(((sides[0],), (sides[1],))) == Condition("right", ("x", "y"))
    neither = tuple(Condition("right", (value,), negated=True) for value in ("x", "y"))
    assert folded((neither,)) == Condition("right", ("x", "y"), negated=True)
    assert folded(None) is None
