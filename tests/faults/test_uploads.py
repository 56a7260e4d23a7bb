"""kill -9 between and within the parts of an upload: what was acknowledged is there."""

import json
import re
import threading
import time
from http.client import HTTPException
from http.cookiejar import CookieJar
from io import BytesIO
from random import Random
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, Request, build_opener

import numpy as np
from PIL import Image

from overread.imaging.preparing import prepare
from tests.faults.serving import Server

IMAGES, KILLS = 30, 3
PART = 40_000
READ_SECONDS = 120
FORM = "application/x-www-form-urlencoded"


class Browser:
    """As much of one as an upload needs: cookies and the token of the form."""

    def __init__(self, server: Server) -> None:
        self._root = f"http://127.0.0.1:{server.port}"
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._opener.open(
            server.overread("user", "owner", "olga@example.org", "--server", self._root)
        )
        self._token = ""

    def look_at(self, path: str) -> None:
        page = self._opener.open(self._root + path).read().decode()
        self._token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]

    def ask(self, method: str, path: str, data: bytes = b"", **headers: str) -> Any:
        sent = {"X-CSRFToken": self._token, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(self._root + path, data or None, sent, method=method)
        try:
            return self._opener.open(request, timeout=30)
        except HTTPError as answer:
            return answer


def test_kill_9_between_parts_loses_nothing(server: Server) -> None:
    pictures = [picture(number) for number in range(IMAGES)]
    job = server.overread("job", "create", "--template", "healthy-or-pneumonia").split()[-1]
    server.start()
    browser = Browser(server)
    browser.look_at(f"/jobs/{job}/data")
    listed = [{"path": f"set/{n}.png", "size": len(data)} for n, data in enumerate(pictures)]
    begun = browser.ask("POST", f"/jobs/{job}/uploads", json.dumps(listed).encode())
    address, content = json.load(begun)["address"], b"".join(pictures)
    kills = set(Random(1).sample(range(2, len(content) // PART), KILLS))
    send(server, browser, address, content, kills)
    assert browser.ask("POST", address).status == 200
    wait_for(server, "select count(*) from store_intake where state = 'previewed'", 1)
    browser.ask("POST", f"/jobs/{job}/data/preview", b"do=read", Content_Type=FORM)
    wait_for(server, "select count(*) from store_unit", IMAGES)
    stored = {row[0] for row in server.rows("select fingerprint from store_image")}
    assert stored == {prepare(data).fingerprint for data in pictures}
    assert not list((server.home / "uploads/.unfinished").iterdir())


def send(server: Server, browser: Browser, address: str, content: bytes, kills: set[int]) -> None:
    acknowledged, number = 0, 0
    while acknowledged < len(content):
        number += 1
        killing = None
        if number in kills:
            # At once with the part: before, while or after it is written.
            killing = threading.Thread(target=server.kill)
            killing.start()
        end = append(browser, address, acknowledged, content[acknowledged : acknowledged + PART])
        if killing:
            killing.join()
            server.start()
            there = int(browser.ask("HEAD", address).headers["Upload-Offset"])
            assert (end or acknowledged) <= there <= acknowledged + PART
            end = there
        assert end is not None
        acknowledged = end


def append(browser: Browser, address: str, offset: int, part: bytes) -> int | None:
    """Where the upload goes on; None where nobody answered."""
    try:
        answer = browser.ask("PATCH", address, part, Upload_Offset=str(offset))
    except (URLError, HTTPException, OSError):
        return None
    assert answer.status == 204, answer.read()
    return int(answer.headers["Upload-Offset"])


def wait_for(server: Server, count: str, expected: int) -> None:
    until = time.monotonic() + READ_SECONDS
    while server.rows(count) != [(expected,)]:
        assert time.monotonic() < until, server.rows("select state, problems from store_intake")
        time.sleep(0.2)


def picture(number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 256, (200, 150), np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
