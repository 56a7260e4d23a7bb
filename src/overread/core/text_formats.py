"""What a text answer can be asked to look like, by the reference platform's names."""

from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit


class TextFormat(StrEnum):
    ANY = ""
    ALPHA = "alpha"
    ALPHANUM = "alphanum"
    DIGITS = "digits"
    DATE = "date"
    EMAIL = "email"
    URL = "url"

    def fits(self, text: str) -> bool:
        checks = {
            TextFormat.ALPHA: _is_alpha,
            TextFormat.ALPHANUM: _is_alphanum,
            TextFormat.DIGITS: _is_digits,
            TextFormat.DATE: _is_date,
            TextFormat.EMAIL: _is_email,
            TextFormat.URL: _is_url,
        }
        return self == TextFormat.ANY or checks[self](text.strip())


def _is_alpha(text: str) -> bool:
    return all(part.isalpha() for part in text.split())


def _is_alphanum(text: str) -> bool:
    return all(part.isalnum() for part in text.split())


def _is_digits(text: str) -> bool:
    """Digits with punctuation, as in 12-05 or (030) 4."""
    return any(one.isdigit() for one in text) and not any(one.isalpha() for one in text)


def _is_date(text: str) -> bool:
    """Month, day and year, as the reference platform asks for them: 12/31/2026."""
    try:
        datetime.strptime(text, "%m/%d/%Y")
    except ValueError:
        return False
    return True


def _is_email(text: str) -> bool:
    name, _, host = text.partition("@")
    return bool(name) and "." in host.strip(".") and " " not in text and "@" not in host


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in text
