"""The reference platform's validators, as far as answers are checked here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from overread.core.questions import LARGEST
from overread.core.text_formats import TextFormat

_RULE = re.compile(r"(?P<name>\w+)(?:\s*:\s*(?P<more>\{[^}]*\}|\[[^\]]*\]|[^\s]+))?")
_PAIR = re.compile(r"(\w+)\s*:\s*['\"]?(-?\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LONGEST = 10**9  # characters that a bound may ask for
_FORMATS = {one.value: one for one in TextFormat if one.value}


@dataclass
class Validation:
    """`unknown` names the validators that are not checked here."""

    required: bool = False
    is_number: bool = False
    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None
    format: TextFormat = TextFormat.ANY
    shortest: int = 0
    longest: int = 0
    unknown: list[str] = field(default_factory=list)


def read_validates(text: str) -> Validation:
    found = Validation()
    for match in _RULE.finditer(text):
        _apply(found, match["name"], match["more"] or "")
    return found


def _apply(found: Validation, name: str, more: str) -> None:
    match name:
        case "required":
            found.required = True
        case "numeric":
            found.is_number = True
        case "integer":
            found.is_number = found.whole = True
        case "positiveInteger":
            found.is_number, found.whole, found.minimum = True, True, 1
        case "integerRange" | "numericRange" | "range":
            bounds = dict(_PAIR.findall(more))
            found.is_number, found.whole = True, name == "integerRange" or found.whole
            found.minimum = _number(bounds.get("min"))
            found.maximum = _number(bounds.get("max"))
        case "minLength" | "maxLength":
            length = _NUMBER.search(more)
            if length:
                attribute = "shortest" if name == "minLength" else "longest"
                setattr(found, attribute, int(_bounded(length.group(), 0, LONGEST)))
        case _ if name in _FORMATS:
            found.format = _FORMATS[name]
        case _:
            found.unknown.append(name)


def _number(text: str | None) -> float | None:
    return None if text is None else _bounded(text, -LARGEST, LARGEST)


def _bounded(text: str, low: float, high: float) -> float:
    """Beyond what any answer may be, one bound is as good as another."""
    return max(low, min(high, float(text)))


def write_validates(found: Validation) -> str:
    return " ".join(_rules(found))


def _rules(found: Validation) -> Iterator[str]:
    if found.required:
        yield "required"
    if found.is_number:
        yield _number_rule(found)
    if found.format:
        yield found.format.value
    if found.shortest:
        yield f"minLength:{found.shortest}"
    if found.longest:
        yield f"maxLength:{found.longest}"


def _number_rule(found: Validation) -> str:
    """A range of whole numbers has a rule of its own; other bounds stand in data-min, data-max."""
    low, high = found.minimum, found.maximum
    if found.whole and low is not None and high is not None and is_whole(low) and is_whole(high):
        return f"integerRange:{{min:{int(low)},max:{int(high)}}}"
    return "integer" if found.whole else "numeric"


def is_whole(number: float) -> bool:
    return float(number).is_integer()
