"""The checks on a job's rows and images."""

from collections.abc import Iterator

from overread.core.checks.facts import Check, Facts, Finding, Mark, Tab
from overread.core.checks.leaking import give_away
from overread.core.problems import Message


def rows(facts: Facts) -> Iterator[Finding]:
    if facts.is_reading:
        yield Finding(
            "upload",
            Mark.WRONG,
            Message("Uploaded files are still being read."),
            Message("Launch the job when they are."),
            Tab.DATA,
        )
    if facts.is_stopped:
        yield Finding(
            "upload",
            Mark.WRONG,
            Message("An upload was stopped before all of it was read."),
            Message("Go on with it on the Data tab, or undo it there."),
            Tab.DATA,
        )
    yield Finding(
        "rows",
        Mark.DONE if facts.work else Mark.WRONG,
        Message("Rows to be judged: {count}.", count=facts.work),
        Message("Test questions, examples and held rows are not among them."),
        Tab.DATA,
    )


def held(facts: Facts) -> Iterator[Finding]:
    others = facts.held - facts.repeated
    yield Finding(
        "held rows",
        Mark.TODO if others else Mark.DONE,
        Message("Rows held, and left out: {count}.", count=others)
        if others
        else Message("No row is held for its image or label."),
        Message("Nobody judges them, so they have no label in the data set but a reason."),
        Tab.DATA,
    )
    if facts.repeated:
        yield Finding(
            "repeated images",
            Mark.NOTE,
            Message("The same image twice, shown once: {count} rows.", count=facts.repeated),
            Message("Nobody may see an image twice; the earlier row stands for both."),
            Tab.DATA,
        )


def near_duplicates(facts: Facts) -> Iterator[Finding]:
    if facts.is_comparing:
        words = Message("Near-duplicates among the images are still being looked for.")
    elif facts.alike:
        words = Message("Pairs of rows that show the same film: {count}.", count=facts.alike)
    else:
        words = Message("No two rows are left that show the same film.")
    yield Finding(
        "near-duplicates",
        Mark.TODO if facts.alike or facts.is_comparing else Mark.DONE,
        words,
        Message(
            "Saved anew, cut or mirrored, a film is judged twice. Keep both, or leave one out."
        ),
        Tab.DATA,
    )
    if facts.alike_otherwise_labelled:
        yield Finding(
            "duplicates with different labels",
            Mark.TODO,
            Message(
                "Pairs of rows that show the same film with different labels: {count}.",
                count=facts.alike_otherwise_labelled,
            ),
            Message("At least one of the labels is wrong; neither should be a test question."),
            Tab.DATA,
        )


def patients(facts: Facts) -> Iterator[Finding]:
    if facts.patients_unconfirmed:
        yield Finding(
            "patients",
            Mark.TODO,
            Message("Confirm how patients are told apart."),
            Message("Images of one patient in training and test make a model look too good."),
            Tab.DATA,
        )


def approval(facts: Facts) -> Iterator[Finding]:
    found = facts.approval
    if found is not None:
        mark = Mark.DONE
        words = Message(
            "Approved by {by}, reference {reference}.", by=found.by, reference=found.reference
        )
    elif facts.real:
        mark, words = Mark.TODO, Message("Who approved that these people see these images?")
    else:
        mark, words = Mark.DONE, Message("Only drawn images: nobody's approval is needed.")
    yield Finding(
        "approval",
        mark,
        words,
        Message(
            "Images of patients are shown only where somebody with the right to it allowed it;"
            " note who, and under which reference."
        ),
        Tab.LAUNCH,
    )


CHECKS: tuple[Check, ...] = (rows, held, near_duplicates, patients, give_away, approval)
