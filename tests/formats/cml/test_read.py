"""CML comes in as typed questions, and what is untouched goes out byte for byte."""

import msgspec
import pytest

from overread.core.design import (
    Choice,
    Condition,
    Design,
    Group,
    Hidden,
    Instructions,
    MarkKind,
    Marks,
    Matching,
    Number,
    OneChoice,
    Rating,
    SeveralChoices,
    Text,
    YesNo,
)
from overread.core.design_faults import faults
from overread.core.logic import Logic
from overread.core.text_formats import TextFormat
from overread.formats.cml.form import columns_read
from overread.formats.cml.read import read_cml
from overread.formats.cml.write import write_cml
from tests.formats.cml.designs import DESIGNS

YES_NO = (
    '<cml:radios label="Ill?" name="q" gold="true">'
    '<cml:radio label="Yes"/><cml:radio label="No"/></cml:radios>'
)


def design(text: str) -> Design:
    read = read_cml(text)
    assert not read.fatal, [str(one) for one in read.problems]
    return Design(instructions=Instructions(), nodes=read.nodes)


def problems(text: str) -> list[str]:
    return [str(one) for one in read_cml(text).problems]


@pytest.mark.parametrize("name", DESIGNS)
def test_the_designs_of_real_jobs_come_in_sound_and_go_out_as_they_were(name: str) -> None:
    read = design(DESIGNS[name])
    assert faults(read) == []
    assert write_cml(read) == DESIGNS[name]
    assert Design.from_document(read.document()) == read


def test_the_designs_ask_what_they_asked() -> None:
    asked = {
        name: (
            design(text).main_question.name,
            [c.value for c in design(text).main_question.choices],
        )
        for name, text in DESIGNS.items()
    }
    assert asked == {
        "confidence_level": ("pneumonia_present", ["yes", "no", "unknown"]),
        "healthy_pneumonia_uncertain": (
            "what_is_the_case_in_this_image",
            ["healthy", "pneumonia", "uncertain"],
        ),
        "symptoms_and_rating": ("pneumonia_present", ["yes", "no", "ns"]),
        "three_accuracy_questions": ("pneumonia", ["yes", "no"]),
        "uncategorized": ("xray_image", ["pneumonia", "normal", "uncategorized"]),
        "yes_no_notsure": ("pneumonia_positive", ["yes", "no", "notsure"]),
        "yes_no_unknown": ("pneumonia_present", ["yes", "no", "unknown"]),
    }


def test_an_answer_that_says_unsure_settles_nothing() -> None:
    main = design(DESIGNS["symptoms_and_rating"]).main_question
    assert [choice.settles for choice in main.choices] == [True, True, False]
    assert main.choices[0].given == ("1", "true")


def test_help_logic_matching_and_groups_come_in() -> None:
    several = design(DESIGNS["symptoms_and_rating"]).questions[1]
    assert isinstance(several, SeveralChoices)
    assert (several.matching, several.only_if) == (
        Matching.EXACT,
        Condition("pneumonia_present", ("yes",)),
    )
    rating = design(DESIGNS["confidence_level"]).questions[1]
    assert isinstance(rating, Rating)
    assert rating.names == ("not at all", "somewhat", "very")
    assert rating.is_asked({"pneumonia_present": "no"})
    assert not rating.is_asked({"pneumonia_present": "unknown"})
    first, why = design(DESIGNS["healthy_pneumonia_uncertain"]).questions
    assert first.help == "Healthy lungs are clear & alike."
    assert isinstance(why, Text)
    assert (why.long, why.shortest, why.required) == (True, 3, False)
    looked, seen = design(DESIGNS["three_accuracy_questions"]).questions[3:]
    assert isinstance(looked, YesNo)
    assert isinstance(seen, Number)
    assert seen.only_if == Condition("looked", ("true",))
    assert (seen.whole, seen.minimum, seen.maximum) == (True, 0, 1000)


