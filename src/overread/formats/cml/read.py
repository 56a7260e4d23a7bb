"""Read CML: the tree of a design, and everything that is wrong or does nothing here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import msgspec

from overread.core.design import AnyQuestion, Group, Logic, Markup, Node
from overread.core.logic import MOST_ALTERNATIVES, alternatives
from overread.core.problems import Message
from overread.formats.cml.fields import CHILDREN, ELSEWHERE, HELPERS, name_of, read_field
from overread.formats.cml.html import PICTURE
from overread.formats.cml.only_if import NotUnderstood, read_only_if
from overread.formats.cml.problems import CmlProblem, Reporter
from overread.formats.cml.scan import Element, Scanned, scan

# Tags of the reference platform that ask for what is not asked here.
OUT_OF_SCOPE = (
    "taxonomy", "hours", "text_annotation", "audio_annotation", "audio_transcription",
    "video_shapes", "meta", "iagree", "thumb", "thumbs", "search", "line", "image_transcription",
)  # fmt: skip
_HANDLER = re.compile(r"<(?!cml:)\w[^<>]*?\s(on\w+)\s*=", re.IGNORECASE)


@dataclass(frozen=True)
class Cml:
    """`nodes` are only to be used where no problem is fatal."""

    nodes: tuple[Node, ...]
    problems: Sequence[CmlProblem]

    @property
    def fatal(self) -> list[CmlProblem]:
        return [one for one in self.problems if one.is_fatal]


def read_cml(text: str) -> Cml:
    report = Reporter(text)
    scanned = scan(text, report)
    reader = _Reader(text, scanned, report)
    nodes = reader.nodes(scanned.elements, 0, len(text), 1)
    reader.tell_of_scripts()
    reader.tell_of_pictures()
    return Cml(nodes, sorted(report.problems, key=lambda one: (one.line, one.column)))


class _Reader:
    def __init__(self, text: str, scanned: Scanned, report: Reporter) -> None:
        self.text, self.scanned, self.report = text, scanned, report
        self.known: dict[str, Element] = {}
        self.read: dict[str, AnyQuestion] = {}
        for element in scanned.elements:
            self._know(element)

    def _know(self, element: Element) -> None:
        if element.tag in CHILDREN:
            self.known.setdefault(name_of(element), element)
        elif element.tag == "group":
            for child in element.children:
                self._know(child)

    def lookup(self, name: str) -> AnyQuestion | None:
        """A question by name, read without the problems that it is told of in its place."""
        if name not in self.read and name in self.known:
            quiet = Reporter(self.text)
            self.read[name] = read_field(self.known[name], self.text, lambda _: None, quiet)
        return self.read.get(name)

    def nodes(
        self, elements: Sequence[Element], start: int, end: int, outer: int
    ) -> tuple[Node, ...]:
        """Questions and groups, with what stands between them."""
        found: list[Node] = []
        for element in elements:
            if element.start > start:
                found.append(Markup(self.text[start : element.start]))
            found += self._node(element, outer)
            start = max(start, element.end)
        if start < end:
            found.append(Markup(self.text[start:end]))
        return tuple(found)

    def _node(self, element: Element, outer: int) -> list[Node]:
        if element.inside:
            self._in_liquid(element)
        if element.tag == "group":
            return [self._group(element, outer)]
        if element.tag not in CHILDREN:
            self._unknown(element)
            return []
        self._children(element)
        if not name_of(element):
            self.report.error(
                element.start,
                Message("This question has neither a name nor a label."),
                Message('Add label="What is asked?" name="short_name".'),
            )
        question = read_field(element, self.text, self.lookup, self.report)
        if outer * len(alternatives(question.only_if)) > MOST_ALTERNATIVES:
            self._too_many(element)
            question = msgspec.structs.replace(question, only_if=None)
        return [question]

    def _too_many(self, element: Element) -> None:
        words = Message("The conditions here, and those around, are too many together.")
        self.report.error(element.start, words, Message("Make them simpler."))

    def _group(self, element: Element, outer: int) -> Group:
        logic = self._logic(element)
        outer *= max(1, len(alternatives(logic)))
        if outer > MOST_ALTERNATIVES:
            self._too_many(element)
            logic = None
        if element.get("multiple").lower() == "true":
            words = Message("A group that repeats is asked once here.")
            self.report.warn(element.at("multiple"), words, Message("Ask for one thing at a time."))
        return Group(
            self.nodes(element.children, element.opened, element.closed, outer),
            logic,
            self.text[element.start : element.opened],
            self.text[element.closed : element.end],
        )

    def _logic(self, element: Element) -> Logic | None:
        try:
            return read_only_if(element.get("only-if"), self.lookup)
        except NotUnderstood as error:
            self.report.error(element.at("only-if"), error.problem, error.advice)
            return None

    def _children(self, element: Element) -> None:
        allowed = CHILDREN[element.tag]
        for child in element.children:
            if child.tag in HELPERS:
                continue
            if child.inside and child.inside != element.inside:
                self._in_liquid(child)
            if child.tag not in allowed:
                self._misplaced(child, element, allowed)

    def _misplaced(self, child: Element, element: Element, allowed: Sequence[str]) -> None:
        if child.tag not in {*CHILDREN, *ELSEWHERE, "group"}:
            self._unknown(child)
            return
        known = ", ".join(f"<cml:{tag}>" for tag in allowed) or Message("nothing")
        self.report.error(
            child.start,
            Message("<cml:{child}> can't stand in <cml:{tag}>.", child=child.tag, tag=element.tag),
            Message("It can hold {known}.", known=known),
        )

    def _unknown(self, element: Element) -> None:
        tag = element.tag
        if tag in ELSEWHERE or tag in HELPERS:
            place = ELSEWHERE.get(tag, "radios")
            self.report.error(
                element.start,
                Message("<cml:{tag}> stands alone.", tag=tag),
                Message("Put it into <cml:{place}>.", place=place),
            )
        elif tag in OUT_OF_SCOPE:
            words = Message("<cml:{tag}> asks for something that is not asked here.", tag=tag)
            self.report.error(element.start, words, Message("Take it away, or ask in words."))
        else:
            known = [*CHILDREN, *ELSEWHERE, *HELPERS, "group"]
            near = get_close_matches(tag, known, 1)
            self.report.error(
                element.start,
                Message("There is no tag <cml:{tag}>.", tag=tag),
                Message("Did you mean <cml:{near}>?", near=near[0])
                if near
                else Message("Known are: {known}.", known=", ".join(dict.fromkeys(known))),
            )

    def _in_liquid(self, element: Element) -> None:
        assert element.inside is not None
        self.report.error(
            element.start,
            Message(
                "A question can't stand in {{% {name} %}}: every image is asked the same.",
                name=element.inside[0],
            ),
            Message("Use only-if, or move it out of the Liquid."),
        )

    def tell_of_scripts(self) -> None:
        for name, at in self.scanned.scripts:
            words = Message("<{name}> does nothing here: forms run no scripts.", name=name)
            if name == "style":
                words = Message("<style> does nothing here: forms keep the page's look.")
            self.report.warn(at, words, Message("You can take it away."))
        for match in _HANDLER.finditer(self.text):
            words = Message('{name}="…" does nothing here: forms run no scripts.', name=match[1])
            self.report.warn(match.start(1), words, Message("You can take it away."))

    def tell_of_pictures(self) -> None:
        """The unit's own stands beside the form; any other would be remote."""
        for at in self.scanned.pictures:
            tag = PICTURE.match(self.text, at)
            if tag and "{{" in tag.group():
                words = Message("<img> is left out: the image stands beside the form, larger.")
                advice = Message("You can take it away.")
            else:
                words = Message("<img> is left out: nothing is fetched from elsewhere.")
                advice = Message("Take it away, or show one of the job's images as an example.")
            self.report.warn(at, words, advice)
