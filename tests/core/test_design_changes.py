"""What differs between two designs, and what that means for results."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.design import Choice, Design, Instructions, Matching, Question
from overread.core.design_changes import MEANS, Change, Effect, changes, effects
from overread.formats.job_templates import job_templates

DESIGN = job_templates()["healthy-or-pneumonia"].design
MAIN, SIGNS, LIKELY = DESIGN.questions
replace: Any = msgspec.structs.replace


def of(*questions: Question) -> Design:
    found: Design = replace(DESIGN, nodes=questions)
    return found


def only(found: list[Change]) -> Change:
    (change,) = found
    return change


def test_the_same_design_differs_in_nothing() -> None:
    assert changes(DESIGN, Design.from_document(DESIGN.document())) == []


def test_instructions_differ_line_by_line() -> None:
    old = replace(DESIGN, instructions=Instructions(rules="Look.\nCompare.\nDecide."))
    new = replace(DESIGN, instructions=Instructions(rules="Look.\nCompare both sides.\nDecide."))
    found = only(changes(old, new))
    assert found.where == "Instructions: rules and tips"
    assert found.effect == Effect.WORDS
    assert found.lines == [
        (" ", "Look."),
        ("-", "Compare."),
        ("+", "Compare both sides."),
        (" ", "Decide."),
    ]


FEWER = replace(MAIN, choices=MAIN.choices[:2])
MORE = replace(MAIN, choices=(*MAIN.choices, Choice("other", "Something else", "4")))
RENAMED = replace(MAIN, choices=(replace(MAIN.choices[0], label="Normal"), *MAIN.choices[1:]))


@pytest.mark.parametrize(
    ("old", "new", "where", "effect"),
    [
        (of(MAIN), of(MAIN, SIGNS), "Question “signs”", Effect.ASKED_ANEW),
        (of(MAIN, SIGNS), of(MAIN), "Question “signs”", Effect.NOT_ASKED),
        (of(MAIN, SIGNS), of(SIGNS, MAIN), "Order of the questions", Effect.WORDS),
        (of(MAIN), of(replace(MAIN, label="Ill?")), "Question “finding”: label", Effect.WORDS),
        (
            of(MAIN),
            of(replace(MAIN, matching=Matching.EXACT)),
            "Question “finding”: matching",
            Effect.SCORING,
        ),
        (of(LIKELY), of(replace(LIKELY, points=7)), "“how_likely”: points", Effect.ANSWERS),
        (of(MAIN), of(FEWER), "Question “finding”, answer “unsure”", Effect.ANSWERS),
        (of(MAIN), of(MORE), "Question “finding”, answer “other”", Effect.ANSWERS),
        (of(MAIN), of(RENAMED), "Question “finding”, answer “healthy”", Effect.WORDS),
        (
            of(MAIN),
            of(replace(MAIN, choices=MAIN.choices[::-1])),
            "order of the answers",
            Effect.WORDS,
        ),
        (DESIGN, replace(DESIGN, notice="New."), "Design: notice", Effect.WORDS),
    ],
)
def test_each_change_says_where_and_what_it_means(
    old: Design, new: Design, where: str, effect: Effect
) -> None:
    found = only(changes(old, new))
    assert where in found.where
    assert found.effect == effect
    assert found.lines


def test_the_gravest_effect_is_told_first() -> None:
    found = changes(of(MAIN), of(replace(FEWER, label="Ill?"), SIGNS))
    assert effects(found) == [Effect.ANSWERS, Effect.ASKED_ANEW, Effect.WORDS]
    assert set(MEANS) == set(Effect)


def test_what_only_the_owner_sees_is_not_shown() -> None:
    found = changes(DESIGN, of(FEWER, SIGNS, LIKELY))
    assert "label: Unsure" in only(found).before
    assert "reason" not in only(changes(of(MAIN), of(MORE))).after


@given(st.permutations(DESIGN.questions), st.permutations(DESIGN.questions))
def test_to_and_fro_are_the_same_changes_turned_round(
    one: list[Question], other: list[Question]
) -> None:
    there, back = changes(of(*one), of(*other)), changes(of(*other), of(*one))
    assert {(c.where, c.before, c.after) for c in there} == {
        (c.where, c.after, c.before) for c in back
    }
