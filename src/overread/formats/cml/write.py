"""Write a design's tree as CML; what is as it was read keeps its own bytes."""

from collections.abc import Mapping, Sequence

import msgspec

from overread.core.design import (
    Aggregation,
    AnyQuestion,
    Choosing,
    Derived,
    Design,
    Group,
    Hidden,
    Marks,
    Markup,
    Matching,
    Node,
    Number,
    OneChoice,
    Rating,
    Rule,
    Scope,
    SeveralChoices,
    Text,
    YesNo,
)
from overread.core.logic import expanded
from overread.formats.cml.choices import write_choices, written
from overread.formats.cml.fields import read_field
from overread.formats.cml.only_if import Lookup, NotUnderstood, read_only_if, write_only_if
from overread.formats.cml.problems import Reporter
from overread.formats.cml.scan import Element, scan
from overread.formats.cml.validates import Validation, is_whole, write_validates

Attributes = dict[str, str | None]
# What a question says itself; any other attribute of its source is kept when it is written anew.
GOVERNED = {
    "label", "name", "instructions", "validates", "only-if", "gold", "exact", "strict",
    "aggregation", "value", "default", "points", "type", "multiple", "data-scope", "data-part",
    "data-key", "data-order", "data-unit", "data-min", "data-max", "data-lowest", "data-highest",
}  # fmt: skip
TAGS: dict[type, str] = {
    SeveralChoices: "checkboxes",
    YesNo: "checkbox",
    Rating: "ratings",
    Number: "text",
    Marks: "shapes",
    Derived: "derived",
    Hidden: "hidden",
}


def write_cml(design: Design) -> str:
    by_name = {one.name: one for one in design.questions}
    return _nodes(design.nodes, by_name.get)


def _nodes(nodes: Sequence[Node], lookup: Lookup) -> str:
    written: list[str] = []
    for node, after in zip(nodes, [*nodes[1:], None], strict=False):
        written.append(_node(node, lookup))
        if _begins_a_line(node, after):
            written.append("\n")
    return "".join(written)


def _begins_a_line(node: Node, after: Node | None) -> bool:
    """What nobody has laid out stands each in a line of its own."""
    if after is None or isinstance(node, Markup) or isinstance(after, Markup):
        return False
    return not (node.opening if isinstance(node, Group) else node.source)


def _node(node: Node, lookup: Lookup) -> str:
    if isinstance(node, Markup):
        return node.text
    if isinstance(node, Group):
        return _group(node, lookup)
    return node.source if _says_the_same(node, lookup) else _question(node, lookup)


def _says_the_same(question: AnyQuestion, lookup: Lookup) -> bool:
    element = _element(question.source)
    if element is None or element.tag != _tag(question):
        return False
    read = read_field(element, question.source, lookup, Reporter(question.source))
    return canonical(read) == canonical(question)


def canonical(question: AnyQuestion) -> AnyQuestion:
    """The same with its conditions in one form, so that two can be compared."""
    if isinstance(question, Derived):
        rules = tuple(Rule(one.value, expanded(one.when)) for one in question.rules)
        question = msgspec.structs.replace(question, rules=rules)
    logic = expanded(question.only_if)
    return msgspec.structs.replace(question, only_if=logic, source="")


def _element(source: str) -> Element | None:
    if not source:
        return None
    elements = scan(source, Reporter(source)).elements
    return elements[0] if len(elements) == 1 else None


def _group(group: Group, lookup: Lookup) -> str:
    inside = _nodes(group.nodes, lookup)
    element = _element(group.opening + group.closing)
    if element is not None and element.tag == "group":
        try:
            same = read_only_if(element.get("only-if"), lookup)
        except NotUnderstood:
            same = None
        if expanded(same) == expanded(group.only_if):
            return f"{group.opening}{inside}{group.closing}"
    attributes: Attributes = {"only-if": write_only_if(group.only_if, lookup) or None}
    attributes |= _others(element)
    return f"<cml:group{written(attributes)}>{inside}</cml:group>"


def _tag(question: AnyQuestion) -> str:
    if isinstance(question, OneChoice):
        return "select" if question.menu else "radios"
    if isinstance(question, Text) and question.long:
        return "textarea"
    return TAGS.get(type(question), "text")


