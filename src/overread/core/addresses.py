"""Addresses in the network: what one says, and where overread may fetch from.

A name says nothing about where it leads, so the rules are about the numeric address that is
connected to (docs/decisions/0013-pictures.md).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

from overread.core.problems import Message, Refused

IP = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_LONGEST = 4_000
_BESIDE = Message("Correct the address, or give the image as a file.")

# IANA's registries of special purpose: what no server of the public internet has, and what
# carries another address inside.
_CLOSED_4 = tuple(
    IPv4Network(one)
    for one in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # where a cloud tells its machines their secrets
    )
)
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# Those whose inner address is looked at: mapped IPv4, and translation where there is IPv6 alone.
_CARRYING = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
# What even a host on the allow-list may not lead to, unless its network stands there.
_NEVER: tuple[IPv4Network | IPv6Network, ...] = (
    *map(IPv4Network, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")),
    *map(IPv4Network, ("100.100.100.200/32", "168.63.129.16/32")),
    *map(IPv6Network, ("fe80::/10", "fd00:ec2::/32", "ff00::/8", "::/128")),
)


def is_address(reference: str) -> bool:
    """Whether a cell names something in a network rather than a file."""
    return bool(_ADDRESS.match(reference.strip()))


def is_public(ip: IP) -> bool:
    """Whether a server of the public internet may have this address."""
    ip = _carried(ip)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _CLOSED_4)
    return ip in _OPEN_6 and not any(ip in network for network in _CLOSED_6)


def _carried(ip: IP) -> IP:
    """The IPv4 address that packets to an IPv6 address are sent on to."""
    if isinstance(ip, IPv6Address) and any(ip in network for network in _CARRYING):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


@dataclass(frozen=True)
class Target:
    """What an address says: where to ask, and for what."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, address: str, base: str = "") -> Self:
        """Raises Refused where it is no plain address of http or https."""
        whole = urljoin(base, address.strip()) if base else address.strip()
        if not _HTTP.match(whole):
            raise Refused.because(
                Message("Only addresses that begin with http:// or https:// are fetched."), _BESIDE
            )
        if len(whole) > _LONGEST or _CONTROL.search(whole):
            raise _unreadable()
        try:
            parts = urlsplit(whole)
            host = _host(parts.hostname or "")
            port = PORTS[parts.scheme] if parts.port is None else parts.port
        except ValueError:
            raise _unreadable() from None
        if parts.username is not None or parts.password is not None:
            raise Refused.because(
                Message("The address holds a user's name or a password, so it is not used."),
                Message("Give an address without one, or the image as a file."),
            )
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
        query = quote(parts.query, safe="/%:@!$&'()*+,;=~?")
        return cls(parts.scheme, host, port, f"{path}?{query}" if query else path)

    @property
    def origin(self) -> str:
        """Scheme, host and port as an address has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def _host(name: str) -> str:
    """As it is looked up; raises ValueError (UnicodeError is one) where it can't be."""
    if ":" in name:
        return str(IPv6Address(name)) if "%" not in name else _no_host()
    host = name.encode("idna").decode("ascii").rstrip(".").lower()
    return host if re.fullmatch(r"[a-z0-9._-]+", host) else _no_host()


def _no_host() -> str:
    raise ValueError("no name of a host")


def _unreadable() -> Refused:
    return Refused.because(Message("This is no address that can be read."), _BESIDE)


@dataclass(frozen=True)
class Allowed:
    """Hosts and networks beside the public internet that may be fetched from."""

    hosts: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `host, .domain, 10.1.0.0/16, fd12::/48`. Raises ValueError."""
        hosts: set[str] = set()
        domains: list[str] = []
        networks: list[IPv4Network | IPv6Network] = []
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            if re.fullmatch(r"[0-9.]+(/\d+)?", entry) or ":" in entry:
                networks.append(ip_network(entry))
            elif entry.startswith("."):
                domains.append(f".{_host(entry[1:])}")
            else:
                hosts.add(_host(entry))
        return cls(frozenset(hosts), tuple(domains), tuple(networks))

    def admits(self, target: Target, ip: IP) -> bool:
        """Whether `target`, which leads to `ip`, may be fetched."""
        ip = _carried(ip)
        if any(ip in network for network in self.networks):
            return True
        if target.host in self.hosts or target.host.endswith(self.domains):
            return not any(ip in network for network in _NEVER)
        return target.port in PORTS.values() and is_public(ip)


def numeric(text: str) -> IP:
    """An address that a resolver gave. Raises ValueError."""
    return ip_address(text)
