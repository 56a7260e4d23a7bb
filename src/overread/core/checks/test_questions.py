"""The checks on the set of test questions: the rules are core.test_questions' own."""

from collections.abc import Iterator
from math import ceil

from overread.core.checks.facts import Check, Facts, Finding, Mark, Tab
from overread.core.problems import Message
from overread.core.test_questions import ROWS_PER_TEST, Concern, concerns

# What each concern says, and why it matters.
TEXTS = {
    Concern.TOO_FEW: (
        Message(
            "Quiz and test questions are off: {count} are in use, and they begin with {needed} "
            "(rows per page + 3)."
        ),
        Message("Without them nobody is checked, and who guesses stays."),
    ),
    Concern.TOO_FEW_FOR_QUIZ: (
        Message("The quiz asks {quiz} test questions, and only {in_quiz} are not hidden."),
        Message("Show some of the hidden ones, add others, or shorten the quiz."),
    ),
    Concern.TOO_FEW_FOR_A_PAGE: (
        Message(
            "Everybody stops right after the quiz: {count} test questions are {quiz} for the "
            "quiz and less than a page of work needs."
        ),
        Message("Add some, or shorten the quiz."),
    ),
    Concern.TOO_FEW_FOR_THE_WORK: (
        Message("{count} test questions for {work} rows are less than 5 %."),
        Message(
            "{wanted} (one for every 19 rows) let one person judge all of it and still meet a "
            "new one on each page."
        ),
    ),
    Concern.UNBALANCED: (
        Message("The answers are out of balance: always giving the most frequent one pays."),
        Message("Add test questions with the others, or leave some of the many out."),
    ),
    Concern.UNSURE: (
        Message("Some accept an answer that leaves the row unresolved."),
        Message(
            "That teaches people to avoid a decision; keep it for images on which experts "
            "disagree. In a real run of this kind nearly all missed both, and were right."
        ),
    ),
}


def the_set(facts: Facts) -> Iterator[Finding]:
    rules, tests = facts.rules, facts.tests
    found = concerns(rules, tests, work=facts.work, question=facts.design.main_question)
    values = {
        "count": len(tests),
        "needed": rules.units_per_page + 3,
        "quiz": rules.quiz_length,
        "in_quiz": sum(not one.hidden for one in tests),
        "work": facts.work,
        "wanted": ceil(facts.work / ROWS_PER_TEST),
    }
    for concern in found:
        mark = Mark.WRONG if concern == Concern.TOO_FEW_FOR_QUIZ else Mark.TODO
        words, reason = (Message(text.template, **values) for text in TEXTS[concern])
        yield Finding(f"test questions {concern.value}", mark, words, reason, Tab.QUALITY)
    if not found:
        yield Finding(
            "test questions",
            Mark.DONE,
            Message("Test questions: {count}, in balance.", count=len(tests)),
            Message("That is enough for the quiz, a page of work, and one for every 19 rows."),
            Tab.QUALITY,
        )


def reasons(facts: Facts) -> Iterator[Finding]:
    if facts.tests:
        without = facts.without_reason
        yield Finding(
            "reasons",
            Mark.TODO if without else Mark.DONE,
            Message("Test questions without a reason: {count}.", count=without)
            if without
            else Message("Every test question says why its answer is right."),
            Message("Who misses one learns from the reason; without it they only lose trust."),
            Tab.QUALITY,
        )


CHECKS: tuple[Check, ...] = (the_set, reasons)
