"""Each type of question takes its own answers and no others; what follows is computed."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.counterbalance import order_for
from overread.core.design import (
    Aggregation,
    Choice,
    Condition,
    Derived,
    Design,
    Group,
    Hidden,
    Instructions,
    MarkKind,
    Marks,
    Markup,
    Number,
    OneChoice,
    Rating,
    Rule,
    SeveralChoices,
    Text,
    Wrong,
    YesNo,
    as_values,
)
from overread.core.design_faults import faults
from overread.core.logic import Logic, both, holds
from overread.core.simulated_answers import answers_with
from overread.core.text_formats import TextFormat

ANSWERS = (Choice("a", "A", "1"), Choice("b", "B", "2"), Choice("u", "Unsure", "3", settles=False))
FINDING = OneChoice(name="finding", label="?", tested=True, choices=ANSWERS)
BOX = {"kind": "box", "points": [[1, 2], [30, 40.5]], "label": "opacity"}
MARKS = Marks(
    name="marks",
    label="?",
    kinds=(MarkKind.BOX, MarkKind.DOT),
    labels=(Choice("opacity", "Opacity"),),
    max=2,
)


def design(*nodes: Any) -> Design:
    return Design(instructions=Instructions(), nodes=nodes)


@pytest.mark.parametrize(
    ("question", "answer", "wrong"),
    [
        (YesNo(name="q", label="?"), "true", None),
        (YesNo(name="q", label="?"), "false", None),
        (YesNo(name="q", label="?"), True, Wrong.NOT_OFFERED),
        (Rating(name="q", label="?", first=0, points=4), 0, None),
        (Rating(name="q", label="?", first=0, points=4), 4, Wrong.NOT_OFFERED),
        (Number(name="q", label="?", minimum=0, maximum=1), 0.5, None),
        (Number(name="q", label="?", minimum=0, maximum=1), 1.5, Wrong.OUT_OF_RANGE),
        (Number(name="q", label="?", whole=True), 2.5, Wrong.MALFORMED),
        (Number(name="q", label="?"), True, Wrong.MALFORMED),
        (Number(name="q", label="?"), float("nan"), Wrong.MALFORMED),
        (Number(name="q", label="?"), "2", Wrong.MALFORMED),
        (Text(name="q", label="?"), "words", None),
        (Text(name="q", label="?"), "  ", Wrong.MALFORMED),
        (Text(name="q", label="?", longest=3), "words", Wrong.OUT_OF_RANGE),
        (Text(name="q", label="?", format=TextFormat.DATE), "02/29/2024", None),
        (Text(name="q", label="?", format=TextFormat.DATE), "02/29/2023", Wrong.MALFORMED),
        (Text(name="q", label="?", format=TextFormat.EMAIL), "a@b.org", None),
        (Text(name="q", label="?", format=TextFormat.URL), "javascript:x", Wrong.MALFORMED),
        (MARKS, [BOX], None),
        (MARKS, [BOX] * 3, Wrong.OUT_OF_RANGE),
        (MARKS, [BOX | {"kind": "line"}], Wrong.NOT_OFFERED),
        (MARKS, [BOX | {"label": "rib"}], Wrong.NOT_OFFERED),
        (MARKS, [BOX | {"points": [[1, 2]]}], Wrong.MALFORMED),
        (MARKS, [BOX | {"points": [[-1, 2], [3, 4]]}], Wrong.MALFORMED),
        (MARKS, [BOX | {"script": "x"}], Wrong.MALFORMED),
        (MARKS, "box", Wrong.MALFORMED),
    ],
)
def test_each_type_takes_its_own_answers(
    question: Any, answer: object, wrong: Wrong | None
) -> None:
    assert question.wrong({question.name: answer}) == wrong


def test_documents_of_the_first_version_still_load() -> None:
    document = {
        "instructions": {},
        "nodes": [
            {
                "type": "several choices",
                "name": "signs",
                "label": "?",
                "choices": [{"value": "haze", "label": "Haze"}],
                "only_if": {"question": "finding", "values": ["pneumonia"]},
            }
        ],
    }
    [question] = Design.from_document(document).questions
    assert isinstance(question, SeveralChoices)
    assert question.is_asked({"finding": "pneumonia"})
    assert not question.is_asked({"finding": "healthy"})


def test_a_group_hides_its_questions_and_a_document_keeps_it() -> None:
    inner = Text(name="why", label="?", only_if=Condition("finding", ("b",), negated=True))
    found = design(FINDING, Group((Markup("<p>"), inner), only_if=Condition("finding")))
    assert Design.from_document(found.document()) == found
    why = found.questions[1]
    assert [why.is_asked(answers) for answers in ({}, {"finding": "a"}, {"finding": "b"})] == [
        False,
        True,
        False,
    ]


CONDITIONS = st.builds(
    Condition,
    st.sampled_from("pq"),
    st.lists(st.sampled_from("xy"), max_size=2).map(tuple),
    st.booleans(),
)
LOGIC: st.SearchStrategy[Logic] = CONDITIONS | st.lists(
    st.lists(CONDITIONS, max_size=3).map(tuple), min_size=1, max_size=3
).map(tuple)


@given(
    LOGIC,
    LOGIC,
    st.fixed_dictionaries({}, optional={"p": st.sampled_from("xy"), "q": st.just("x")}),
)
def test_both_holds_where_each_does(outer: Logic, inner: Logic, answers: dict[str, str]) -> None:
    assert holds(both(outer, inner), answers) == (holds(outer, answers) and holds(inner, answers))


CONCLUSION = Derived(
    name="conclusion",
    label="Conclusion",
    tested=True,
    choices=(Choice("ill", "Ill"), Choice("well", "Well")),
    rules=(Rule("ill", Condition("consolidation", ("true",))), Rule("well")),
)


def test_a_derived_answer_follows_is_stored_and_is_never_asked() -> None:
    found = design(
        YesNo(name="consolidation", label="?"),
        CONCLUSION,
        Text(name="more", label="?", only_if=Condition("conclusion", ("ill",))),
        Hidden(name="form", value="2"),
    )
    assert found.main_question == CONCLUSION
    assert found.completed({"consolidation": "false"}) == {
        "consolidation": "false",
        "conclusion": "well",
        "form": "2",
    }
    assert found.wrong_answers({"consolidation": "false"}) == []
    asked = {one.question: one.wrong for one in found.wrong_answers({"consolidation": "true"})}
    assert asked == {"more": Wrong.MISSING}
    given_ = {"consolidation": "false", "conclusion": "well"}
    assert [one.wrong for one in found.wrong_answers(given_)] == [Wrong.NOT_ASKED]
    assert found.is_right({"conclusion": ["well"]}, found.completed({"consolidation": "false"}))


def test_simulated_answers_lead_to_a_derived_conclusion() -> None:
    found = design(
        YesNo(name="consolidation", label="?"),
        CONCLUSION,
        MARKS,
        Number(name="n", label="?", minimum=0.2, maximum=1.5),
        Text(name="t", label="?", only_if=Condition("conclusion", ("ill",))),
    )
    for value in ("ill", "well"):
        answers = answers_with(found, value, Random(1))
        assert found.wrong_answers(answers) == []
        assert found.completed(answers)["conclusion"] == value


def test_marks_are_one_value_in_reports_and_whole_numbers_are_whole() -> None:
    assert as_values([BOX]) == ('[{"kind":"box","points":[[1,2],[30,40.5]],"label":"opacity"}]',)
    assert as_values(2.0) == ("2",)
    assert as_values([]) == ()


def test_counterbalanced_answers_stand_in_each_place_equally_often() -> None:
    question = OneChoice(name="q", label="?", choices=ANSWERS, counterbalanced=True)
    orders = [[one.value for one in order_for(contributor, question)] for contributor in range(4)]
    assert orders == [["a", "b", "u"], ["b", "a", "u"]] * 2
    assert [one.key for one in order_for(1, question)] == ["1", "2", "3"]
    assert order_for(1, FINDING) == ANSWERS


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([FINDING, FINDING], "2 questions are called “finding”."),
        ([FINDING, Text(name="A b", label="?")], "“A b” can't be the name of a question."),
        ([Text(name="t", label="?")], "No question with one answer is tested."),
        ([FINDING, Text(name="t", label=" ")], "The question has no text."),
        ([FINDING, Text(name="t", label="?", tested=True)], "Test questions can't test this"),
        ([FINDING, Text(name="t", label="?", only_if=Condition("x"))], "depends on “x”"),
        (
            [FINDING, Text(name="t", label="?", only_if=Condition("finding", ("c",)))],
            "“finding” has no answer “c”.",
        ),
        (
            [
                FINDING,
                Text(name="s", label="?", only_if=Condition("t")),
                Text(name="t", label="?", only_if=Condition("s")),
            ],
            "These questions wait for each other: ",
        ),
        ([FINDING, Number(name="n", label="?", minimum=2, maximum=1)], "The least is more than"),
        ([FINDING, Text(name="t", label="?", aggregation=Aggregation.MEAN)], "Only numbers have"),
        ([OneChoice(name="q", label="?", tested=True, choices=ANSWERS[:1])], "nothing to choose"),
    ],
)
def test_a_fault_says_what_is_wrong(nodes: list[Any], words: str) -> None:
    found = faults(design(*nodes))
    assert any(words in one.problem for one in found), found


def test_a_sound_design_has_no_fault() -> None:
    assert faults(design(FINDING, MARKS, CONCLUSION_AFTER_FINDING)) == []


CONCLUSION_AFTER_FINDING = Derived(
    name="conclusion",
    label="Conclusion",
    choices=(Choice("ill", "Ill"),),
    rules=(Rule("ill", Condition("finding", ("a",))),),
)