def _question(question: AnyQuestion, lookup: Lookup) -> str:
    tag = _tag(question)
    attributes = _common(question, lookup) | _own(question) | _others(_element(question.source))
    children = _children(question, tag, lookup)
    opening = f"<cml:{tag}{written(attributes)}"
    if not children:
        return f"{opening}/>"
    inside = "".join(f"\n  {child}" for child in children)
    return f"{opening}>{inside}\n</cml:{tag}>"


def _others(element: Element | None) -> Attributes:
    if element is None:
        return {}
    return {name: one.value for name, one in element.attributes.items() if name not in GOVERNED}


def _common(question: AnyQuestion, lookup: Lookup) -> Attributes:
    gold = ("true" if question.tested else "false") if question.is_testable else None
    return {
        "label": question.label or None,
        "name": question.name,
        "instructions": question.help or None,
        "validates": _validates(question) or None,
        "only-if": write_only_if(question.only_if, lookup) or None,
        "gold": gold,
        "exact": "true" if question.matching == Matching.EXACT else None,
        "strict": "true" if question.matching == Matching.STRICT else None,
        "aggregation": _aggregation(question),
        "data-scope": None if question.scope == Scope.STUDY else question.scope.value,
        "data-part": question.part or None,
    }


def _aggregation(question: AnyQuestion) -> str | None:
    if question.aggregation == Aggregation.ABOVE:
        return f"cagg_{question.threshold:g}"
    return question.aggregation.value if question.aggregation else None


def _validates(question: AnyQuestion) -> str:
    required = question.required and not question.is_computed
    match question:
        case Number():
            found = Validation(required, True, question.whole, question.minimum, question.maximum)
        case Text():
            found = Validation(
                required,
                format=question.format,
                shortest=question.shortest,
                longest=question.longest,
            )
        case _:
            found = Validation(required)
    return write_validates(found)


def _own(question: AnyQuestion) -> Attributes:
    match question:
        case YesNo():
            return {
                "value": question.yes,
                "default": question.no or None,
                "data-key": question.key or None,
            }
        case Rating():
            return {
                "points": str(question.points) if _is_plain(question) else None,
                "data-lowest": question.lowest or None,
                "data-highest": question.highest or None,
            }
        case Number():
            return _bounds(question)
        case Text():
            return {"default": question.prompt or None}
        case Hidden():
            return {"value": question.value or None}
        case Marks():
            return _marks(question)
        case Choosing():
            return {"data-order": "counterbalanced" if question.counterbalanced else None}
    return {}


def _is_plain(question: Rating) -> bool:
    return question.first == 1 and not question.names


def _bounds(question: Number) -> Attributes:
    bounds = (question.minimum, question.maximum)
    in_rule = question.whole and all(one is not None and is_whole(one) for one in bounds)
    low, high = (None, None) if in_rule else bounds
    return {"data-min": _figure(low), "data-max": _figure(high), "data-unit": question.unit or None}


def _figure(number: float | None) -> str | None:
    return None if number is None else repr(float(number))


def _marks(question: Marks) -> Attributes:
    kinds = ",".join(f"'{kind}'" for kind in question.kinds)
    return {
        "type": f"[{kinds}]",
        "review-data": f"{{{{{question.review}}}}}" if question.review else None,
        "data-min": str(question.min) if question.min else None,
        "data-max": None if question.max is None else str(question.max),
    }


def _children(question: AnyQuestion, tag: str, lookup: Lookup) -> list[str]:
    match question:
        case Derived():
            return [*write_choices("radio", question.choices), *_rules(question, lookup)]
        case Choosing():
            child: Mapping[str, str] = {
                "radios": "radio",
                "select": "option",
                "checkboxes": "checkbox",
            }
            return write_choices(child[tag], question.choices)
        case Marks():
            return write_choices("option", question.labels)
        case Rating() if not _is_plain(question):
            names = question.names or tuple(map(str, question.numbers))
            return [
                f"<cml:rating{written({'label': name, 'value': str(number)})}/>"
                for number, name in zip(question.numbers, names, strict=False)
            ]
    return []


def _rules(question: Derived, lookup: Lookup) -> list[str]:
    rules: list[Attributes] = [
        {"value": one.value, "only-if": write_only_if(one.when, lookup) or None}
        for one in question.rules
    ]
    return [f"<cml:rule{written(attributes)}/>" for attributes in rules]
