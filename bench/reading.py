#!/usr/bin/env python
"""How quick the reading page is in the system's Chromium: next unit, window steps, weight.

See README.md for what is measured and how.
"""

import argparse
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from _machine import free_port, percentile
from _server import home, serving
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

METHOD = """Method: overread serve on loopback, the system's Chromium, headless, with software GL.
Next unit: from the key press to the first frame with the next image, event loop to event loop.
Window step: from a pointer move to the end of its work on the graphics processor (a fence);
script: the page's own handlers and frame callbacks of that step. p95 unless said otherwise."""
UNITS_PER_PAGE = 4
SIDE = 2000
BENCH = Path(__file__).parent
BASELINE_NEXT = """async addresses => {
  const image = document.createElement("img");
  document.body.append(image);
  const took = [];
  for (const address of [...addresses, ...addresses]) {
    const ready = new Image();
    ready.src = address;
    await ready.decode();
    const start = performance.now();
    image.src = address;
    await image.decode();
    await new Promise(done => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(0);
    }));
    took.push(performance.now() - start);
  }
  image.remove();
  return took;
}"""
COLD = """async addresses => {
  const film = document.createElement("x-ray");
  Object.assign(film.style, { position: "fixed", inset: "0 360px 0 0", zIndex: 9 });
  document.body.append(film);
  const took = [];
  for (const address of addresses) {
    const start = performance.now();
    const loaded = new Promise(done => film.addEventListener("loaded", done, { once: true }));
    film.setAttribute("src", address);
    await loaded;
    await new Promise(done => requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(0);
    }));
    took.push(performance.now() - start);
  }
  film.remove();
  return took;
}"""
BASELINE_STEP = """async side => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d");
  const values = new Uint16Array(side * side).map((_, at) => (at * 7919) & 4095);
  const pixels = new ImageData(side, side);
  const out = new Uint32Array(pixels.data.buffer);
  const table = new Uint32Array(4096);
  const took = [];
  for (let width = 4000; width > 1000; width -= 100) {
    const start = performance.now();
    for (let value = 0; value < 4096; value += 1) {
      const share = Math.min(1, Math.max(0, (value - 2048) / width + 0.5));
      table[value] = 0xff000000 | (Math.round(255 * share) * 0x010101);
    }
    for (let at = 0; at < out.length; at += 1) out[at] = table[values[at]];
    context.putImageData(pixels, 0, 0);
    took.push(performance.now() - start);
  }
  return took;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, default=BENCH.parents[1] / "shared/data")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(METHOD)
    with home() as environment, TemporaryDirectory() as folder, sync_playwright() as playwright:
        jobs = [
            _job(environment, _real(options.images), Path(folder, "real.csv")),
            _job(environment, _deep(Path(folder, "deep")), Path(folder, "deep.csv")),
        ]
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=options.chromium, args=root)
        port = free_port()
        command = [str(Path(sys.executable).parent / "overread"), "serve"]
        with serving(command, port, environment):
            address = f"http://127.0.0.1:{port}"
            figures = {
                **_next_units(browser, environment, address, jobs[0], options.readers),
                **_window_steps(browser, environment, address, jobs[1], ""),
                **_window_steps(browser, environment, address, jobs[1], "#webgl"),
            }
        browser.close()
    for name, value in figures.items():
        print(
            f"{name:58} {value:10.1f}" if isinstance(value, float) else f"{name:58} {value!s:>10}"
        )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _real(images: Path) -> list[Path]:
    found = sorted((images / "cxr/kermany_fullsize").glob("*/*.jp*g"))
    if not found:
        raise SystemExit(f"no images under {images}: give the folder that holds cxr/ with --images")
    return found


def _deep(folder: Path) -> list[Path]:
    """One 12-bit picture of 2,000 x 2,000: a smooth field with the noise of a detector."""
    folder.mkdir()
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    field = 2048 + 1500 * np.sin(9 * x) * np.cos(7 * y)
    noise = np.random.default_rng(1).normal(0, 30, field.shape)
    values = np.clip(field + noise, 0, 4095).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG", compress_level=1)
    path = folder / "deep.png"
    path.write_bytes(out.getvalue())
    return [path]


def _job(environment: dict[str, str], images: Sequence[Path], table: Path) -> str:
    """Launched, without test questions."""
    table.write_text("image\n" + "".join(f"{path.name}\n" for path in images))
    folder = table.with_suffix("")
    folder.mkdir(exist_ok=True)
    for path in images:
        if path.parent != folder:
            shutil.copy(path, folder / path.name)
    job = _run(environment, "job", "create", str(table), "--images", str(folder)).split()[-1]
    _run(
        environment,
        "job",
        "settings",
        job,
        "--units-per-page",
        str(UNITS_PER_PAGE),
        "--judgments-per-unit",
        "9",
    )
    _run(environment, "job", "launch", job)
    return job


def _run(environment: dict[str, str], *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "overread"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _open(
    browser: Browser,
    environment: dict[str, str],
    address: str,
    job: str,
    size: tuple[int, int],
    painter: str = "",
) -> tuple[Page, list[Any]]:
    """A new contributor's reading page, and every response from then on."""
    invited = _run(environment, "user", "invite", job, "--server", address)
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.add_init_script(path=BENCH / "_reading.js")
    responses: list[Any] = []
    page.on("response", lambda one: responses.append(one))
    found = re.search(r"http://\S+", invited)
    assert found is not None
    page.goto(found[0])
    responses.clear()
    page.goto(f"{address}/work/{job}{painter}")
    page.wait_for_selector("x-ray[data-state=loaded]")
    return page, responses


