"""A proposal's building blocks: sections of text, tables, plots, and what is left to the owner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Text:
    """Markdown."""

    markdown: str


@dataclass(frozen=True)
class Ask:
    """What only the owner can say."""

    question: str


@dataclass(frozen=True)
class Table:
    """Rows of cells. `shares` (0 to 1) draws a bar in each row where a page can."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float] = ()


@dataclass(frozen=True)
class Curve:
    """Points (x, y) from 0 to 1, with the words for both axes."""

    x: str
    y: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Pictures:
    """Images as addresses that hold their bytes, each with its caption."""

    shown: Sequence[tuple[str, str]]


Part = Text | Ask | Table | Curve | Pictures


@dataclass(frozen=True)
class Section:
    title: str
    parts: Sequence[Part] = field(default_factory=list)


def to_markdown(title: str, sections: Sequence[Section], to_fill_in: str) -> str:
    """The whole as Markdown, without pictures; a curve becomes the table of its points."""
    blocks = [f"# {title}"]
    for section in sections:
        blocks.append(f"## {section.title}")
        blocks += [_part(part, to_fill_in) for part in section.parts]
    written = "\n\n".join(block.strip() for block in blocks if block.strip()) + "\n"
    return written.replace("<", "&lt;")  # no text of an owner becomes HTML anywhere


def _part(part: Part, to_fill_in: str) -> str:
    match part:
        case Text():
            return part.markdown
        case Ask():
            return f"> **{to_fill_in}** {part.question}"
        case Table():
            return "\n".join(_lines([part.head, ["---"] * len(part.head), *part.rows]))
        case Pictures():
            return ""  # their bytes would drown the text
        case Curve():
            rows = [(f"{x:.0%}", f"{y:.0%}") for x, y in part.points]
            return _part(Table((part.x, part.y), rows), to_fill_in)


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        yield f"| {' | '.join(cells)} |"
