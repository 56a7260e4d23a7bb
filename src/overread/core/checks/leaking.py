"""The checks on what gives the label away: cells, names, sizes, letters on the film, files."""

from collections.abc import Iterator, Mapping

from overread.core.checks.facts import Facts, Finding, Mark, Tab
from overread.core.leaks import Power
from overread.core.problems import Message

# What is known of an image besides its row's cells: its name here, its words on a page.
FACTS: Mapping[str, Message] = {
    "name": Message("file name"),
    "address": Message("address or path"),
    "folder": Message("folder among the files"),
    "order": Message("order of the rows"),
    "width": Message("width in pixels"),
    "height": Message("height in pixels"),
    "shape": Message("width over height"),
    "marker": Message("place of the side marker"),
    "format": Message("file format"),
    "mode": Message("colour or grey"),
    "bytes": Message("size of the file"),
    "tables": Message("JPEG quantisation tables"),
}
_SIZE: Mapping[str, Message] = {
    "width": Message("The image's width tells the label of {right} of {of} labelled rows."),
    "height": Message("The image's height tells the label of {right} of {of} labelled rows."),
    "shape": Message("Width over height tells the label of {right} of {of} labelled rows."),
}
_MARKER: Mapping[str, Message] = {
    "marker": Message("The side marker's place tells the label of {right} of {of} labelled rows."),
}
_FILE: Mapping[str, Message] = {
    "folder": Message("The folder of the files tells the label of {right} of {of} labelled rows."),
    "order": Message("The order of the rows tells the label of {right} of {of} labelled rows."),
    "format": Message("The file format tells the label of {right} of {of} labelled rows."),
    "mode": Message("Colour or grey tells the label of {right} of {of} labelled rows."),
    "bytes": Message("The size of the file tells the label of {right} of {of} labelled rows."),
    "tables": Message("The JPEG tables tell the label of {right} of {of} labelled rows."),
}


def give_away(facts: Facts) -> Iterator[Finding]:
    found = [finding for one in (_columns, _size, _marker, _file) for finding in one(facts)]
    yield from found
    if not found:
        yield Finding(
            "label given away",
            Mark.DONE,
            Message("No column, file name or image size was found that tells the label."),
            Message("Looked for among labelled rows: words, beginnings, shapes and numbers."),
            Tab.DATA,
        )


def _columns(facts: Facts) -> Iterator[Finding]:
    for leak in facts.leaks:
        seen = leak.column in facts.visible
        yield Finding(
            "label given away",
            Mark.WRONG if seen else Mark.NOTE,
            Message(
                "“{column}” tells the label of {right} of {of} labelled rows.",
                column=leak.column,
                right=leak.right,
                of=leak.of,
            ),
            Message("Contributors see this column: hide it, else they copy the label.")
            if seen
            else Message(
                "Contributors don't see it: leave it hidden, and give such names to nobody who"
                " judges or tests."
            ),
            Tab.DESIGN if seen else Tab.DATA,
        )


def _size(facts: Facts) -> Iterator[Finding]:
    """The one that tells most: it can't be hidden, and the others say the same again."""
    sizes = [leak for leak in facts.image_leaks if leak.column in _SIZE]
    for leak in sorted(sizes, key=lambda one: -one.right)[:1]:
        advice = "Size can't be hidden from who looks: crop the images alike, or mix sources."
        yield _finding("label given away by size", Mark.TODO, _SIZE, leak, Message(advice))


def _marker(facts: Facts) -> Iterator[Finding]:
    for leak in facts.image_leaks:
        if leak.column in _MARKER:
            advice = "A model learns it, and readers may: black the letters out, or mix sources."
            check = "label given away by a side marker"
            yield _finding(check, Mark.TODO, _MARKER, leak, Message(advice))


def _file(facts: Facts) -> Iterator[Finding]:
    for leak in facts.image_leaks:
        if leak.column in _FILE:
            advice = (
                "Contributors get none of it. Give a model the exported images, never these files:"
                " it would learn where they come from."
            )
            yield _finding("label given away by the file", Mark.NOTE, _FILE, leak, Message(advice))


def _finding(
    check: str, mark: Mark, words: Mapping[str, Message], leak: Power, reason: Message
) -> Finding:
    said = Message(words[leak.column].template, right=leak.right, of=leak.of)
    return Finding(check, mark, said, reason, Tab.DATA)
