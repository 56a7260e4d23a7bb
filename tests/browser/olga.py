"""Olga at her browser, whose clicks and typed fields are counted."""

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class Olga:
    """`presses` are clicks, or keys that do what a click does; choosing files in the browser's
    own window is one. `fields` are those that she types into.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = self.fields = 0

    def press(self, what: Locator, key: str = "Enter") -> None:
        """By keyboard."""
        self.presses += 1
        what.press(key)

    def click(self, what: Locator) -> None:
        self.presses += 1
        what.click()

    def choose(self, label: str, files: Sequence[Path]) -> None:
        self.presses += 1
        self.page.get_by_label(label, exact=True).set_input_files(files)

    def type(self, what: Locator, text: str) -> None:
        self.fields += 1
        what.fill(text)

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(f"^{words}"))

    def link(self, words: str) -> Locator:
        return self.page.get_by_role("link", name=re.compile(f"^{words}"))

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(re.compile(words)).first).to_be_visible()
