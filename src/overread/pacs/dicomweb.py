"""An archive that speaks DICOMweb: QIDO-RS to find (PS3.18 10.6), WADO-RS to fetch (10.4)."""

import logging
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import IO, Any, NoReturn, Self, TypeVar

import msgspec
import urllib3
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from overread.core.problems import Message
from overread.pacs.archive import (
    LIMITS,
    ArchiveError,
    Limits,
    Series,
    Study,
    is_uid,
    too_large,
    too_many_answers,
)
from overread.pacs.spool import Spool

# It writes down the addresses of what it tries again, and with them whom was asked for.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)

_ACCESSION, _MODALITY = "00080050", "00080060"
_STUDY, _SERIES, _INSTANCE = "0020000D", "0020000E", "00080018"
_JSON = "application/dicom+json"
# As it is stored: a server that packs anew may lose something.
_AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_ANY = 'multipart/related; type="application/dicom"'
# No server that knows limits sets one below.
_PAGE = 100
_LONGEST_LIST = 64 * 2**20
_CHUNK = 2**16
_SECONDS = 600.0
_TIMES = 3
_TIMEOUT = urllib3.Timeout(connect=15, read=60)
_RETRIES = urllib3.Retry(
    total=_TIMES,
    redirect=False,
    status_forcelist=(429, 502, 503, 504),
    backoff_factor=0.3,
    retry_after_max=30,
    raise_on_status=False,
)
_CHECK = Message(
    "Whoever runs this server can check the archive's address, and whether it answers from here."
)
_TRY_AGAIN = Message("Try again later, or ask who keeps the archive.")
Result = TypeVar("Result")


class _Attribute(msgspec.Struct):
    """Of DICOM's JSON model (PS3.18 F.2) only the values."""

    Value: list[Any] = []


_Item = dict[str, _Attribute]
_items = msgspec.json.Decoder(list[_Item])


def bearer(token: str) -> str:
    return f"Bearer {token}"


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


class DicomWeb:
    """The server at `address`. `authorization` is the header's value, "" for none.

    No redirect is followed: the credentials are meant for this server.
    """

    def __init__(
        self,
        address: str,
        context: ssl.SSLContext,
        authorization: str = "",
        limits: Limits = LIMITS,
    ) -> None:
        self._root = address.rstrip("/")
        self._headers = {"Authorization": authorization} if authorization else {}
        self._http = urllib3.PoolManager(
            ssl_context=context, retries=_RETRIES, timeout=_TIMEOUT, maxsize=1
        )
        self._limits = limits
        self._received = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.clear()

    def echo(self) -> None:
        """DICOMweb has no C-ECHO: one study is asked for."""
        self._page("studies", [("limit", "1")])

    def studies(self, keys: Mapping[str, str]) -> list[Study]:
        fields = [*keys.items(), ("includefield", _ACCESSION)]
        found: list[Study] = []
        for uid, item in self._list("studies", fields, _STUDY):
            found.append(Study(uid, _text(item, _ACCESSION)))
            if len(found) > self._limits.answers:
                raise too_many_answers(self._limits)
        return found

    def series(self, study: Study) -> list[Series]:
        fields = [("includefield", _MODALITY)]
        listed = self._list(f"studies/{study.uid}/series", fields, _SERIES)
        return [Series(study.uid, uid, _text(item, _MODALITY)) for uid, item in listed]

    def fetch(self, series: Series, spool: Spool) -> int:
        path = f"studies/{series.study}/series/{series.uid}/instances"
        missing = 0
        for uid, _ in self._list(path, [], _INSTANCE):
            try:
                _again(partial(self._fetch, f"{path}/{uid}", uid, spool))
            except _NotThere:
                missing += 1
        return missing

    def _list(
        self, path: str, fields: Sequence[tuple[str, str]], key: str
    ) -> Iterator[tuple[str, _Item]]:
        """All that match, each UID once.

        The first question names no limit: Orthanc counts what it then leaves out into its pages,
        and would lose some. A server with a limit of its own is asked on from there; one that
        knows no offset sends the same again, which ends it.
        """
        seen: set[str] = set()
        while True:
            onward = [("offset", str(len(seen)))] if seen else []
            items, is_cut = self._page(path, [*fields, *onward])
            new = {uid: item for item in items if (uid := _text(item, key)) not in seen}
            if not all(map(is_uid, new)):
                raise _not_understood()
            yield from new.items()
            seen |= new.keys()
            if not new or (len(items) < _PAGE and not is_cut):
                return

    def _page(self, path: str, fields: Sequence[tuple[str, str]]) -> tuple[list[_Item], bool]:
        """With a warning the server says that it has more than it sends (10.6.1.2.4)."""

        def ask() -> tuple[bytes, bool]:
            with self._got(path, _JSON, fields) as response:
                if response.status == 204:
                    return b"[]", False
                _check(response)
                return b"".join(_chunks(response, _LONGEST_LIST)), "Warning" in response.headers

        data, is_cut = _again(ask)
        try:
            return _items.decode(data), is_cut
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise _not_understood() from None

    def _fetch(self, path: str, uid: str, spool: Spool) -> None:
        with self._got(path, _AS_STORED) as response:
            if response.status not in (400, 406):
                return self._keep(response, uid, spool)
        with self._got(path, _ANY) as response:
            return self._keep(response, uid, spool)

    def _keep(self, response: BaseHTTPResponse, uid: str, spool: Spool) -> None:
        if response.status in (404, 410):
            raise _NotThere
        _check(response)
        with spool.new(uid) as out:
            left = self._limits.total - self._received
            _write_part(response, _chunks(response, min(self._limits.file, left)), out)
            self._received += out.tell()

    @contextmanager
    def _got(
        self, path: str, accept: str, fields: Sequence[tuple[str, str]] = ()
    ) -> Iterator[BaseHTTPResponse]:
        headers = {**self._headers, "Accept": accept, "Accept-Encoding": "identity"}
        try:
            response = self._http.request(
                "GET",
                f"{self._root}/{path}",
                fields=fields,
                headers=headers,
                preload_content=False,
                redirect=False,
            )
        except MaxRetryError as error:
            _refuse_unreachable(error.reason)
        except HTTPError as error:
            _refuse_unreachable(error)
        try:
            yield response
        finally:
            response.close()


