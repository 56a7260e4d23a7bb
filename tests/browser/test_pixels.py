"""What <x-ray> paints against numpy: within one grey of core.greys, pixel by pixel."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Route

import overread.web
from overread.core.greys import Greys, Window, rescaled
from overread.imaging.render import planes, rendition

BUILT = Path(overread.web.__file__).parent / "static" / "overread"
HOST = "http://pixels.test"
HEIGHT, WIDTH = 120, 160
SIDE = 160
PAGE = f"""<!doctype html><link rel="stylesheet" href="/reading.css">
<style>x-ray {{ position: fixed; inset: 0 auto auto 0; width: {SIDE}px; height: {SIDE}px;
border-radius: 0 }}
.x-ray-tools, .x-ray-legend {{ display: none !important }} body {{ margin: 0 }}</style>
<script type="module" src="/reading.js"></script>"""
NO_WEBGL = """
const given = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind === "webgl2" ? null : given.call(this, kind, ...more);
};
"""
# A WebGL2 in software is left to the worker; here it paints, under a processor's name.
PROCESSOR = """
const asked = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  const found = asked.call(this, name);
  return name === 0x9246 || name === this.RENDERER ? "a graphics processor" : found;
};
"""
PAINTERS = {"WebGL2": PROCESSOR, "worker": NO_WEBGL}
TYPES = {".js": "text/javascript", ".css": "text/css"}

Values = NDArray[np.uint16]


def ramp(highest: int, seed: int = 1) -> Values:
    """Every value there is, with noise: a picture that shows each grey and each edge."""
    noise = np.random.default_rng(seed).integers(-40, 41, (HEIGHT, WIDTH))
    slope = np.linspace(0, highest, WIDTH)[None, :] * np.linspace(0.4, 1, HEIGHT)[:, None]
    return np.clip(slope + noise, 0, highest).astype(np.uint16)


def signed() -> tuple[Values, Greys]:
    """Signed values from -1024 on, as a CT stores them; the window is over their own scale."""
    stored = ramp(3000).astype(int) - 1024
    windows = rescaled([Window(40, 400)], slope=1, intercept=0, lowest=-1024)
    return (stored + 1024).astype(np.uint16), Greys(12, windows)


CASES: dict[str, tuple[NDArray[Any], Greys]] = {
    "8 bits": (ramp(255).astype(np.uint8), Greys()),
    "12 bits": (ramp(4095), Greys(12)),
    "16 bits": (ramp(65535), Greys(16)),
    "12 bits, windowed": (ramp(4095), Greys(12, (Window(1500, 1200),))),
    "MONOCHROME1": (ramp(1023), Greys(10, inverted=True)),
    "VOI LUT": (ramp(4095), Greys(12, curve=tuple(np.linspace(0, 1, 64) ** 2))),
    "signed": signed(),
    "dark": ((ramp(4095) // 8).astype(np.uint16), Greys(12)),
}


class Desk:
    """A page with one <x-ray> at a time, one pixel of the image on one of the screen."""

    def __init__(self, page: Page, painter: str) -> None:
        self.page = page
        self.painter = painter
        self.files = {"/": PAGE.encode()}
        page.route(f"{HOST}/**", self._answer)
        page.goto(f"{HOST}/")
        self.count = 0

    def _answer(self, route: Route) -> None:
        path = "/" + route.request.url.removeprefix(HOST).lstrip("/").split("?")[0]
        body = self.files.get(path) or (BUILT / path[1:]).read_bytes()
        route.fulfill(body=body, content_type=TYPES.get(Path(path).suffix, "text/html"))

    def lay(self, name: str) -> tuple[NDArray[Any], Greys]:
        """Shows one of the cases, with its values fetched."""
        values, greys = CASES[name]
        self.count += 1
        preview, address = f"/preview{self.count}", f"/full{self.count}"
        self.files |= {preview: rendition(greys.shown(values)), address: planes(values)}
        full = {"address": address, "width": WIDTH, "height": HEIGHT, "greys": greys.document()}
        self.page.evaluate(
            """async ([src, full]) => {
              await customElements.whenDefined("x-ray");
              const film = window.film = document.createElement("x-ray");
              film.full = full;
              film.setAttribute("src", src);
              const loaded = new Promise(resolve => film.addEventListener("loaded", resolve));
              document.body.replaceChildren(film);
              await loaded;
              if (!await film.display.develop()) throw new Error("not developed");
            }""",
            [preview, full],
        )
        return values, greys

    def _painted_by(self) -> str:
        """WebGL2 has a canvas of its own; what the worker paints is drawn on the display's."""
        own = self.page.locator("x-ray .x-ray-values")
        return "WebGL2" if own.evaluate("pane => !pane.hidden") else "worker"

    def shown(self, window: Window, change: str = "") -> NDArray[Any]:
        """The greys on the screen at a window, at rest; `change` is done before."""
        tone = {"centre": window.centre, "width": window.width}
        self.page.evaluate(
            f"() => {{ {change}; film.display.window = {json.dumps(tone)};"
            " return film.display.settled(); }"
        )
        assert self._painted_by() == self.painter
        clip: Any = {"x": 0, "y": 0, "width": SIDE, "height": SIDE}
        picture = Image.open(io.BytesIO(self.page.screenshot(clip=clip))).convert("RGB")
        colours = np.asarray(picture).astype(int)
        assert (colours[..., 0] == colours[..., 1]).all()
        return colours[..., 0]


