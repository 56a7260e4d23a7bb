"""What a contributor sees of a design's tree: clean HTML with a place for each question."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from overread.core.design import Design, Group, Logic, Markup, Node
from overread.core.logic import both
from overread.core.names import tells_too_much
from overread.formats.cml.html import PICTURE, clean
from overread.formats.cml.liquid import Templates, columns_of


@dataclass(frozen=True)
class Form:
    """`html` holds `<div data-question="name">` for a question and `<div data-group="i">` for
    what is shown where `groups[i]` holds. `texts` are labels that depend on the unit.
    """

    html: str
    groups: Sequence[Logic | None]
    texts: Mapping[str, str] = field(default_factory=dict)


def has_markup(design: Design) -> bool:
    """Whether there is more to show than the questions one below the other."""
    return any(
        (isinstance(node, Markup) and node.text.strip()) or isinstance(node, Group)
        for node in design.nodes
    )


def differs_by_unit(design: Design, image_column: str) -> bool:
    """Whether the form shows more of a unit than its picture, which stands beside it anyway."""
    return bool(columns_of(_texts(design)) & {*design.columns} - {image_column})


def columns_read(design: Design) -> set[str]:
    """The columns that the form's Liquid reads; what only a picture reads is left out with it."""
    return columns_of(_texts(design))


def build_form(
    design: Design,
    cells: Mapping[str, str] | None = None,
    *,
    secret: Collection[str] = (),
) -> Form:
    """The form of a unit with these cells; of those only what the owner made visible is read.

    A secret column is empty, and so is one of test questions or one that names the patient, even
    if made visible: the image's address gives the unit away, and a later table may make any
    column its label. Raises Refused
    where the Liquid is wrong or does too much.
    """
    found = _Builder(design)
    known = cells or {}
    visible = {
        name: known[name]
        for name in design.columns
        if name in known and name not in secret and not tells_too_much(name)
    }
    templates = Templates()
    html = templates.render(found.template(), visible)
    texts = {
        one.name: unescape(templates.render(one.label, visible))
        for one in design.questions
        if "{{" in one.label or "{%" in one.label
    }
    return Form(clean(html), found.groups, texts)


class _Builder:
    def __init__(self, design: Design) -> None:
        self.design = design
        self.groups: list[Logic | None] = []

    def template(self) -> str:
        return "".join(self._nodes(self.design.nodes, None))

    def _nodes(self, nodes: Sequence[Node], outer: Logic | None) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, Markup):
                yield node.text
            elif isinstance(node, Group):
                logic = both(outer, node.only_if)
                self.groups.append(logic)
                yield f'<div data-group="{len(self.groups) - 1}">'
                yield from self._nodes(node.nodes, logic)
                yield "</div>"
            else:
                yield f'<div data-question="{node.name}"></div>'


def _texts(design: Design) -> Iterator[str]:
    yield PICTURE.sub("", _Builder(design).template())
    for question in design.questions:
        yield question.label
