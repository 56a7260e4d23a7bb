"""Laws of CML: every design can be written and read again, and every text that is read is kept."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overread.core.design import Design, Group, Instructions, Markup, Node
from overread.core.logic import expanded
from overread.formats.cml.read import read_cml
from overread.formats.cml.write import canonical, write_cml
from tests.formats.cml.designs import DESIGNS
from tests.formats.cml.strategies import designs

PIECES = st.sampled_from([
    "<cml:radios", "<cml:radio", "</cml:radios>", "<cml:group", "</cml:group>", "<cml:text", "/>",
    " label='a'", ' name="q"', " only-if='q:[a]'", "=", '"', "'", "{% if a %}", "{% endif %}", ">",
    "}}", "{{", "{% raw %}", "<!--", "-->", "<script>", "</script>", "x", "\n", "é",
    " validates='required'",
])  # fmt: skip


def shape(nodes: tuple[Node, ...]) -> list[object]:
    """A tree without the texts that it was read from, and without lines between questions."""
    return [
        (expanded(node.only_if), shape(node.nodes))
        if isinstance(node, Group)
        else canonical(node)
        if hasattr(node, "label")
        else node
        for node in nodes
        if not (isinstance(node, Markup) and not node.text.strip())
    ]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(designs())
def test_every_design_comes_back_from_its_cml(design: Design) -> None:
    written = write_cml(design)
    read = read_cml(written)
    assert not read.fatal, (written, [str(one) for one in read.fatal])
    assert shape(read.nodes) == shape(design.nodes), written
    again = Design(instructions=Instructions(), nodes=read.nodes)
    assert write_cml(again) == written


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_told_and_what_is_read_is_kept(text: str) -> None:
    read = read_cml(text)
    assert all(one.line >= 1 and one.column >= 1 for one in read.problems)
    if not read.fatal:
        assert write_cml(Design(instructions=Instructions(), nodes=read.nodes)) == text


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(DESIGNS.values())), st.data())
def test_a_design_with_a_piece_cut_out_is_read_or_told(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    cut = text[:start] + text[end:]
    read = read_cml(cut)
    if not read.fatal:
        assert write_cml(Design(instructions=Instructions(), nodes=read.nodes)) == cut
