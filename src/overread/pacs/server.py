"""pynetdicom's server, which here waits for nobody.

By itself it shakes hands over TLS where everybody else waits for it, and hears whoever connects.
"""

import logging
import socket
import ssl
from collections.abc import Callable
from socketserver import BaseServer
from typing import Any

from pynetdicom.transport import ThreadedAssociationServer

log = logging.getLogger(__name__)


class Server(ThreadedAssociationServer):
    """`is_welcome` says of an address whether it may connect at all; `idle` is how many seconds it
    may be silent."""

    daemon_threads = True

    def __init__(
        self,
        *arguments: Any,
        is_welcome: Callable[[str], bool],
        tls: ssl.SSLContext | None,
        idle: float,
        **others: Any,
    ) -> None:
        self._is_welcome = is_welcome
        self._tls = tls
        self._idle = idle
        super().__init__(*arguments, **others)

    def get_request(self) -> tuple[socket.socket, Any]:
        assert self.socket is not None
        request, address = self.socket.accept()
        request.settimeout(self._idle)
        return request, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        if self._is_welcome(client_address[0]):
            return True
        log.warning("refused a connection from %s: no sender has this address", client_address[0])
        return False

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In a thread of this connection's own."""
        if self._tls is not None:
            request = self._tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.warning("a connection from %s failed before it began", client_address[0])

    def shutdown(self) -> None:
        """Not the parent's, which knows servers only that its AE started itself."""
        BaseServer.shutdown(self)
        self.server_close()
