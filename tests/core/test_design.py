"""A design keeps every byte, and takes no answer that it did not offer."""

import pytest

from overread.core.design import (
    Choice,
    Condition,
    Design,
    Instructions,
    Markup,
    OneChoice,
    Rating,
    SeveralChoices,
    Wrong,
    as_values,
)
from overread.formats.job_templates import job_templates

DESIGN = Design(
    instructions=Instructions("o", "s", "r", "e"),
    nodes=(
        Markup("<p>{{ column }}</p>\n"),
        OneChoice(
            name="finding",
            label="?",
            tested=True,
            choices=(Choice("healthy", "Healthy"), Choice("pneumonia", "Pneumonia")),
        ),
        SeveralChoices(
            name="signs",
            label="?",
            only_if=Condition("finding", ("pneumonia",)),
            choices=(Choice("haze", "Haze"), Choice("patch", "Patch")),
        ),
        Rating(name="sure", label="?", points=5, required=False),
    ),
)


def wrong(answers: dict[str, object]) -> dict[str, Wrong]:
    return {one.question: one.wrong for one in DESIGN.wrong_answers(answers)}


def test_a_design_comes_back_from_its_document_unchanged() -> None:
    assert Design.from_document(DESIGN.document()) == DESIGN


def test_complete_answers_have_nothing_wrong() -> None:
    assert wrong({"finding": "healthy"}) == {}
    assert wrong({"finding": "pneumonia", "signs": ["haze"], "sure": 5}) == {}


@pytest.mark.parametrize(
    ("answers", "question", "kind"),
    [
        ({}, "finding", Wrong.MISSING),
        ({"finding": ""}, "finding", Wrong.MISSING),
        ({"finding": "cancer"}, "finding", Wrong.NOT_OFFERED),
        ({"finding": ["healthy"]}, "finding", Wrong.NOT_OFFERED),
        ({"finding": "pneumonia"}, "signs", Wrong.MISSING),
        ({"finding": "pneumonia", "signs": []}, "signs", Wrong.MISSING),
        ({"finding": "pneumonia", "signs": ["haze", "haze"]}, "signs", Wrong.NOT_OFFERED),
        ({"finding": "pneumonia", "signs": ["fog"]}, "signs", Wrong.NOT_OFFERED),
        ({"finding": "healthy", "signs": ["haze"]}, "signs", Wrong.NOT_ASKED),
        ({"finding": "healthy", "sure": 6}, "sure", Wrong.NOT_OFFERED),
        ({"finding": "healthy", "sure": True}, "sure", Wrong.NOT_OFFERED),
        ({"finding": "healthy", "sure": "3"}, "sure", Wrong.NOT_OFFERED),
        ({"finding": "healthy", "extra": "x"}, "extra", Wrong.NOT_ASKED),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(
    answers: dict[str, object], question: str, kind: Wrong
) -> None:
    assert wrong(answers) == {question: kind}


def test_an_answer_of_any_type_becomes_the_values_that_reports_print() -> None:
    assert [as_values(one) for one in (None, "a", 3, ["a", "b"])] == [
        (),
        ("a",),
        ("3",),
        ("a", "b"),
    ]


def test_every_template_is_a_complete_design() -> None:
    for template in job_templates().values():
        design = template.design
        assert design.main_question.choices
        assert all(vars_ for vars_ in (design.notice, template.title, template.summary))
        parts = design.instructions
        assert all((parts.overview, parts.steps, parts.rules, parts.examples))


def test_the_missions_template_asks_its_three_questions() -> None:
    design = job_templates()["healthy-or-pneumonia"].design
    assert [question.name for question in design.questions] == ["finding", "signs", "how_likely"]
    answers = [choice.value for choice in design.main_question.choices]
    assert answers == ["healthy", "pneumonia", "unsure"]
