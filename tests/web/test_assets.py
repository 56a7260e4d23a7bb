"""The built front end is sent compressed, kept by browsers, and nothing beside it is."""

import gzip
from typing import Any

import pytest

from overread.web.assets import FOLDER, PREFIX, Assets
from tests.aside import run_aside

SCRIPT = "/static/overread/reading.js"
BODY = (FOLDER / "overread" / "reading.js").read_bytes()


def get(path: str, *, method: str = "GET", query: bytes = b"", **asked: bytes) -> Any:
    """Status, headers, body."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [(name.replace("_", "-").encode(), value) for name, value in asked.items()],
    }
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    assets = Assets()
    assert assets.handles(scope)
    run_aside(assets(scope, send))
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


def test_who_can_unpack_it_gets_it_packed() -> None:
    status, headers, body = get(SCRIPT, accept_encoding=b"br, gzip")
    assert (status, headers[b"content-encoding"]) == (200, b"gzip")
    assert gzip.decompress(body) == BODY
    assert int(headers[b"content-length"]) == len(body) < len(BODY) / 2


def test_others_get_it_as_it_is() -> None:
    _, headers, body = get(SCRIPT)
    assert body == BODY
    assert b"content-encoding" not in headers
    assert headers[b"content-type"].split(b";")[0].endswith(b"javascript")


def test_an_address_with_a_version_is_kept_and_others_are_asked_for_anew() -> None:
    _, versioned, _ = get(SCRIPT, query=b"v=abc")
    assert b"immutable" in versioned[b"cache-control"]
    _, plain, _ = get(SCRIPT)
    assert plain[b"cache-control"] == b"no-cache"
    status, _, body = get(SCRIPT, if_none_match=plain[b"etag"])
    assert (status, body) == (304, b"")


def test_head_has_no_body() -> None:
    status, headers, body = get(SCRIPT, method="HEAD")
    assert (status, int(headers[b"content-length"]), body) == (200, len(BODY), b"")


@pytest.mark.parametrize("path", ["", "overread", "overread/none.js", "../assets.py", "%2e%2e/x"])
def test_nothing_else_is_sent(path: str) -> None:
    assert get(PREFIX + path)[0] == 404


def test_addresses_elsewhere_and_posts_are_not_its_own() -> None:
    assert not Assets().handles({"method": "GET", "path": "/sign-in"})
    assert not Assets().handles({"method": "POST", "path": SCRIPT})
