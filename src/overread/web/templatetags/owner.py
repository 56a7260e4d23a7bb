"""What the owner's templates need: states in words and colours, look-ups, parts of problems."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from overread.core.problems import Problem

register = template.Library()

CHIPS = {
    "running": "accent",
    "working": "accent",
    "finished": "good",
    "enabled": "good",
    "ready": "good",
    "labelled": "good",
    "maxed out": "good",
    "paused": "warning",
    "held": "warning",
    "unresolved": "warning",
    "disabled": "warning",
    "failed quiz": "bad",
    "removed": "bad",
    "canceled": "bad",
    "failed": "bad",
    "withdrawn": "bad",
    "erased": "bad",
}


@register.filter
def chip(state: str) -> str:
    """The colour of a state's chip."""
    return CHIPS.get(str(state), "")


@register.filter
def in_words(state: str) -> str:
    """Any state, in the viewer's language."""
    words = {
        "draft": _("draft"),
        "running": _("running"),
        "paused": _("paused"),
        "finished": _("finished"),
        "canceled": _("canceled"),
        "invited": _("invited"),
        "practising": _("practising"),
        "quiz": _("in the quiz"),
        "failed quiz": _("failed the quiz"),
        "working": _("working"),
        "maxed out": _("done their share"),
        "removed": _("removed"),
        "enabled": _("in use"),
        "disabled": _("not in use"),
        "on hold": _("on hold"),
        "labelled": _("labelled"),
        "unresolved": _("unresolved"),
        "open": _("not finished"),
        "test question": _("test question"),
        "held": _("held"),
        "building": _("being built"),
        "ready": _("ready"),
        "failed": _("failed"),
        "withdrawn": _("withdrawn"),
        "erased": _("erased"),
        "done": _("done"),
        "todo": _("to do"),
        "wrong": _("to put right"),
        "note": _("to know"),
    }
    return words.get(str(state), str(state))


@register.filter
def of(key: str, mapping: Mapping[str, Any]) -> Any:
    """What `key` stands for in a mapping; the key itself where it is unknown."""
    return mapping.get(key, key)


@register.filter
def in_per_cent(box: Mapping[str, float]) -> dict[str, float]:
    """A box in shares as the fields have it."""
    return {side: round(share * 100, 1) for side, share in box.items()}


@register.filter
def as_problem(document: dict[str, Any]) -> Problem:
    """A stored problem, so that its parts can be shown each in its place."""
    return Problem.from_document(document)
