"""What can be said of a page as it lies on the screen, whoever looks at it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# A colour that is fading has no contrast of its own.
SETTLED = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => null)))"""
FOUND = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return grave.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
}"""

# Tables, images and code may be wider than the page and scroll by themselves (WCAG 2.2, 1.4.10).
CUT = """() => {
  const whole = document.documentElement;
  const free = "table, .table-box, x-ray, .stage, canvas, svg, img, pre, code, textarea, input, "
    + ".visually-hidden, .skip";
  const named = (one) =>
    `${one.localName}.${one.className} “${one.textContent.trim().slice(0, 40)}”`;
  const shown = [...document.body.querySelectorAll("*")].filter((one) =>
    one.checkVisibility() && !one.closest(free) && one.getClientRects().length > 0);
  const outside = shown.filter((one) => one.getBoundingClientRect().right > whole.clientWidth + 1);
  const scrolled = shown.filter((one) => getComputedStyle(one).overflowX !== "visible"
    && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1);
  const found = [...outside, ...scrolled].map(named);
  return whole.scrollWidth > whole.clientWidth ? ["the whole page", ...found] : found;
}"""


def serious(page: Page) -> list[str]:
    """What axe finds on the page that is serious or critical."""
    if not AXE.exists():
        pytest.skip("needs axe-core: run hatch_build.py check")
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(AXE.read_text())
    page.evaluate(SETTLED)
    found: list[str] = page.evaluate(FOUND)
    return found


def cut_off(page: Page) -> list[str]:
    """What doesn't fit into the page's width: it is cut off, or has to be scrolled sideways."""
    found: list[str] = page.evaluate(CUT)
    return found