@pytest.mark.parametrize(
    ("only_if", "logic"),
    [
        ("q", Condition("q")),
        ("q:[yes]", Condition("q", ("yes",))),
        ("q:[1]", Condition("q", ("no",))),
        ("!q:[yes]", Condition("q", ("yes",), negated=True)),
        ("q:unchecked", Condition("q", (), negated=True)),
        ("b:unchecked", Condition("b", ("true",), negated=True)),
        ("b", Condition("b", ("true",))),
        ("q:[yes] or b", ((Condition("q", ("yes",)),), (Condition("b", ("true",)),))),
        ("q:[yes]++!b", ((Condition("q", ("yes",)), Condition("b", ("true",), True)),)),
    ],
)
def test_only_if_says_when_a_question_is_asked(only_if: str, logic: Logic) -> None:
    asked = f'<cml:checkbox name="b" label="?"/><cml:text name="t" label="?" only-if="{only_if}"/>'
    assert design(YES_NO + asked).questions[2].only_if == logic


def test_shapes_hidden_fields_and_formats_come_in() -> None:
    marks, hidden, text = design(
        '<cml:shapes type="[\'box\',\'dot\']" source-data="{{image}}" name="m" label="Mark"'
        ' review-data="{{old}}" data-max="3" validates="required"><cml:option label="Opacity"/>'
        '</cml:shapes><cml:hidden name="h" value="2"/>'
        '<cml:text name="t" label="?" validates="required email maxLength:9"/>'
    ).questions
    assert isinstance(marks, Marks)
    assert marks.kinds == (MarkKind.BOX, MarkKind.DOT)
    assert marks.labels == (Choice("opacity", "Opacity"),)
    assert (marks.review, marks.max, marks.required) == ("old", 3, True)
    assert isinstance(hidden, Hidden)
    assert isinstance(text, Text)
    assert (text.format, text.limit) == (TextFormat.EMAIL, 9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<p>\n <cml:radio label='x'/>",
            "line 2, column 2: <cml:radio> stands alone. Put it into <cml:radios>.",
        ),
        (
            "<cml:radioes name='q'/>",
            "line 1, column 1: There is no tag <cml:radioes>. Did you mean <cml:radios>?",
        ),
        ("<cml:taxonomy name='q'/>", "asks for something that is not asked here"),
        ("<cml:radios label='Ask' name='q'>", "line 1, column 1: <cml:radios> is never closed."),
        ("x</cml:radios>", "line 1, column 2: </cml:radios> closes nothing"),
        ("<cml:text label='?", "The quote ' is never closed."),
        ("<cml:text label='Ask' label='!'/>", "The attribute label stands here twice."),
        ("<cml:text validates='required'/>", "neither a name nor a label"),
        (
            "{% if a %}<cml:text label='Ask'/>{% endif %}",
            "line 1, column 11: A question can't stand in {% if %}",
        ),
        ("{% if a %}", "{% if %} is never closed."),
        ("{% endfor %}", "{% endfor %} closes nothing that is open."),
        ("{{ a ", "line 1, column 1: This is never closed. Add }}."),
        (
            "<cml:radios label='Ask'><cml:option label='x'/></cml:radios>",
            "<cml:option> can't stand in <cml:radios>.",
        ),
        ("<cml:text label='Ask' only-if='a b'/>", "“a b” is no condition."),
        (
            "<cml:text label='Ask' only-if='a:nope'/>",
            "“nope” is no condition. Write a:[value] or a:unchecked.",
        ),
        ("<cml:ratings label='Ask' points='one'/>", "“one” points are no rating."),
        (
            "<cml:ratings label='Ask'><cml:rating value='1'/><cml:rating value='3'/></cml:ratings>",
            "whole numbers in a row",
        ),
        (
            "<cml:text label='Ask' data-scope='planet'/>",
            "“planet” is nothing that an answer is about.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(text: str, said: str) -> None:
    found = read_cml(text)
    assert found.fatal
    assert any(said in str(one) for one in found.fatal), problems(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "<cml:text label='Ask' validates='regex:[a]'/>",
            "The validator regex is not checked here.",
        ),
        ("<cml:text label='Ask' gold='true'/>", "Test questions can't test"),
        (
            "<cml:text label='Ask' aggregation='tagg'/>",
            "The aggregation tagg is not computed here.",
        ),
        ("<cml:shapes label='Ask' type=\"['ellipse','box']\"/>", "Nobody can draw “ellipse” here."),
        ("<cml:shapes label='Ask' ontology='true'/>", "What the shapes can be called"),
        ("<cml:hidden name='h' value='{{x}}'/>", "keeps its text as it is written"),
        ("<cml:group multiple='true'></cml:group>", "A group that repeats is asked once here."),
        ("<script>1</script>", "<script> does nothing here"),
        ("<style>p{}</style>", "<style> does nothing here"),
        ("<b onclick='x()'>", 'onclick="…" does nothing here'),
    ],
)
def test_what_does_nothing_is_told_and_taken(text: str, said: str) -> None:
    assert not read_cml(text).fatal
    assert any(said in one for one in problems(text)), problems(text)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{image}}", "<img> is left out: the image stands beside the form, larger."),
        ("https://elsewhere.example/1.png", "<img> is left out: nothing is fetched from elsewhere"),
    ],
)
def test_a_picture_in_the_form_is_told_with_its_place_and_kept_in_the_text(
    source: str, said: str
) -> None:
    text = f"<p>Look:</p>\n  <IMG class='x' src='{source}' />{YES_NO}"
    [told] = problems(text)
    assert told.startswith(f"line 2, column 3: {said}")
    assert write_cml(design(text)) == text
    assert columns_read(design(text)) == set()
    assert not problems(f"<!-- <img src='{source}'> -->{YES_NO}")


