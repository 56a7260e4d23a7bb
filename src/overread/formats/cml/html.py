"""HTML that an owner wrote, down to its structure: no script, no style, nothing from elsewhere."""

import re

import nh3

# No pictures: a unit's own stand beside the form, larger, and any other would be remote.
TAGS = {
    "abbr", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p",
    "pre", "q", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"title", "lang", "dir"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "div": {"data-question", "data-group"},
}
PICTURE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_PLACE = re.compile(r"\w{1,200}")


def clean(html: str) -> str:
    """Safe HTML: known tags with their text, without looks, links or pictures."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_kept, link_rel=None)


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if attribute.startswith("data-"):
        return value if _PLACE.fullmatch(value) else None
    return value
