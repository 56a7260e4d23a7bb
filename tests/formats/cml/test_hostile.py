"""A corpus of hostile HTML, CML and Liquid does nothing."""

import re
import time
from html.parser import HTMLParser

import msgspec
import pytest

from overread.core.design import Choice, Design, Instructions, Markup, OneChoice
from overread.core.problems import Refused
from overread.formats.cml.form import build_form
from overread.formats.cml.html import ATTRIBUTES, TAGS
from overread.formats.cml.liquid import Templates
from overread.formats.cml.read import read_cml
from tests.formats.cml.hostile import CML, HTML, LIQUID, NOSY

FINDING = OneChoice(name="q", label="?", choices=(Choice("a", "A"), Choice("b", "B")))
# Processor seconds: any of these would take minutes, hours or all memory without the bounds.
MOST_SECONDS = 5


class Seen(HTMLParser):
    """The tags and attributes of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}


def shown(text: str, cells: dict[str, str] | None = None, columns: tuple[str, ...] = ()) -> str:
    design = Design(instructions=Instructions(), nodes=(Markup(text), FINDING), columns=columns)
    return build_form(design, cells or {}, secret={"image"}).html


@pytest.mark.parametrize("text", HTML)
def test_hostile_html_becomes_harmless(text: str) -> None:
    seen = Seen()
    seen.feed(shown(text))
    assert seen.tags <= TAGS
    assert seen.attributes <= set().union(*ATTRIBUTES.values())
    assert "evil.example" not in shown(text)


@pytest.mark.parametrize("text", HTML)
def test_a_hostile_cell_is_text(text: str) -> None:
    html = shown("<p>{{ cell }}</p>", {"cell": text}, ("cell",))
    seen = Seen()
    seen.feed(html)
    assert seen.tags == {"p", "div"}


@pytest.mark.parametrize("name", LIQUID)
def test_hostile_liquid_is_refused_at_once(name: str) -> None:
    start = time.process_time()
    with pytest.raises(Refused):
        Templates().render(LIQUID[name], {"a": "b"})
    assert time.process_time() - start < MOST_SECONDS


def test_entries_that_are_all_different_take_no_time() -> None:
    words = " ".join(map(str, range(3_500)))
    text = "{% assign b = '" + words + "' | split: ' ' %}" + "{{ b | uniq | size }}" * 40
    start = time.process_time()
    assert Templates().render(text, {}) == "3500" * 40
    assert time.process_time() - start < MOST_SECONDS


@pytest.mark.parametrize("text", NOSY)
def test_liquid_reaches_nothing_but_the_columns_it_is_given(text: str) -> None:
    cells = {"secret": "patient 7", "label": "ill", "_golden": "TRUE"}
    assert re.sub(r"<[^>]*>", "", shown(text, cells)).strip() == ""


def test_a_column_shows_where_the_owner_made_it_visible_and_the_image_never() -> None:
    cells = {"view": "AP", "image": "https://host.example/normal-1.png"}
    text = "{{ view }}|{{ image }}"
    assert "|" in shown(text, cells)
    assert "AP" not in shown(text, cells)
    assert shown(text, cells, ("view", "image")).startswith("AP|<")


@pytest.mark.parametrize(
    "attributes",
    [
        'validates="integer" data-min="nan"',
        'validates="numeric" data-max="inf"',
        f'validates="minLength:{"9" * 400}"',
        f'validates="numericRange:{{min:1,max:{"9" * 400}}}"',
    ],
)
def test_bounds_that_are_no_numbers_are_told_or_cut(attributes: str) -> None:
    read = read_cml(f"<cml:text label='a' name='a' {attributes}/>")
    assert read.fatal or b"Infinity" not in msgspec.json.encode(read.nodes)


@pytest.mark.parametrize("value", ["--1", "9" * 5000, "nan"])
def test_a_rating_without_a_number_is_told(value: str) -> None:
    assert read_cml(
        f"<cml:ratings label='a'><cml:rating label='x' value='{value}'/></cml:ratings>"
    ).fatal
    assert read_cml(f"<cml:ratings label='a' points='{value}'/>").fatal


@pytest.mark.parametrize("value", ["nan", "inf", "1e300"])
def test_marks_are_as_many_as_a_number_says(value: str) -> None:
    assert read_cml(f"<cml:shapes label='a' type=\"['box']\" data-max='{value}'/>").fatal


@pytest.mark.parametrize("number", range(len(CML)))
def test_hostile_cml_is_told_or_read_at_once(number: int) -> None:
    start = time.process_time()
    read_cml(CML[number])
    assert time.process_time() - start < MOST_SECONDS
