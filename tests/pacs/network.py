"""A network of its own for a test: nothing in it can reach, or be reached by, anything else."""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1
_OWN = "/proc/thread-self/ns/net"
_libc = ctypes.CDLL(None, use_errno=True)


class Network:
    """A namespace with nothing but a loopback interface. Skips where none may be made."""

    def __init__(self) -> None:
        home = os.open(_OWN, os.O_RDONLY)
        try:
            if _libc.unshare(_CLONE_NEWNET) != 0:
                pytest.skip("allowed: a network namespace is not permitted here; CI makes one")
            self._own = os.open(_OWN, os.O_RDONLY)
            try:
                _bring_loopback_up()
            finally:
                _enter(home)
        finally:
            os.close(home)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """This thread is in it, and what the thread starts meanwhile stays in it."""
        home = os.open(_OWN, os.O_RDONLY)
        try:
            _enter(self._own)
            yield
        finally:
            _enter(home)
            os.close(home)

    def close(self) -> None:
        os.close(self._own)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
