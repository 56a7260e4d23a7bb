"""Images are fetched from where they may be, within limits, and every failure says why."""

import socket
import threading
from collections.abc import Sequence

import pytest

from overread.core.addresses import Allowed
from overread.core.problems import Refused
from overread.formats.image_addresses import Fetcher, FetchLimits, connected
from tests.conftest import picture
from tests.serving import Answer, Server, moved, raw, serving, whole

HERE = Allowed.parse("127.0.0.0/8")
PNG = picture(1)
CLOSED = "is not known, or lies where overread fetches nothing"


def refusal(fetcher: Fetcher, address: str) -> str:
    with pytest.raises(Refused) as refused:
        fetcher.fetch(address)
    return str(refused.value)


def test_an_image_is_fetched_as_any_browser_would() -> None:
    with serving({"/a%20b.png?x=1": whole(PNG)}) as server:
        assert Fetcher(HERE).fetch(server.address("/a b.png?x=1")) == PNG
        [asked] = server.asked
    assert f"Host: 127.0.0.1:{server.port}\r\n" in asked
    assert "Cookie" not in asked
    assert "Referer" not in asked
    assert "Accept-Encoding: identity" in asked


def test_redirects_are_followed_and_counted() -> None:
    answers = {f"/{number}": moved(f"/{number + 1}") for number in range(9)} | {"/5": whole(PNG)}
    with serving(answers) as server:
        assert Fetcher(HERE).fetch(server.address("/0")) == PNG
        answers["/5"] = moved("/6")
        assert "on and on" in refusal(Fetcher(HERE), server.address("/0"))


@pytest.mark.parametrize(
    "place",
    [
        *("http://127.0.0.2/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"),
        *("http://2130706434/", "http://0x7f.2/", "http://[::ffff:127.0.0.2]/", "//10.0.0.1/"),
    ],
)
def test_a_redirect_into_a_closed_network_is_not_followed(place: str) -> None:
    tried: list[str] = []

    def connect(ip: str, port: int, seconds: float) -> socket.socket:
        tried.append(ip)
        return connected(ip, port, seconds)

    with serving({"/a": moved(place)}) as server:
        fetcher = Fetcher(Allowed.parse("127.0.0.1"), connect=connect)
        assert CLOSED in refusal(fetcher, server.address("/a"))
    assert tried == ["127.0.0.1"]


def test_a_redirect_to_another_scheme_or_with_a_password_is_not_followed() -> None:
    answers = {"/file": moved("file:///etc/passwd"), "/user": moved("http://a:b@127.0.0.1/")}
    with serving(answers) as server:
        assert "begin with http://" in refusal(Fetcher(HERE), server.address("/file"))
        assert "a password" in refusal(Fetcher(HERE), server.address("/user"))


class Rebinding:
    """A name server that says something else each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        return self.answers.pop(0)


def tried_by(resolve: Rebinding, allowed: str = "") -> tuple[list[str], str]:
    """The addresses that are connected to; each connection is refused."""
    tried: list[str] = []

    def connect(ip: str, port: int, seconds: float) -> socket.socket:
        tried.append(ip)
        raise ConnectionRefusedError(f"{ip} is a secret")

    fetcher = Fetcher(Allowed.parse(allowed), resolve=resolve, connect=connect)
    return tried, refusal(fetcher, "http://rebinding.example/a.png")


def test_a_name_is_asked_for_once_and_what_was_checked_is_connected_to() -> None:
    resolve = Rebinding(["93.184.216.34"], ["127.0.0.1"])
    tried, told = tried_by(resolve)
    assert tried == ["93.184.216.34"]
    assert resolve.answers == [["127.0.0.1"]]
    assert "did not answer" in told


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["fe80::1%1"], [], ["nonsense"]]
)
def test_a_name_that_leads_to_a_closed_address_too_is_not_connected_to(answers: list[str]) -> None:
    tried, told = tried_by(Rebinding(answers))
    assert tried == []
    assert CLOSED in told


def test_messages_tell_nothing_of_the_network() -> None:
    _, closed = tried_by(Rebinding(["10.11.12.13"]))
    _, unknown = tried_by(Rebinding([]))
    _, silent = tried_by(Rebinding(["93.184.216.34"]))
    assert closed == unknown
    assert "10.11" not in closed
    assert "secret" not in silent
    assert "93.184" not in silent
    with serving({}) as server:
        told = refusal(Fetcher(HERE), server.address("/none"))
    assert "gave no image but the status 404" in told
    assert "secret" not in told


def test_an_image_is_no_larger_than_the_limit() -> None:
    fetcher = Fetcher(HERE, FetchLimits(size=1000))
    announced = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    endless = raw(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5000))
    head, chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n%b\r\n"
    chunks = raw(head + chunk % bytes(1024) * 2)
    answers = {"/announced": announced, "/endless": endless, "/chunks": chunks}
    with serving({**answers, "/exact": whole(bytes(1000))}) as server:
        for path in answers:
            assert "larger than" in refusal(fetcher, server.address(path)), path
        assert len(fetcher.fetch(server.address("/exact"))) == 1000


def drip(peer: socket.socket) -> None:
    """A byte now and then, so that no single read takes long."""
    gone = threading.Event()
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not gone.wait(0.01):
        peer.sendall(b"x")


def never(peer: socket.socket) -> None:
    peer.recv(1)


def drip_head(peer: socket.socket) -> None:
    pause = threading.Event()
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while not pause.wait(0.01):
        peer.sendall(b"A: b\r\n"[:1])


def test_a_look_up_that_hangs_is_within_the_time() -> None:
    given_up = threading.Event()

    def hangs(host: str, port: int) -> Sequence[str]:
        given_up.wait()
        return []

    fetcher = Fetcher(HERE, FetchLimits(seconds=0.1), resolve=hangs)
    try:
        assert "took longer than" in refusal(fetcher, "http://slow.example/a.png")
    finally:
        given_up.set()


@pytest.mark.parametrize("answer", [drip, drip_head, never])
def test_time_is_counted_over_all_reads(answer: Answer) -> None:
    fetcher = Fetcher(HERE, FetchLimits(seconds=0.3))
    with serving({"/slow": answer}) as server:
        assert "took longer than" in refusal(fetcher, server.address("/slow"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
    ],
)
def test_an_answer_that_is_none_is_refused(data: bytes) -> None:
    with serving({"/a": raw(data)}) as server:
        assert "did not answer, or broke off" in refusal(Fetcher(HERE), server.address("/a"))


def test_a_server_that_does_not_speak_tls_is_refused() -> None:
    with serving({}) as server:
        address = server.address("/").replace("http:", "https:")
        assert "did not answer" in refusal(Fetcher(HERE), address)


def test_a_host_is_asked_for_a_few_images_at_once() -> None:
    gate, inside, most = threading.Barrier(2, timeout=10), 0, 0
    lock = threading.Lock()

    def count(peer: socket.socket) -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        gate.wait()  # two at a time are enough, and no more than two come
        with lock:
            inside -= 1
        whole(PNG)(peer)

    with serving({"/a": count}) as server:
        fetcher = Fetcher(HERE, FetchLimits(per_host=2))
        _all_at_once(fetcher, server, 6)
    assert most == 2


def _all_at_once(fetcher: Fetcher, server: Server, count: int) -> None:
    got: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: got.append(fetcher.fetch(server.address("/a"))))
        for _ in range(count)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert got == [PNG] * count
