"""How much of what comes over the network is read, on either side of an association.

pynetdicom believes any length that a PDU claims, and keeps a message in memory however long it
grows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from pynetdicom import evt
from pynetdicom.transport import AssociationSocket

_CHUNK = 2**16
_A_MOMENT = 0.001


@dataclass(frozen=True)
class Bounds:
    """Bytes of a message and of a PDU; seconds without a word, and for a PDU; messages that may
    wait until they are looked at."""

    message: int = 256 * 2**20
    pdu: int = 2**20
    idle: float = 60.0
    seconds: float = 300.0
    waiting: int = 4

    def handlers(self) -> list[tuple[Any, Callable[[evt.Event], None]]]:
        """To be bound to every association."""
        return [(evt.EVT_CONN_OPEN, self._bound), (evt.EVT_DIMSE_RECV, _begin_message)]

    def _bound(self, event: evt.Event) -> None:
        transport: Any = event.assoc.dul.socket
        transport.recv = _Reading(transport, self)


BOUNDS = Bounds()


class _Reading:
    """Reads so many bytes, or raises OSError, after which pynetdicom ends the association."""

    def __init__(self, transport: AssociationSocket, bounds: Bounds) -> None:
        self._transport = transport
        self._bounds = bounds
        self.message = 0

    def __call__(self, length: int) -> bytearray:
        self.message += length
        if length > self._bounds.pdu or self.message > self._bounds.message:
            raise OSError("larger than is allowed")
        until = monotonic() + self._bounds.seconds
        self._wait_for_those_before(until)
        data = bytearray()
        while len(data) < length:
            if monotonic() > until:
                raise TimeoutError("slower than is allowed")
            assert self._transport.socket is not None
            chunk = self._transport.socket.recv(min(length - len(data), _CHUNK))
            if not chunk:
                break
            data += chunk
        return data

    def _wait_for_those_before(self, until: float) -> None:
        """Messages that nobody has looked at yet lie in memory."""
        queue = self._transport.assoc.dimse.msg_queue
        while queue.qsize() > self._bounds.waiting:
            if monotonic() > until:
                raise TimeoutError("nobody looks at what comes")
            sleep(_A_MOMENT)


def _begin_message(event: evt.Event) -> None:
    transport: Any = event.assoc.dul.socket
    reading: _Reading = transport.recv
    reading.message = 0
