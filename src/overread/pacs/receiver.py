"""A C-STORE and C-ECHO provider: pictures that an archive pushes, or sends after a C-MOVE.

Whoever connects has to come from a known address, and name itself as the one who sits there.
"""

import logging
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from pynetdicom import AE, evt

from overread.core.problems import Message, Refused
from overread.pacs.bounds import BOUNDS, Bounds
from overread.pacs.configuration import Sender
from overread.pacs.dicom_network import VERIFICATION, accepted
from overread.pacs.server import Server
from overread.pacs.spool import Spool
from overread.pacs.storing import NO_ROOM, SUCCESS, size_of, store

log = logging.getLogger(__name__)
# Rejected for good, by the service's user: the calling AE title is not recognised (PS3.8 9.3.4).
_NOT_RECOGNISED = (0x01, 0x01, 0x03)
_PDU = 2**17
_Network = IPv4Network | IPv6Network


class Receiver:
    """Listens from its making, answers once it is started.

    `spool` may be exchanged meanwhile; while there is none, no picture is taken. `has_room` is
    asked for so many bytes before they are written.
    """

    def __init__(
        self,
        ae_title: str,
        address: tuple[str, int],
        senders: Sequence[Sender],
        spool: Spool | None,
        *,
        has_room: Callable[[int], bool],
        most_associations: int = 8,
        tls: ssl.SSLContext | None = None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self.spool = spool
        self.stored = 0
        self._known: dict[str, list[_Network]] = defaultdict(list)
        for sender in senders:
            self._known[sender.ae_title.strip()] += _networks(sender.address)
        self._has_room = has_room
        self._turn = threading.Lock()
        self._bounds = bounds
        ae = self._entity(ae_title, most_associations)
        self._server = self._listen(ae, address, tls)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.1,), name="receiver", daemon=True).start()

    def stop(self) -> None:
        """Whoever is connected is cut off."""
        self._server.shutdown()
        for association in self._server.active_associations:
            association.abort()

    def _entity(self, ae_title: str, most_associations: int) -> AE:
        ae = AE(ae_title)
        ae.maximum_associations = most_associations
        ae.maximum_pdu_size = _PDU
        ae.require_called_aet = True
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = self._bounds.idle
        ae.supported_contexts = accepted()
        ae.add_supported_context(VERIFICATION)
        return ae

    def _listen(self, ae: AE, address: tuple[str, int], tls: ssl.SSLContext | None) -> Server:
        handlers = [(evt.EVT_REQUESTED, self._recognise), (evt.EVT_C_STORE, self._store)]
        try:
            return Server(
                ae,
                address,
                ae.ae_title,
                ae.supported_contexts,
                evt_handlers=[*handlers, *self._bounds.handlers()],
                is_welcome=self._is_welcome,
                tls=tls,
                idle=self._bounds.idle,
            )
        except OSError as error:
            raise _taken(address, error) from error

    def _is_welcome(self, address: str) -> bool:
        return any(_is_in(address, networks) for networks in self._known.values())

    def _recognise(self, event: evt.Event) -> None:
        """A title counts only from its own address: titles alone are no secret."""
        peer = event.assoc.requestor
        title = str(getattr(peer.primitive, "calling_ae_title", "")).strip()
        if not _is_in(peer.address, self._known.get(title, [])):
            log.warning("refused a sender at %s: its AE title is not the one there", peer.address)
            event.assoc.acse.send_reject(*_NOT_RECOGNISED)
            event.assoc.kill()  # once that was sent

    def _store(self, event: evt.Event) -> int:
        with self._turn:
            spool, has_room = self.spool, self._has_room(size_of(event))
        if spool is None or not has_room:
            log.error("refused a file: nobody waits for it, or there is no room for more")
            return NO_ROOM
        status = store(event, spool)
        with self._turn:
            self.stored += status == SUCCESS
        return status


def _networks(address: str) -> list[_Network]:
    """Of an address, a network, or a host's name, which is looked up once."""
    try:
        return [ip_network(address, strict=False)]
    except ValueError:
        pass
    try:
        found = {info[4][0] for info in socket.getaddrinfo(address, None)}
    except OSError as error:
        raise Refused.because(
            Message("The name {host} is not known here.", host=address),
            Message("Correct it in pacs.toml, or give the address in numbers."),
        ) from error
    return [ip_network(one) for one in found]


def _is_in(address: Any, networks: Sequence[_Network]) -> bool:
    try:
        found = ip_address(str(address).partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in networks)


def _taken(address: tuple[str, int], error: OSError) -> Refused:
    host, port = address
    return Refused.because(
        Message(
            "Can't listen on {host}:{port} ({reason}).",
            host=host,
            port=port,
            reason=error.strerror or str(error),
        ),
        Message("Choose another address or port in pacs.toml."),
    )