def test_an_edited_question_is_written_anew_and_all_else_keeps_its_bytes() -> None:
    text = DESIGNS["symptoms_and_rating"]
    read = design(text)
    [before, main, *rest] = read.nodes
    assert isinstance(main, OneChoice)
    edited = msgspec.structs.replace(
        read, nodes=(before, msgspec.structs.replace(main, label="Is it?"), *rest)
    )
    written = write_cml(edited)
    assert main.source not in written
    assert 'label="Is it?"' in written
    assert written.replace(
        written[written.index("<cml:radios") : written.index("</cml:radios>")], ""
    ) == text.replace(text[text.index("<cml:radios") : text.index("</cml:radios>")], "")
    assert [one.name for one in design(written).questions] == [one.name for one in read.questions]


def test_what_a_question_does_not_govern_stays_when_it_is_edited() -> None:
    read = design(f'{YES_NO}<cml:text name="t" label="?" class="wide" data-own="1"/>')
    text = msgspec.structs.replace(read.questions[1], label="!")
    written = write_cml(msgspec.structs.replace(read, nodes=(read.nodes[0], text)))
    assert 'class="wide" data-own="1"' in written


def test_an_edited_answer_changes_the_conditions_that_point_at_it_by_its_place() -> None:
    read = design(f'{YES_NO}<cml:text name="t" label="?" only-if="q:[1]"/>')
    main, text = read.nodes
    assert isinstance(main, OneChoice)
    turned = msgspec.structs.replace(main, choices=main.choices[::-1])
    written = write_cml(msgspec.structs.replace(read, nodes=(turned, text)))
    assert design(written).questions[1].only_if == Condition("q", ("no",))


def test_comments_raw_liquid_and_scripts_hide_what_looks_like_a_question() -> None:
    text = (
        f"{YES_NO}<!-- <cml:radio/> -->{{% raw %}}<cml:radio/>{{% endraw %}}"
        "{% comment %}<cml:radio/>{% endcomment %}<script><cml:radio/></script>"
    )
    assert len(design(text).questions) == 1
    assert write_cml(design(text)) == text


def test_a_group_that_is_edited_is_written_anew() -> None:
    read = design(DESIGNS["confidence_level"])
    group = next(node for node in read.nodes if isinstance(node, Group))
    changed = msgspec.structs.replace(group, only_if=Condition("pneumonia_present", ("yes",)))
    nodes = tuple(changed if node is group else node for node in read.nodes)
    written = write_cml(msgspec.structs.replace(read, nodes=nodes))
    assert '<cml:group only-if="pneumonia_present:[yes]">' in written
    assert "<p>Thank you. One more:</p>" in written
