"""What the checks before a launch say about what they are told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from overread.core.checks import Approval, Facts, Mark, check, ready
from overread.core.design import Choice, Design, Instructions
from overread.core.judging import Rules
from overread.core.leaks import Power
from overread.core.test_questions import TestQuestion
from overread.formats.job_templates import job_templates

DESIGN = job_templates()["healthy-or-pneumonia"].design
TESTS = [TestQuestion({"finding": [("healthy", "pneumonia")[n % 2]]}) for n in range(10)]
GOOD = Facts(
    DESIGN,
    Rules(),
    work=98,
    tests=TESTS,
    pictured={"healthy", "pneumonia"},
    counterbalanced=True,
    approval=Approval("The ethics board", "2026-117"),
)


def marks(facts: Facts) -> dict[str, Mark]:
    return {one.check: one.mark for one in check(facts)}


def without_unsure() -> Design:
    main = DESIGN.main_question
    fewer = msgspec.structs.replace(main, choices=tuple(c for c in main.choices if c.settles))
    return msgspec.structs.replace(DESIGN, nodes=(fewer,))


def test_a_good_job_has_nothing_to_put_right() -> None:
    assert set(marks(GOOD).values()) == {Mark.DONE}
    assert ready(check(GOOD))


LEAK = Power("hosted_image", 16, 16)
WIDTH, MARKER, TABLES = (Power(one, 16, 16) for one in ("width", "marker", "tables"))
LONG = "Differentiate peribronchial consolidation from atelectasis considering circumstances. "


FLAWS: list[tuple[dict[str, Any], str, Mark]] = [
    ({"work": 0}, "rows", Mark.WRONG),
    ({"is_reading": True}, "upload", Mark.WRONG),
    ({"is_stopped": True}, "upload", Mark.WRONG),
    ({"held": 3, "repeated": 1}, "held rows", Mark.TODO),
    ({"held": 1, "repeated": 1}, "repeated images", Mark.NOTE),
    ({"held": 1, "repeated": 1}, "held rows", Mark.DONE),
    ({"alike": 2}, "near-duplicates", Mark.TODO),
    ({"is_comparing": True}, "near-duplicates", Mark.TODO),
    ({"alike_otherwise_labelled": 1}, "duplicates with different labels", Mark.TODO),
    ({"patients_unconfirmed": True}, "patients", Mark.TODO),
    ({"leaks": [LEAK]}, "label given away", Mark.NOTE),
    ({"leaks": [LEAK], "visible": ["hosted_image"]}, "label given away", Mark.WRONG),
    ({"image_leaks": [WIDTH]}, "label given away by size", Mark.TODO),
    ({"image_leaks": [MARKER]}, "label given away by a side marker", Mark.TODO),
    ({"image_leaks": [TABLES]}, "label given away by the file", Mark.NOTE),
    ({"approval": None}, "approval", Mark.TODO),
    ({"approval": None, "real": False}, "approval", Mark.DONE),
    ({"design": without_unsure()}, "way out", Mark.TODO),
    (
        {"design": msgspec.structs.replace(DESIGN, cannot_be_judged=Choice("x", ""))},
        "way out",
        Mark.TODO,
    ),
    ({"pictured": {"healthy"}}, "pictures of answers", Mark.TODO),
    ({"tested_examples": 1}, "examples among test questions", Mark.WRONG),
    (
        {"design": msgspec.structs.replace(DESIGN, instructions=Instructions(LONG))},
        "reading level",
        Mark.TODO,
    ),
    (
        {"design": msgspec.structs.replace(DESIGN, instructions=Instructions())},
        "instructions",
        Mark.WRONG,
    ),
    ({"counterbalanced": False}, "order of answers", Mark.NOTE),
    ({"design": msgspec.structs.replace(DESIGN, notice=" ")}, "notice", Mark.TODO),
    ({"named": 2}, "names in texts", Mark.TODO),
    ({"tests": TESTS[:7]}, "test questions too few", Mark.TODO),
    (
        {"tests": [replace(one, hidden=True) for one in TESTS]},
        "test questions too few for the quiz",
        Mark.WRONG,
    ),
    ({"work": 1000}, "test questions too few for the work", Mark.TODO),
    ({"tests": TESTS[::2] * 2}, "test questions unbalanced", Mark.TODO),
    (
        {"tests": [*TESTS, TestQuestion({"finding": ["unsure"]})]},
        "test questions unsure",
        Mark.TODO,
    ),
    ({"without_reason": 1}, "reasons", Mark.TODO),
]


@pytest.mark.parametrize(("told", "name", "mark"), FLAWS)
def test_each_flaw_is_found_with_its_mark_and_a_reason(
    told: dict[str, Any], name: str, mark: Mark
) -> None:
    found = check(replace(GOOD, **told))
    assert {one.check: one.mark for one in found}[name] == mark
    assert all(one.words and one.reason for one in found)
    assert "{" not in "".join(one.words + one.reason for one in found)
    assert ready(found) == all(one.mark != Mark.WRONG for one in found)


def test_every_check_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/checks.md").read_text()
    names = {one.check for told, _, _ in FLAWS for one in check(replace(GOOD, **told))}
    assert not [name for name in names - {"test questions"} if f"| `{name}` |" not in page]
