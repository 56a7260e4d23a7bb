"""The checks on what contributors read and answer."""

from collections.abc import Iterator

import msgspec

from overread.core.checks.facts import Check, Facts, Finding, Mark, Tab
from overread.core.problems import Message
from overread.core.reading_level import lix

# LIX up to which people read without effort: between fiction and a newspaper's facts.
PLAIN = 45


def way_out(facts: Facts) -> Iterator[Finding]:
    """Whether one can say "unsure", and "can't be judged"."""
    unsure = [one.label for one in facts.design.main_question.choices if not one.settles]
    cannot = facts.design.cannot_be_judged.label
    if not unsure:
        mark, words = Mark.TODO, Message("No answer says “unsure”.")
    elif not cannot:
        mark, words = Mark.TODO, Message("Nobody can say that an image can't be judged.")
    else:
        mark = Mark.DONE
        words = Message("One can say “{unsure}” and “{cannot}”.", unsure=unsure[0], cannot=cannot)
    yield Finding(
        "way out",
        mark,
        words,
        Message("Without a way out people guess, and guesses look like labels."),
        Tab.DESIGN,
    )


def pictures(facts: Facts) -> Iterator[Finding]:
    """Whether an example shows each answer that settles a row."""
    choices = facts.design.main_question.choices
    settling = [one for one in choices if one.settles]
    missing = [one.label for one in settling if one.value not in facts.pictured]
    yield Finding(
        "pictures of answers",
        Mark.TODO if missing else Mark.DONE,
        Message("No example's picture shows: {answers}.", answers=", ".join(missing))
        if missing
        else Message("An example's picture shows each answer."),
        Message("People learn what an answer means from a picture sooner than from words."),
        Tab.DESIGN,
    )
    if facts.tested_examples:
        yield Finding(
            "examples among test questions",
            Mark.WRONG,
            Message(
                "Examples that are a test question, or show the patient of one: {count}.",
                count=facts.tested_examples,
            ),
            Message("Who remembers the example knows the answer, and the test tests nothing."),
            Tab.DESIGN,
        )


def reading_level(facts: Facts) -> Iterator[Finding]:
    text = "\n".join(msgspec.structs.astuple(facts.design.instructions))
    level = lix(text)
    if level is None:
        yield Finding(
            "instructions",
            Mark.WRONG,
            Message("There are no instructions."),
            Message("Nobody can know what to look for."),
            Tab.DESIGN,
        )
        return
    hard = level > PLAIN
    yield Finding(
        "reading level",
        Mark.TODO if hard else Mark.DONE,
        Message("The instructions are hard to read: LIX {level}.", level=round(level))
        if hard
        else Message("The instructions are easy to read: LIX {level}.", level=round(level)),
        Message(
            "LIX is words in a sentence + per cent of words over six letters; up to {plain}"
            " everybody reads along. Shorten sentences first.",
            plain=PLAIN,
        ),
        Tab.DESIGN,
    )


def order_of_answers(facts: Facts) -> Iterator[Finding]:
    first = facts.design.main_question.choices[0].label
    yield Finding(
        "order of answers",
        Mark.DONE if facts.counterbalanced else Mark.NOTE,
        Message("The order of the answers differs between contributors.")
        if facts.counterbalanced
        else Message("Everybody sees “{first}” as the first answer.", first=first),
        Message("The first answer is chosen a little more often; a mixed order evens that out."),
        Tab.DESIGN,
    )


def notice(facts: Facts) -> Iterator[Finding]:
    said = facts.design.notice.strip()
    yield Finding(
        "notice",
        Mark.DONE if said else Mark.TODO,
        Message("Contributors read a notice: “{notice}”", notice=said)
        if said
        else Message("There is no notice that this is labelling work and no diagnosis."),
        Message("What lay people say here must never be taken for a doctor's finding."),
        Tab.DESIGN,
    )


def named(facts: Facts) -> Iterator[Finding]:
    if facts.named:
        yield Finding(
            "names in texts",
            Mark.TODO,
            Message("Files or patients named in the title or a text: {count}.", count=facts.named),
            Message("Contributors read these texts; names of files and patients stay here."),
            Tab.DESIGN,
        )


CHECKS: tuple[Check, ...] = (
    way_out,
    pictures,
    reading_level,
    order_of_answers,
    notice,
    named,
)
