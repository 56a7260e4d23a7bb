"""Images in the network, fetched from where a table's addresses lead.

Tables come from strangers, so that an address may try to reach what only this machine can. Each
name is resolved once, and the address that it gave is checked and connected to: nothing can
change in between. A redirect is a new address and goes the same way.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from threading import BoundedSemaphore, Condition, Thread, Timer
from zlib import crc32

from overread.core.addresses import IP, Allowed, Target, numeric
from overread.core.problems import Message, Refused
from overread.formats.image_entries import SourceError

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], socket.socket]
_MOVED = (301, 302, 303, 307, 308)
_HEADERS = {
    "Accept": "image/*, application/dicom, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "overread",
}
_STRIPES = 64
_GIVE_FILE = Message("Correct the address, or give the image as a file.")
_LATER = Message("Take the same files in again later, or give the image as a file.")
_ALLOW = Message(
    "Correct the address, give the image as a file, or have whoever runs overread allow the"
    " server (OVERREAD_FETCH_ALLOW)."
)


@dataclass(frozen=True)
class FetchLimits:
    """Bytes and seconds of one image, redirects included; fetches at once from one host."""

    size: int = 128 * 2**20
    seconds: float = 60.0
    redirects: int = 5
    per_host: int = 4


def resolved(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@cache
def _trust() -> ssl.SSLContext:
    """The system's authorities; a hospital adds its own there, or by SSL_CERT_FILE."""
    return ssl.create_default_context()


def connected(ip: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((ip, port), seconds)


class Fetcher:
    """Fetches images; any thread may ask."""

    def __init__(
        self,
        allowed: Allowed,
        limits: FetchLimits = FetchLimits(),
        *,
        resolve: Resolve = resolved,
        connect: Connect = connected,
    ) -> None:
        self._allowed, self._limits = allowed, limits
        self._resolve, self._connect = resolve, connect
        # Hosts share them, so that they stay as many however many hosts a table names.
        self._turns = [BoundedSemaphore(limits.per_host) for _ in range(_STRIPES)]

    def fetch(self, address: str) -> bytes:
        """The bytes at an address. Raises Refused, in words that tell nothing of the network."""
        target = Target.of(address)
        with self._turns[crc32(target.host.encode()) % _STRIPES], self._watched() as watch:
            for _ in range(self._limits.redirects + 1):
                answer = self._asked(target, watch)
                if isinstance(answer, bytes):
                    return answer
                target = answer
        raise SourceError.because(
            Message("The server sends on and on to other addresses."), _GIVE_FILE
        )

    @contextmanager
    def _watched(self) -> "Iterator[_Watch]":
        """Ends the connection when the time is over, whatever it is waiting for."""
        watch = _Watch()
        timer = Timer(self._limits.seconds, watch.end)
        timer.daemon = True
        timer.start()
        try:
            yield watch
        finally:
            timer.cancel()

    def _asked(self, target: Target, watch: "_Watch") -> bytes | Target:
        """What is there, or where it is instead."""
        ip = self._checked(target, watch)
        reach = partial(self._connect, ip, target.port, self._limits.seconds)
        connection = _Pinned(target, reach, watch)
        try:
            connection.request("GET", target.path, headers=_HEADERS)
            with connection.getresponse() as response:
                answer = self._read(target, response)
            if watch.is_over:  # what was cut off looks like an end
                raise TimeoutError
            return answer
        except ssl.SSLCertVerificationError:
            raise SourceError.because(
                Message("The server {host} can't prove that it is {host}.", host=target.host),
                _GIVE_FILE,
            ) from None
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, Refused):
                raise
            in_time = not watch.is_over and not isinstance(error, TimeoutError)
            raise self._failed(target, in_time=in_time) from None
        finally:
            connection.close()

    def _checked(self, target: Target, watch: "_Watch") -> str:
        """The one numeric address that is connected to; all that the name leads to are allowed."""
        try:
            found = watch.wait_for(partial(self._resolve, target.host, target.port))
            ips: list[IP] = [numeric(one) for one in found]
        except TimeoutError:
            raise self._failed(target, in_time=False) from None
        except (OSError, ValueError):
            ips = []
        if not ips or not all(self._allowed.admits(target, ip) for ip in ips):
            # One answer for both: whether a name is known in here is told to nobody.
            raise SourceError.because(
                Message(
                    "The server {host} is not known, or lies where overread fetches nothing.",
                    host=target.host,
                ),
                _ALLOW,
            )
        return str(ips[0])

    def _read(self, target: Target, response: HTTPResponse) -> bytes | Target:
        if response.status in _MOVED and (place := response.getheader("Location")):
            return Target.of(place, base=target.origin + target.path)
        if response.status != 200:
            raise SourceError.because(
                Message(
                    "The server {host} gave no image but the status {status}.",
                    host=target.host,
                    status=response.status,
                ),
                _GIVE_FILE,
            )
        if (response.length or 0) > self._limits.size:
            raise self._too_large()
        data = response.read(self._limits.size + 1)
        if len(data) > self._limits.size:
            raise self._too_large()
        if response.length:  # it ended before all that was announced had come
            raise IncompleteRead(b"")
        return data

    def _too_large(self) -> SourceError:
        return SourceError.because(
            Message("It is larger than {limit} MB.", limit=self._limits.size // 2**20),
            Message("Save the image with fewer pixels."),
        )

    def _failed(self, target: Target, *, in_time: bool) -> SourceError:
        if in_time:
            broken = Message("The server {host} did not answer, or broke off.", host=target.host)
            return SourceError.because(broken, _LATER)
        slow = Message(
            "The server {host} took longer than {seconds} seconds.",
            host=target.host,
            seconds=int(self._limits.seconds),
        )
        return SourceError.because(slow, _LATER)


class _Watch:
    """Holds what is in use, to end it from another thread: a look-up, or a socket."""

    def __init__(self) -> None:
        self.is_over = False
        self._changed = Condition()
        self._socket: socket.socket | None = None

    def wait_for(self, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
        """What a look-up finds. The system's can't be ended, only left alone in a thread of its
        own, until it gives up by itself. Raises TimeoutError.
        """
        found: Future[Sequence[str]] = Future()

        def look() -> None:
            try:
                found.set_result(look_up())
            except Exception as error:
                found.set_exception(error)
            with self._changed:
                self._changed.notify_all()

        Thread(target=look, daemon=True).start()
        with self._changed:
            self._changed.wait_for(lambda: found.done() or self.is_over)
        if not found.done():
            raise TimeoutError
        return found.result()

    def look_at(self, used: socket.socket) -> None:
        self._socket = used
        if self.is_over:
            self.end()

    def end(self) -> None:
        with self._changed:
            self.is_over = True
            self._changed.notify_all()
        if self._socket is not None:
            with suppress(OSError):
                # Not SSLSocket's own, which is not made for two threads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Pinned(HTTPConnection):
    """Connects to the address that was checked; the name is for the server and its certificate."""

    def __init__(self, target: Target, connect: Callable[[], socket.socket], watch: _Watch) -> None:
        super().__init__(target.host, target.port)
        self._target, self._reach, self._watch = target, connect, watch
        # As http.client leaves the port out only where it is its own.
        self.default_port = 443 if target.scheme == "https" else 80

    def connect(self) -> None:
        reached = self._reach()
        self._watch.look_at(reached)
        if self._target.scheme == "https":
            secured = _trust().wrap_socket(
                reached, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self._watch.look_at(secured)
            self.sock = secured
            secured.do_handshake()
        else:
            self.sock = reached
