"""Marks to review come from a cell, and are such as the question takes back."""

import json

import msgspec
import pytest

from overread.core.design import Choice, MarkKind, Marks
from overread.formats.cml.shapes import marks_to_review

LABELLED = Marks(
    name="seen", label="Box it", labels=(Choice(value="heart", label="The heart"),), review="boxes"
)
PLAIN = Marks(name="seen", label="Box it", review="boxes")


def box(label: str) -> dict[str, object]:
    return {"type": "box", "class": label, "coordinates": {"x": 1, "y": 2, "w": 3, "h": 4}}


@pytest.mark.parametrize("label", ["heart", "The heart"])
def test_a_class_is_known_by_its_value_and_by_its_label(label: str) -> None:
    [mark] = marks_to_review(LABELLED, json.dumps([box(label)]))
    assert mark.label == "heart"


def test_without_labels_marks_have_none() -> None:
    [mark] = marks_to_review(PLAIN, json.dumps([box("heart")]))
    assert mark.label == ""


def test_what_the_question_does_not_offer_is_left_out_and_the_rest_stays() -> None:
    dot = {"kind": "dot", "points": [[1, 1]], "label": "heart"}
    broken = {"kind": "box", "points": [[-1, 1], [2, 2]], "label": "heart"}
    cell = json.dumps([box("lung"), dot, broken, {"kind": "?"}, 7, box("heart")])
    found = marks_to_review(LABELLED, cell)
    assert [(mark.kind, mark.label) for mark in found] == [(MarkKind.BOX, "heart")]
    assert LABELLED.refuse(msgspec.to_builtins(found)) is None