class _NotThere(Exception):
    """It was listed, and is gone."""


def _again(ask: Callable[[], Result]) -> Result:
    """An answer that breaks off is asked for again; before it begins, urllib3 sees to that."""
    for _ in range(_TIMES - 1):
        try:
            return ask()
        except (HTTPError, FormParserError, EOFError):
            continue
    try:
        return ask()
    except (HTTPError, FormParserError, EOFError):
        raise _not_understood() from None


def _chunks(response: BaseHTTPResponse, most: int) -> Iterator[bytes]:
    """As they come, no more and no longer than is allowed."""
    until, received = monotonic() + _SECONDS, 0
    while chunk := response.read1(_CHUNK, decode_content=False):
        received += len(chunk)
        if received > most:
            raise too_large()
        if monotonic() > until:
            raise EOFError
        yield chunk


def _write_part(response: BaseHTTPResponse, chunks: Iterator[bytes], out: IO[bytes]) -> None:
    """The first part of a multipart answer, or all of one that has no parts. Raises EOFError."""
    kind, options = parse_options_header(response.headers.get("Content-Type", ""))
    boundary = options.get(b"boundary")
    if kind.startswith(b"multipart/") and boundary:
        _write_first(chunks, boundary, out)
    elif kind == b"application/dicom":
        out.writelines(chunks)
    else:
        raise _not_understood()
    if not out.tell():
        raise EOFError


def _write_first(chunks: Iterator[bytes], boundary: bytes, out: IO[bytes]) -> None:
    ended = 0

    def write(data: bytes, start: int, end: int) -> None:
        if not ended:
            out.write(data[start:end])

    def end() -> None:
        nonlocal ended
        ended += 1

    parser = MultipartParser(boundary, {"on_part_data": write, "on_part_end": end})
    for chunk in chunks:
        parser.write(chunk)
    if not ended:
        raise EOFError


def _text(item: _Item, tag: str) -> str:
    attribute = item.get(tag)
    value = attribute.Value[0] if attribute and attribute.Value else ""
    return value.strip() if isinstance(value, str) else ""


def _check(response: BaseHTTPResponse) -> None:
    if response.status in (401, 403):
        raise ArchiveError.because(
            Message("The archive does not let us in."),
            Message("Check the token, or the user and password, that it is asked with."),
        )
    if response.status != 200:
        raise ArchiveError.because(
            Message("The archive answers with an error ({status}).", status=response.status),
            _TRY_AGAIN,
        )


def _not_understood() -> ArchiveError:
    return ArchiveError.because(
        Message("The archive's answer is broken or no DICOMweb."),
        Message("Check the archive's address: it ends where /studies would follow."),
    )


def _refuse_unreachable(error: Exception | None) -> NoReturn:
    """Without the library's own words, which quote what was asked for."""
    if isinstance(error, SSLError):
        raise ArchiveError.because(
            Message("The archive's certificate is not one that is trusted here."),
            Message("Name the hospital's own authority with tls.authorities in pacs.toml."),
        ) from None
    raise ArchiveError.because(Message("The archive can't be reached."), _CHECK) from None