def _next_units(
    browser: Browser, environment: dict[str, str], address: str, job: str, readers: int
) -> dict[str, Any]:
    prefetched: list[float] = []
    cold: list[float] = []
    plain: list[float] = []
    alone: list[float] = []
    weight: dict[str, Any] = {}
    for reader in range(readers):
        page, responses = _open(browser, environment, address, job, (1440, 900))
        page.wait_for_load_state("networkidle")
        if reader == 0:
            weight = _weight(page, responses, address)
        while page.locator("reading-page[data-view=judging]").count():
            more, first = _read_page(page)
            prefetched += more
            cold += first
        images = [one.url for one in responses if one.headers.get("content-type") == "image/jpeg"][
            :8
        ]
        plain += page.evaluate(BASELINE_NEXT, images)
        alone += _not_prefetched(page, images)
        page.context.close()
    baseline = percentile(plain, 0.95)
    return {
        "next unit, prefetched: samples": len(prefetched),
        "next unit, prefetched: median, ms": percentile(prefetched, 0.5),
        "next unit, prefetched: p95, ms": percentile(prefetched, 0.95),
        "the same with a plain <img>: p95, ms": baseline,
        "ratio to the plain <img>": percentile(prefetched, 0.95) / baseline,
        "first unit of the next page: samples": len(cold),
        "first unit of the next page: median, ms": percentile(cold, 0.5),
        "first unit of the next page: p95, ms": percentile(cold, 0.95),
        "a unit that was not prefetched: samples": len(alone),
        "a unit that was not prefetched: median, ms": percentile(alone, 0.5),
        "a unit that was not prefetched: p95, ms": percentile(alone, 0.95),
        **weight,
    }


def _not_prefetched(page: Page, images: Sequence[str]) -> list[float]:
    """From asking for an image, under an address that no cache knows, to its first frame."""
    return page.evaluate(COLD, [f"{one}&n={number}" for number, one in enumerate(images)])  # type: ignore[no-any-return]


def _read_page(page: Page) -> tuple[list[float], list[float]]:
    """Answers a page by keyboard; times of the units on it, and of the next page's first."""
    units = page.locator(".dot").count() or 1
    page.wait_for_load_state("networkidle")
    took: list[float] = []
    for _unit in range(units):
        page.keyboard.press("1")
        page.wait_for_timeout(150)
        seen = page.evaluate("bench.next.length")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "seen => bench.next.length > seen ||"
            " document.querySelector('reading-page').dataset.view === 'ending'",
            arg=seen,
        )
        took += page.evaluate("seen => bench.next.slice(seen)", seen)
    return took[: units - 1], took[units - 1 :]


def _weight(page: Page, responses: Sequence[Any], address: str) -> dict[str, Any]:
    """Everything but images, as it comes and as gzip would make it; who was asked; the policy."""
    bodies = [one.body() for one in responses if "/i/" not in one.url]
    policy = responses[0].headers["content-security-policy"]
    hosts = {urlsplit(one.url).netloc for one in responses}
    return {
        "page without images, kB": sum(map(len, bodies)) / 1000,
        "page without images, gzip, kB": sum(len(gzip.compress(one)) for one in bodies) / 1000,
        "other hosts asked": len(hosts - {urlsplit(address).netloc}),
        "inline script or style allowed": "unsafe" in policy,
    }


def _window_steps(
    browser: Browser, environment: dict[str, str], address: str, job: str, painter: str
) -> dict[str, Any]:
    """`painter`: "" for the one that the page chooses, "#webgl" for WebGL2 even in software."""
    page, _ = _open(browser, environment, address, job, (1600, 1200), painter)
    size = page.locator("x-ray").evaluate("one => [one.clientWidth, one.clientHeight]")
    page.keyboard.press("c")  # the first step fetches the values
    page.wait_for_function("() => document.querySelector('x-ray').display.shown === 'values'")
    page.evaluate("document.querySelector('x-ray').display.settled()")
    page.evaluate("bench.uploads = 0")
    page.mouse.move(400, 600)
    page.mouse.down(button="right")
    for step in range(150):
        page.mouse.move(400 + step * 2 % 300, 600 + step % 90)
        page.wait_for_timeout(20)
    page.mouse.up(button="right")
    page.wait_for_timeout(300)
    found = page.evaluate("bench")
    baseline = percentile(page.evaluate(BASELINE_STEP, SIDE), 0.95)
    steps = percentile(found["steps"], 0.95)
    name = "window step, WebGL2 in software" if painter else "window step"
    return {
        f"{name}: viewport": "x".join(map(str, size)),
        f"{name}: samples": len(found["steps"]),
        f"{name}: median, ms": percentile(found["steps"], 0.5),
        f"{name}: p95, ms": steps,
        f"{name}: script, p95, ms": percentile(found["scripts"], 0.95),
        f"{name}: texture uploads": found["uploads"],
        f"{name}: a look-up on the main thread: p95, ms": baseline,
        f"{name}: ratio to the look-up": steps / baseline,
    }


if __name__ == "__main__":
    main()