@pytest.fixture(params=PAINTERS)
def desk(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Desk]:
    page = chromium.new_page(viewport={"width": 200, "height": 200})
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.add_init_script(PAINTERS[request.param])
    yield Desk(page, request.param)
    page.close()


def test_every_pixel_is_within_one_grey_of_the_reference(desk: Desk) -> None:
    for name in CASES:
        values, greys = desk.lay(name)
        for window in (Window(0.4 * 2**greys.bits, 0.3 * 2**greys.bits), Window(900, 1000)):
            wanted = greys.shown(values, window).astype(int)
            off = np.abs(inner(desk.shown(window)) - wanted).max()
            assert off <= 1, f"{name}, {window}: {off}"


def test_inverting_turns_every_grey(desk: Desk) -> None:
    values, greys = desk.lay("12 bits")
    window = Window(1800, 2000)
    invert = "film.display.tone = {...film.display.tone, inverted: true}"
    shown = inner(desk.shown(window, invert))
    assert np.abs(255 - shown - greys.shown(values, window).astype(int)).max() <= 1


def test_an_equalised_image_shows_every_grey_about_equally_often(desk: Desk) -> None:
    _, greys = desk.lay("dark")
    equalise = "film.display.tone = {...film.display.tone, equalised: true}"
    shown = inner(desk.shown(greys.full, equalise))
    quarters = np.histogram(shown, bins=4, range=(0, 256))[0] / shown.size
    assert quarters.min() > 0.15


def test_a_turned_image_shows_the_same_pixels_elsewhere(desk: Desk) -> None:
    values, greys = desk.lay("12 bits")
    window = Window(1800, 2000)
    wanted = greys.shown(values, window).astype(int)
    for quarters, mirrored in ((1, False), (2, False), (3, True), (0, True)):
        turn = json.dumps({"quarters": quarters, "mirrored": mirrored})
        shown = desk.shown(window, f"film.display.turn = {turn}")
        turned = np.rot90(wanted[:, ::-1] if mirrored else wanted, -quarters)
        assert np.abs(inner(shown, turned.shape) - turned).max() <= 1, turn


def inner(shown: NDArray[Any], shape: tuple[int, ...] = (HEIGHT, WIDTH)) -> NDArray[Any]:
    """The image itself, in the middle of its box."""
    top, left = (SIDE - shape[0]) // 2, (SIDE - shape[1]) // 2
    return shown[top : top + shape[0], left : left + shape[1]]
