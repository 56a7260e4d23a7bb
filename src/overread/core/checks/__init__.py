"""The checks before a launch: facts about a job in, findings with a reason and a place out."""

from collections.abc import Sequence

from overread.core.checks.data import CHECKS as DATA
from overread.core.checks.design import CHECKS as DESIGN
from overread.core.checks.facts import Approval, Facts, Finding, Mark, Tab
from overread.core.checks.test_questions import CHECKS as TEST_QUESTIONS

__all__ = ["Approval", "Facts", "Finding", "Mark", "Tab", "check", "check_test_questions", "ready"]


def check(facts: Facts) -> list[Finding]:
    """Every check, in the order of the work; what is in order is listed too."""
    every = (*DATA, *DESIGN, *TEST_QUESTIONS)
    return [finding for one in every for finding in one(facts)]


def check_test_questions(facts: Facts) -> list[Finding]:
    """Whether the test questions in use make a good set."""
    return [finding for one in TEST_QUESTIONS for finding in one(facts)]


def ready(findings: Sequence[Finding]) -> bool:
    """Whether nothing stands in the way of the launch."""
    return all(finding.mark != Mark.WRONG for finding in findings)
