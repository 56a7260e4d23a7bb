"""A text of CML as a tree of elements, each with its place; everything between stays as it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

from overread.core.problems import Message
from overread.formats.cml.problems import Reporter

LONGEST = 200_000  # characters
MOST_ELEMENTS = 5_000
DEEPEST = 30

_NEXT = re.compile(
    r"<!--|<(?P<close>/)?cml:(?P<cml>[\w-]*)|\{%-?\s*(?P<tag>\w*)|\{\{|"
    r"<(?P<raw>script|style)\b|<(?P<picture>img)\b",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"[^\s=/>\"'<]+")
_SPACE = re.compile(r"\s*")
_VALUE = re.compile(r"[^\s>\"'<=]+")
# Tags of Liquid that hold others until their end.
BLOCKS = ("if", "unless", "case", "for", "capture", "comment", "raw", "tablerow")
_VERBATIM = ("comment", "raw")


@dataclass(frozen=True)
class Attribute:
    value: str
    at: int


@dataclass
class Element:
    """`inside` is the Liquid block around it, if any, with its place."""

    tag: str
    start: int
    opened: int
    attributes: Mapping[str, Attribute]
    inside: tuple[str, int] | None = None
    children: list["Element"] = field(default_factory=list)
    closed: int = 0
    end: int = 0

    def get(self, name: str, default: str = "") -> str:
        found = self.attributes.get(name)
        return found.value if found else default

    def at(self, name: str) -> int:
        """Where an attribute is, else the element."""
        found = self.attributes.get(name)
        return found.at if found else self.start

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class LiquidTag:
    """A whole `{% ... %}` or `{{ ... }}`."""

    start: int
    end: int
    name: str


@dataclass
class Scanned:
    """The outermost elements, the Liquid tags, and where scripts, styles and pictures begin."""

    elements: list[Element] = field(default_factory=list)
    liquid: list[LiquidTag] = field(default_factory=list)
    scripts: list[tuple[str, int]] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)


def scan(text: str, report: Reporter) -> Scanned:
    return _Scanner(text, report).run()


class _Scanner:
    def __init__(self, text: str, report: Reporter) -> None:
        self.text = text
        self.report = report
        self.found = Scanned()
        self.open: list[Element] = []
        self.blocks: list[tuple[str, int]] = []
        self.count = 0

    def run(self) -> Scanned:
        at = 0
        if len(self.text) > LONGEST:
            words = Message("The text is longer than {most} characters.", most=LONGEST)
            self.report.error(0, words, Message("Shorten it."))
            return self.found
        while (match := _NEXT.search(self.text, at)) and self.count <= MOST_ELEMENTS:
            at = self._step(match)
        if self.count > MOST_ELEMENTS:
            words = Message("There are more than {most} tags.", most=MOST_ELEMENTS)
            self.report.error(at, words, Message("Ask less."))
        for element in self.open:
            self._unclosed(element)
        for name, start in self.blocks:
            self.report.error(
                start,
                Message("{{% {name} %}} is never closed.", name=name),
                Message("Add {{% end{name} %}}.", name=name),
            )
        return self.found

    def _step(self, match: re.Match[str]) -> int:
        """Read what begins here; the offset after it."""
        start = match.start()
        if match["raw"]:
            self.found.scripts.append((match["raw"].lower(), start))
            return self._after(f"</{match['raw'].lower()}", match.end(), start, needed=False)
        if match["picture"]:
            self.found.pictures.append(start)
            return match.end()
        if match["cml"] is not None:
            name = match["cml"].lower()
            return self._close(name, match) if match["close"] else self._element(name, match)
        opening = match.group()
        if opening == "<!--":
            return self._after("-->", match.end(), start)
        if opening == "{{":
            return self._liquid("", start, match.end(), "}}")
        return self._liquid(match["tag"], start, match.end(), "%}")

    def _after(self, ending: str, at: int, start: int, *, needed: bool = True) -> int:
        found = (
            self.text.lower().find(ending, at)
            if ending.startswith("</")
            else (self.text.find(ending, at))
        )
        if found >= 0:
            return found + len(ending)
        if needed:
            words = Message("This is never closed.")
            self.report.error(start, words, Message("Add {ending}.", ending=ending))
        return len(self.text)

    def _liquid(self, name: str, start: int, at: int, ending: str) -> int:
        end = self._after(ending, at, start)
        self.found.liquid.append(LiquidTag(start, end, name))
        if name in _VERBATIM:
            return self._verbatim(name, start, end)
        if name in BLOCKS:
            self.blocks.append((name, start))
            if len(self.blocks) == DEEPEST + 1:
                words = Message("Liquid is nested more than {most} deep.", most=DEEPEST)
                self.report.error(start, words, Message("Make it simpler."))
        elif name.startswith("end"):
            self._end_block(name[3:], start)
        return end

    def _verbatim(self, name: str, start: int, end: int) -> int:
        closing = re.compile(r"\{%-?\s*end" + name + r"\s*-?%\}").search(self.text, end)
        if closing:
            return closing.end()
        self.blocks.append((name, start))
        return len(self.text)

    def _end_block(self, name: str, start: int) -> None:
        if self.blocks and self.blocks[-1][0] == name:
            self.blocks.pop()
            return
        self.report.error(
            start,
            Message("{{% end{name} %}} closes nothing that is open.", name=name),
            Message("Take it away, or open {{% {name} %}} before it.", name=name),
        )

    def _element(self, name: str, match: re.Match[str]) -> int:
        self.count += 1
        attributes, at, is_empty = self._attributes(match.end(), match.start())
        inside = self.blocks[-1] if self.blocks else None
        element = Element(name, match.start(), at, attributes, inside)
        (self.open[-1].children if self.open else self.found.elements).append(element)
        element.closed = element.end = at
        if not is_empty and len(self.open) < DEEPEST:
            self.open.append(element)
        elif not is_empty:
            words = Message("Tags are nested more than {most} deep.", most=DEEPEST)
            self.report.error(match.start(), words, Message("Make it simpler."))
        return at

    def _close(self, name: str, match: re.Match[str]) -> int:
        end = self._after(">", match.end(), match.start())
        if any(one.tag == name for one in self.open):
            while self.open[-1].tag != name:
                self._unclosed(self.open.pop())
            element = self.open.pop()
            element.closed, element.end = match.start(), end
        else:
            self.report.error(
                match.start(),
                Message("</cml:{name}> closes nothing that is open.", name=name),
                Message("Take it away, or open <cml:{name}> before it.", name=name),
            )
        return end

    def _unclosed(self, element: Element) -> None:
        self.report.error(
            element.start,
            Message("<cml:{name}> is never closed.", name=element.tag),
            Message(
                "End it with </cml:{name}>, or with /> where it holds nothing.", name=element.tag
            ),
        )

    def _attributes(self, at: int, start: int) -> tuple[dict[str, Attribute], int, bool]:
        """The attributes, the offset after the tag, and whether it ends itself."""
        found: dict[str, Attribute] = {}
        while True:
            at = self._space(at)
            if self.text.startswith("/>", at):
                return found, at + 2, True
            if self.text.startswith(">", at):
                return found, at + 1, False
            name = _ATTRIBUTE.match(self.text, at)
            if name is None:
                return found, self._broken(at, start), True
            value, end = self._value(name.end())
            key = name.group().lower()
            if key in found:
                words = Message("The attribute {name} stands here twice.", name=key)
                self.report.error(at, words, Message("Keep one of them."))
            found.setdefault(key, Attribute(value, at))
            at = end

    def _value(self, at: int) -> tuple[str, int]:
        equals = self._space(at)
        if not self.text.startswith("=", equals):
            return "", at
        at = self._space(equals + 1)
        quote = self.text[at : at + 1]
        if quote in ("'", '"'):
            end = self.text.find(quote, at + 1)
            if end < 0:
                words = Message("The quote {quote} is never closed.", quote=quote)
                self.report.error(at, words, Message("Add it at the end of the value."))
                end = len(self.text)
            return unescape(self.text[at + 1 : end]), end + 1
        bare = _VALUE.match(self.text, at)
        return (unescape(bare.group()), bare.end()) if bare else ("", at)

    def _broken(self, at: int, start: int) -> int:
        if at >= len(self.text):
            words, advice = Message("The tag is never ended."), Message("Add > or />.")
            self.report.error(start, words, advice)
            return at
        words = Message("“{text}” can't stand in a tag.", text=self.text[at : at + 1])
        self.report.error(at, words, Message('Write attributes as name="value".'))
        return self._after(">", at, start)

    def _space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at
