"""The form of a unit as a page without script shows it: an owner's HTML, and questions in it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString, mark_safe

from overread.core.design import Design
from overread.core.problems import Refused
from overread.flows.documents.cleaning import Clean
from overread.flows.documents.questions import Shown, shown
from overread.formats.cml.form import Form, build_form, has_markup

_PLACE = re.compile(r'<div data-question="([^"]+)"></div>')


@dataclass(frozen=True)
class Block:
    """A piece of HTML, or a question."""

    html: SafeString | None = None
    question: Shown | None = None


def form_blocks(
    design: Design, cells: Mapping[str, str], secret: Collection[str], clean: Clean
) -> Sequence[Block]:
    """What stands beside an image, in its order.

    Only columns that contributors see are read, and cleaned. A form that goes wrong with these
    cells shows its questions alone, as it does for contributors.
    """
    seen = {name: clean(cells[name]) for name in design.columns if name in cells}
    try:
        form = build_form(design, seen, secret=secret)
    except Refused:
        form = Form("", [])
    questions = {
        one.name: replace(one, label=form.texts.get(one.name, one.label)) for one in shown(design)
    }
    if has_markup(design) and form.html:
        return list(_blocks(form.html, questions))
    return [Block(question=one) for one in questions.values()]


def _blocks(html: str, questions: Mapping[str, Shown]) -> Iterator[Block]:
    """The form, cut where its questions stand: text and names by turns."""
    for number, piece in enumerate(_PLACE.split(html)):
        if number % 2 == 0:
            yield Block(html=mark_safe(piece))
        elif piece in questions:
            yield Block(question=questions[piece])
