"""A server on loopback that answers as a test says, well or badly."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


@dataclass
class Server:
    """`asked` holds the heads of all requests."""

    port: int
    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)

    def address(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


def whole(data: bytes, status: str = "200 OK", *headers: str) -> Answer:
    """An answer as it should be."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers, "", ""]
    return lambda peer: peer.sendall("\r\n".join(lines).encode() + data)


def moved(place: str, status: str = "302 Found") -> Answer:
    return whole(b"", status, f"Location: {place}")


def raw(data: bytes) -> Answer:
    return lambda peer: peer.sendall(data)


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[Server]:
    """Answers by path; each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening.getsockname()[1], answers)
        threading.Thread(target=_accept, args=(listening, server), daemon=True).start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, server: Server) -> None:
    while True:
        try:
            peer, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(peer, server), daemon=True).start()


def _answer(peer: socket.socket, server: Server) -> None:
    with peer:
        head = b""
        while b"\r\n\r\n" not in head:
            part = peer.recv(4096)
            if not part or part.startswith(b"\x16"):  # gone, or somebody who speaks TLS
                return
            head += part
        server.asked.append(head.decode("latin-1"))
        path = server.asked[-1].split(" ")[1]
        try:
            server.answers.get(path, whole(b"secret words", "404 Not Found"))(peer)
        except OSError:
            return  # who asked has gone
