"""Everything that a contributor reads is there in Spanish too."""

import gettext
import re
from io import BytesIO
from pathlib import Path

import pytest
from catalogues import compiled
from django.test import Client
from django.utils import translation

import overread.web
from overread.flows.people import Invitation
from overread.web.messages import messages
from overread.web.views.reporting import reason_words

WEB = Path(overread.web.__file__).parent
CATALOGUE = WEB / "locale" / "es" / "LC_MESSAGES" / "django.po"
HOLES = re.compile(r"\{\w+\}|%\(\w+\)s")
# The same in both languages.
ALIKE = {"{length} mm", "No"}
SINGLE = re.compile(r"""\{%\s*translate\s+(["'])(.+?)\1""")
BLOCK = re.compile(
    r"\{%\s*blocktranslate.*?%\}(.*?)(?:\{% plural %\}.*?)?\{% endblocktranslate %\}"
)


def spanish() -> gettext.GNUTranslations:
    return gettext.GNUTranslations(BytesIO(compiled(CATALOGUE.read_text(encoding="utf-8"))))


def test_every_word_of_the_front_end_is_translated_with_its_holes() -> None:
    with translation.override("en"):
        english = messages() | reason_words()
    with translation.override("es"):
        other = messages() | reason_words()
    same = {text for name, text in english.items() if other[name] == text}
    assert same <= ALIKE
    for name, text in english.items():
        assert sorted(HOLES.findall(text)) == sorted(HOLES.findall(other[name])), name


def test_every_text_of_a_contributors_pages_is_translated() -> None:
    found = spanish()
    pages = [*WEB.glob("templates/judging/**/*.html"), WEB / "templates" / "base.html"]
    texts = {
        match
        for page in pages
        for pattern, group in ((SINGLE, 2), (BLOCK, 1))
        for match in (one[group] for one in pattern.finditer(page.read_text()))
    }
    assert len(texts) > 60
    missing = []
    for text in sorted(texts):
        asked = re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", text)
        if found.gettext(asked) == asked and found.ngettext(asked, asked, 1) == asked:
            missing.append(asked)
    assert not [text for text in missing if not _is_plural(found, text)]


def _is_plural(found: gettext.GNUTranslations, text: str) -> bool:
    return any(key[0] == text for key in found._catalog if isinstance(key, tuple))  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_browser_that_asks_for_spanish_gets_the_reading_page_in_spanish(
    client: Client, lena: Invitation
) -> None:
    client.force_login(lena.participation.user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(
        f"/work/{lena.participation.job_id}", headers={"Accept-Language": "es-MX,es;q=0.9"}
    )
    text = page.content.decode()
    assert '<html lang="es" dir="ltr">' in text
    assert "Enviar la p" in text
