"""What templates need: built assets, Markdown, problems in words, image addresses."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from overread.core.problems import Message, Problem
from overread.formats.markdown import safe_html
from overread.store.models import Rendition, User
from overread.web.designer_messages import designer_messages
from overread.web.images import owner_address
from overread.web.messages import messages

register = template.Library()
BUILT = Path(__file__).parents[1] / "static" / "overread"


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file; it changes with the content, so it can be cached."""
    return f"{static(f'overread/{name}')}?v={_digest(f'{BUILT}/{name}')}"


@cache
def _digest(name: str) -> str:
    path = Path(name)
    return sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "missing"


@register.filter
def markdown(text: str) -> SafeString:
    """An owner's Markdown as safe HTML: no raw HTML, no links, no images."""
    return mark_safe(safe_html(text))


@register.filter
def say(document: dict[str, Any] | Problem | Message) -> str:
    """A stored problem or message in the viewer's language."""
    if isinstance(document, dict):
        document = Problem.from_document(document)
    if isinstance(document, Problem):
        return f"{say(document.problem)} {say(document.advice)}"
    return gettext(document.template).format(**document.values)


@register.filter
def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


@register.simple_tag
def picture(rendition: Rendition, viewer: User) -> str:
    """The address of an image for an owner who looks at it."""
    return owner_address(rendition, viewer)


@register.simple_tag
def words() -> dict[str, str]:
    """The front end's texts, for `json_script`."""
    return messages()


@register.simple_tag
def designer_words() -> dict[str, str]:
    """The same with those of the designer."""
    return messages() | designer_messages()
