"""The built front end as plain ASGI: from memory, compressed once.

The server's own file route does not compress, and the libraries that do are made for WSGI
(docs/decisions/0005-images.md).
"""

import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from overread.web.headers import POLICY

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PREFIX = "/static/"
FOLDER = Path(__file__).parent / "static"
# An address with a version never changes what it stands for; the others are asked for anew.
FOR_EVER, ASK = b"public, max-age=31536000, immutable", b"no-cache"


@dataclass(frozen=True)
class Asset:
    """A built file."""

    kind: str
    body: bytes

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.body, mtime=0)

    @cached_property
    def tag(self) -> bytes:
        return f'"{sha256(self.body).hexdigest()[:16]}"'.encode()


class Assets:
    """Answers GET and HEAD below /static/; `fresh` looks at the files each time."""

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._found = _read()

    def handles(self, scope: Scope) -> bool:
        path, method = scope["path"], scope["method"]
        return method in ("GET", "HEAD") and path.startswith(PREFIX)

    async def __call__(self, scope: Scope, send: Send) -> None:
        found = _read() if self._fresh else self._found
        asset = found.get(scope["path"])
        if asset is None:
            await _answer(send, 404, [], b"")
            return
        asked = dict(scope["headers"])
        headers = [
            (b"content-type", asset.kind.encode()),
            (b"cache-control", FOR_EVER if scope["query_string"].startswith(b"v=") else ASK),
            (b"etag", asset.tag),
            (b"vary", b"accept-encoding"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", POLICY.encode()),
        ]
        if asset.tag in asked.get(b"if-none-match", b""):
            await _answer(send, 304, headers, b"")
            return
        body = asset.body
        if b"gzip" in asked.get(b"accept-encoding", b""):
            body = asset.packed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(body)).encode()))
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _read() -> dict[str, Asset]:
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    return {
        PREFIX + path.relative_to(FOLDER).as_posix(): Asset(_kind(path), path.read_bytes())
        for path in files
    }


def _kind(path: Path) -> str:
    kind = guess_type(path.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
