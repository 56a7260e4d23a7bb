"""Designs of every kind, for laws."""

from typing import Any

from hypothesis import strategies as st

from overread.core.design import (
    Aggregation,
    AnyQuestion,
    Choice,
    Condition,
    Derived,
    Design,
    Group,
    Hidden,
    Instructions,
    MarkKind,
    Marks,
    Markup,
    Matching,
    Number,
    OneChoice,
    Rating,
    Rule,
    Scope,
    SeveralChoices,
    Text,
    YesNo,
)
from overread.core.golden import accepted_values
from overread.core.text_formats import TextFormat

WORDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12)
LABELS = WORDS.filter(lambda text: text.strip() != "" and "{" not in text)
VALUES = st.one_of(st.from_regex(r"[a-z0-9_]{1,8}", fullmatch=True), LABELS)
HTML = st.sampled_from(
    [
        "",
        "\n",
        "<p>Hello</p>\n",
        "<!-- <cml:radio/> -->",
        "{% raw %}<cml:x>{% endraw %}",
        "<br>&amp;",
    ]
)


@st.composite
def _choices(draw: st.DrawFn, least: int = 2) -> tuple[Choice, ...]:
    values = draw(st.lists(VALUES, min_size=least, max_size=4, unique=True))
    return tuple(
        Choice(
            value,
            draw(LABELS),
            draw(st.sampled_from(["", "1", "y"])),
            draw(st.booleans()),
            tuple(draw(st.lists(LABELS, max_size=2))),
            draw(st.one_of(st.just(""), LABELS)),
        )
        for value in values
    )


@st.composite
def _logic(draw: st.DrawFn, known: list[AnyQuestion]) -> Any:
    if not known or draw(st.booleans()):
        return None
    lists = draw(
        st.lists(st.lists(_condition(known), min_size=1, max_size=2), min_size=1, max_size=2)
    )
    if len(lists) == 1 and len(lists[0]) == 1 and draw(st.booleans()):
        return lists[0][0]
    return tuple(map(tuple, lists))


@st.composite
def _condition(draw: st.DrawFn, known: list[AnyQuestion]) -> Condition:
    other = draw(st.sampled_from(known))
    offered = list(accepted_values(other))
    # A box is asked for by its value: "answered at all" is not what CML can say of one.
    least = 1 if isinstance(other, YesNo) else 0
    values = draw(st.lists(st.sampled_from(offered), min_size=least, max_size=2)) if offered else []
    return Condition(other.name, tuple(values), draw(st.booleans()))


@st.composite
def _common(
    draw: st.DrawFn, name: str, known: list[AnyQuestion], *, testable: bool
) -> dict[str, Any]:
    above = draw(st.booleans())
    return {
        "name": name,
        "label": draw(LABELS),
        "help": draw(st.one_of(st.just(""), LABELS)),
        "required": draw(st.booleans()),
        "only_if": draw(_logic(known)),
        "scope": draw(st.sampled_from(Scope)),
        "part": draw(st.sampled_from(["", "right"])),
        "tested": testable and draw(st.booleans()),
        "matching": draw(st.sampled_from(Matching)),
        "aggregation": Aggregation.ABOVE if above else draw(st.sampled_from([None, *Aggregation])),
        "threshold": 0.75 if above else 0.5,
    }


@st.composite
def questions(draw: st.DrawFn, name: str, known: list[AnyQuestion]) -> AnyQuestion:
    kind = draw(st.sampled_from([
        OneChoice, SeveralChoices, YesNo, Rating, Number, Text, Marks, Derived, Hidden,
    ]))  # fmt: skip
    common = draw(_common(name, known, testable=kind.is_testable))
    if kind.is_computed:
        common["required"] = True
    own: dict[str, Any] = {}
    if kind in (OneChoice, SeveralChoices, Derived):
        own = {"choices": draw(_choices()), "counterbalanced": draw(st.booleans())}
    if kind is OneChoice:
        own["menu"] = draw(st.booleans())
    if kind is Derived:
        values = [one.value for one in own["choices"]]
        rules = st.builds(Rule, st.sampled_from(values), _logic(known))
        own["rules"] = tuple(draw(st.lists(rules, max_size=3)))
    if kind is YesNo:
        own = {
            "yes": draw(VALUES),
            "no": draw(st.one_of(st.just(""), VALUES)),
            "key": draw(st.sampled_from(["", "k"])),
        }
    if kind is Rating:
        points = draw(st.integers(2, 7))
        names = draw(st.one_of(st.just(()), st.tuples(*[LABELS.map("is ".__add__)] * points)))
        own = {
            "points": points,
            "first": draw(st.integers(-1, 3)),
            "names": names,
            "lowest": draw(st.sampled_from(["", "low"])),
        }
    if kind is Number:
        bounds = st.one_of(st.none(), st.integers(-5, 5), st.sampled_from([0.5, 1e-9]))
        own = {
            "whole": draw(st.booleans()),
            "minimum": draw(bounds),
            "maximum": draw(bounds),
            "unit": draw(st.sampled_from(["", "mm"])),
        }
    if kind is Text:
        own = {
            "long": draw(st.booleans()),
            "format": draw(st.sampled_from(TextFormat)),
            "shortest": draw(st.integers(0, 9)),
            "longest": draw(st.integers(0, 99)),
            "prompt": draw(st.one_of(st.just(""), LABELS)),
        }
    if kind is Marks:
        kinds = st.lists(st.sampled_from(MarkKind), min_size=1, max_size=3, unique=True)
        own = {
            "kinds": tuple(draw(kinds)),
            "labels": draw(st.one_of(st.just(()), _choices())),
            "min": draw(st.integers(0, 2)),
            "max": draw(st.sampled_from([None, 3])),
            "review": draw(st.sampled_from(["", "old_marks"])),
        }
    if kind is Hidden:
        own = {"value": draw(st.one_of(st.just(""), LABELS))}
    return kind(**common, **own)


@st.composite
def designs(draw: st.DrawFn) -> Design:
    known: list[AnyQuestion] = []
    nodes: list[Any] = []
    for number in range(draw(st.integers(1, 4))):
        question = draw(questions(f"q{number}", known))
        html = draw(HTML)
        before = [Markup(html)] if html else []
        if draw(st.booleans()):
            nodes.append(Group((*before, question), draw(_logic(known))))
        else:
            nodes += [*before, question]
        known.append(question)
    return Design(instructions=Instructions(), nodes=tuple(nodes))
