"""Every template is a complete design that says what it should, and asks nothing it can't."""

from random import Random

import pytest

from overread.core.design import MarkKind, Marks, Scope
from overread.core.design_faults import faults
from overread.core.simulated_answers import answers_with
from overread.formats.cml.read import read_cml
from overread.formats.cml.write import write_cml
from overread.formats.job_templates import job_templates
from tests.formats.cml.test_laws import shape

TEMPLATES = list(job_templates())


def test_there_is_one_for_each_purpose_and_the_mission_comes_first() -> None:
    assert TEMPLATES == [
        "healthy-or-pneumonia",
        "healthy-or-pneumonia-with-boxes",
        "who-paediatric-chest-x-ray",
        "normal-abnormal-pneumonia",
        "serious-findings",
        "severity",
        "image-quality",
        "peer-review",
        "your-own",
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_sound_and_comes_back_from_its_cml(name: str) -> None:
    design = job_templates()[name].design
    assert faults(design) == []
    read = read_cml(write_cml(design))
    assert not read.fatal
    assert shape(read.nodes) == shape(design.nodes)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_keys_reasons_and_a_way_to_say_unsure(name: str) -> None:
    template = job_templates()[name]
    main = template.design.main_question
    settled = [choice for choice in main.choices if choice.settles]
    assert main.is_computed or all(choice.key for choice in main.choices)
    assert all(choice.reason for choice in settled) or name == "your-own"
    assert all(choice.given for choice in settled)
    assert template.design.cannot_be_judged.key == "x"
    assert template.settings


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_answer_of_a_template_can_be_given(name: str) -> None:
    design = job_templates()[name].design
    for choice in design.main_question.choices:
        answers = answers_with(design, choice.value, Random(1))
        assert design.wrong_answers(answers) == []
        assert design.completed(answers)[design.main_question.name] == choice.value


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_asks_what_a_radiograph_cannot_tell(name: str) -> None:
    for question in job_templates()[name].design.questions:
        words = " ".join([question.label, question.help, str(getattr(question, "choices", ""))])
        assert "bacteri" not in question.label.lower() + question.help.lower()
        labels = [choice.label.lower() for choice in getattr(question, "choices", ())]
        assert not any("virus" in label or "bacteri" in label for label in labels), words


@pytest.mark.parametrize(
    ("answers", "conclusion"),
    [
        ({"quality": "uninterpretable"}, "uninterpretable"),
        ({"quality": "adequate"}, "none"),
        ({"quality": "adequate", "left_lung": ["consolidation"]}, "primary_end_point"),
        ({"quality": "suboptimal", "right_lung": ["effusion"]}, "primary_end_point"),
        ({"quality": "adequate", "right_lung": ["other_infiltrate"]}, "other_infiltrate"),
        (
            {
                "quality": "adequate",
                "right_lung": ["other_infiltrate"],
                "left_lung": ["consolidation", "other_infiltrate"],
            },
            "primary_end_point",
        ),
    ],
)
def test_the_conclusion_of_the_who_template_follows_from_the_findings(
    answers: dict[str, object], conclusion: str
) -> None:
    design = job_templates()["who-paediatric-chest-x-ray"].design
    assert design.wrong_answers(answers) == []
    assert design.completed(answers)["conclusion"] == conclusion
    sides = [one.part for one in design.questions if one.scope == Scope.SIDE]
    assert sides == ["right", "left"]


def test_the_template_with_boxes_asks_the_same_and_where() -> None:
    plain = job_templates()["healthy-or-pneumonia"].design
    boxes = job_templates()["healthy-or-pneumonia-with-boxes"].design
    *same, marks = boxes.questions
    assert tuple(same) == plain.questions
    assert isinstance(marks, Marks)
    assert (marks.kinds, marks.min) == ((MarkKind.BOX,), 1)
    assert boxes.instructions != plain.instructions
