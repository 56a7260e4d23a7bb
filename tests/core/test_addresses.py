"""What addresses say, and where overread may fetch from."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overread.core.addresses import Allowed, Target, is_address, is_public
from overread.core.problems import Refused

PRIVATE = [
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.3.4",
    "192.168.1.1",
    "100.100.100.200",
]
CLOSED = [
    *PRIVATE,
    *("0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1"),
    *("255.255.255.255", "240.0.0.1", "168.63.129.16"),
    *("::", "::1", "fe80::1", "fe80::1%2", "fd00:ec2::254", "fc00::1", "ff02::1", "fec0::1"),
    *("::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2002:5db8:d822::1", "2001::1"),
    *("2001:db8::1", "3fff::1", "100::1", "5f00::1"),
]
OPEN = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
NOBODY = Allowed()


@pytest.mark.parametrize("ip", CLOSED)
def test_what_only_this_machine_can_reach_is_closed(ip: str) -> None:
    assert not is_public(ip_address(ip))


@pytest.mark.parametrize("ip", OPEN)
def test_the_public_internet_is_open(ip: str) -> None:
    assert is_public(ip_address(ip))


@given(st.ip_addresses())
def test_what_python_knows_as_closed_is_closed(ip: IPv4Address | IPv6Address) -> None:
    """The library's own list, which grows with its versions, is never wider than ours."""
    if ip.is_private or ip.is_multicast or ip.is_reserved or ip.is_link_local:
        assert not is_public(ip) or (ip.version == 6 and is_public(IPv4Address(int(ip) % 2**32)))


def odd(ip: IPv4Address, base: int, parts: int) -> str:
    """An address as inet_aton reads it: 0x7f.1, 017700000001, 2130706433 …"""
    octets = ip.packed
    last = int.from_bytes(octets[parts - 1 :], "big")
    written = {8: "0{:o}", 10: "{}", 16: "0x{:x}"}[base]
    return ".".join(written.format(one) for one in (*octets[: parts - 1], last))


@given(
    st.sampled_from(PRIVATE).map(IPv4Address),
    st.sampled_from([8, 10, 16]),
    st.integers(1, 4),
    st.sampled_from(["", "."]),
    st.booleans(),
)
def test_odd_notations_are_the_same_address(
    ip: IPv4Address, base: int, parts: int, dot: str, wide: bool
) -> None:
    """They are read by the system, as when it connects; nothing is asked of the network."""
    host = odd(ip, base, parts) + dot
    if wide:  # full-width digits become digits in the name of a host
        host = host.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789"})
    target = Target.of(f"http://{host}/a.png")
    [found] = {
        one[4][0]
        for one in socket.getaddrinfo(target.host, 80, socket.AF_INET, flags=socket.AI_NUMERICHOST)
    }
    assert ip_address(found) == ip
    assert not NOBODY.admits(target, ip_address(found))


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://host/a.png", "file:///etc/passwd", "gopher://host/", "a.png", "", "//host/a.png"),
        *("http:///a.png", "http://", "http://host:99999/", "http://host:x/", "http://[::1"),
        "http://a b/",
        *("http://user@host/", "http://user:word@host/", "http://@host/", "http://host@127.0.0.1/"),
        *("http://host\\@127.0.0.1/", "http://ho\tst/", "http://host/\r\nHost: x", "http://%31/"),
        *("http://[fe80::1%25eth0]/", "http://" + "a" * 64 + ".example/", "http://x/" + "a" * 4000),
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        Target.of(address)


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        target = Target.of(f"http://{text}")
    except Refused:
        return
    assert target.host
    assert all(32 < ord(one) < 127 for one in target.host + target.path)


def test_an_address_is_asked_for_as_it_is_meant() -> None:
    target = Target.of("HTTPS://Host.Example.:8443/a b/\u00e9.png?x=1&y=%20#part")
    assert target == Target("https", "host.example", 8443, "/a%20b/%C3%A9.png?x=1&y=%20")
    assert target.origin == "https://host.example:8443"
    assert Target.of("http://b\u00fccher.example").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("/b.png", "http://host.example/b.png"),
        ("b.png", "http://host.example/a/b.png"),
        ("//other.example/b.png", "http://other.example/b.png"),
        ("https://other.example/", "https://other.example/"),
    ],
)
def test_a_redirect_is_an_address_too(place: str, where: str) -> None:
    target = Target.of(place, base="http://host.example/a/x.png")
    assert target.origin + target.path == where


def test_a_redirect_to_a_file_is_refused() -> None:
    with pytest.raises(Refused):
        Target.of("file:///etc/passwd", base="http://host.example/")


def admits(allowed: str, address: str, ip: str) -> bool:
    return Allowed.parse(allowed).admits(Target.of(address), ip_address(ip))


def test_a_hospital_allows_its_own_hosts_and_networks() -> None:
    hosts = "pacs.hospital.example, .images.example"
    assert admits(hosts, "http://pacs.hospital.example:8080/", "10.1.2.3")
    assert admits(hosts, "http://a.images.example/", "192.168.0.9")
    assert not admits(hosts, "http://images.example/", "10.1.2.3")
    assert not admits(hosts, "http://evil-pacs.hospital.example/", "10.1.2.3")
    assert admits("10.1.0.0/16", "http://anything:81/", "10.1.9.9")
    assert not admits("10.1.0.0/16", "http://anything/", "10.2.0.1")
    assert admits("fd12::/48, 127.0.0.1", "http://x/", "fd12::7")
    assert admits("127.0.0.1", "http://localhost:99/", "127.0.0.1")


@pytest.mark.parametrize("ip", ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0"])
def test_an_allowed_host_never_leads_to_a_clouds_secrets(ip: str) -> None:
    assert not admits("pacs.example", "http://pacs.example/", ip)


def test_the_public_internet_is_asked_at_its_usual_ports_alone() -> None:
    assert admits("", "http://host.example/", "8.8.8.8")
    assert admits("", "https://host.example/", "8.8.8.8")
    assert not admits("", "http://host.example:22/", "8.8.8.8")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "a b", "http://x/", "*.example"])
def test_an_allow_list_that_says_nothing_sensible_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - as it comes
        Allowed.parse(text)


def test_addresses_are_told_from_files() -> None:
    assert is_address("https://a/b.png")
    assert is_address(" S3://bucket/b.png")
    assert not is_address("C:\\a\\b.png")
    assert not is_address("a/b.png")
