"""overread intake --fetch: images come from the table's addresses, good ones and odd ones."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from overread.cli.commands import app
from overread.flows.design import create_job
from overread.store.models import Job
from tests.conftest import NOON, picture
from tests.serving import Server, moved, raw, serving, whole
from tests.shared_data import shared_data

pytestmark = pytest.mark.django_db(databases=["default", "tasks"])
DONE, HELD = 0, 3
HTML = b"<html>a secret page</html>"
ANSWERS = {
    "/good.png": whole(picture(1)),
    "/other.png": whole(picture(2)),
    "/moved.png": moved("/other.png"),
    "/inside.png": moved("http://10.0.0.1/secret.png"),
    "/metadata.png": moved("http://169.254.169.254/latest/meta-data/"),
    "/file.png": moved("file:///etc/passwd"),
    "/round.png": moved("/round.png"),
    "/page.png": whole(HTML, "200 OK", "Content-Type: image/png"),
    "/empty.png": whole(b""),
    "/cut.png": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + picture(1)[:99]),
    "/broken.png": whole(picture(1)[:99]),
    "/locked.png": whole(b"who?", "401 Unauthorized"),
    "/error.png": whole(b"a trace", "500 Oops"),
    "/nothing.png": raw(b""),
    "/zipped.png": whole(b"\x1f\x8b\x08\x00abcdefgh", "200 OK", "Content-Encoding: gzip"),
}
# What stands in the cell, with {host} for the server that may be fetched from; what olga is told.
ODD = {
    "http://{host}/moved.png": None,
    "http://{host}/inside.png": "10.0.0.1 is not known, or lies where overread fetches nothing",
    "http://{host}/metadata.png": "169.254.169.254 is not known, or lies where",
    "http://{host}/file.png": "begin with http://",
    "http://{host}/round.png": "on and on",
    "http://{host}/page.png": "is not a JPEG, PNG",
    "http://{host}/zipped.png": "is not a JPEG, PNG",
    "http://{host}/empty.png": "The image file is empty.",
    "http://{host}/cut.png": "did not answer, or broke off",
    "http://{host}/nothing.png": "did not answer, or broke off",
    "http://{host}/broken.png": "broken or cut short",
    "http://{host}/locked.png": "the status 401",
    "http://{host}/error.png": "the status 500",
    "http://{host}/none.png": "the status 404",
    "http://user:word@{host}/good.png": "a user's name or a password",
    "https://{host}/good.png": "did not answer, or broke off",
    "http://10.1/a.png": "10.1 is not known, or lies where",
    "http://2130706434/a.png": "is not known, or lies where",
    "http://0x7f.2/a.png": "is not known, or lies where",
    "http://0177.0.0.2/a.png": "is not known, or lies where",
    "http://[::1]/a.png": "is not known, or lies where",
    "http://[::ffff:127.0.0.2]/a.png": "is not known, or lies where",
    "http://[::1/a.png": "no address that can be read",
    "http://host:99999/a.png": "no address that can be read",
    "http:///a.png": "no address that can be read",
    "ftp://{host}/a.png": "begin with http://",
    "file:///etc/a.png": "begin with http://",
}  # fmt: skip


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.FETCH_ALLOW = "127.0.0.1"
    with serving(dict(ANSWERS)) as made:
        yield made


@pytest.fixture
def draft(team: Any) -> Job:
    return create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)


@pytest.fixture
def intake(draft: Job, tmp_path: Path) -> Callable[..., Result]:
    """Takes a table in whose only column holds these cells."""

    def take_in(cells: list[str], *arguments: str | Path) -> Result:
        path = tmp_path / "rows.csv"
        path.write_text("\n".join(["image", *cells, ""]))
        return CliRunner().invoke(app, ["intake", str(draft.pk), str(path), *map(str, arguments)])

    return take_in


def test_images_come_from_their_addresses(
    intake: Callable[..., Result], draft: Job, server: Server
) -> None:
    done = intake([server.address("/good.png"), server.address("/other.png")], "--fetch")
    assert done.exit_code == DONE, done.stderr
    assert draft.units.filter(state="new").count() == 2


def test_nothing_is_fetched_unless_the_owner_says_so(
    intake: Callable[..., Result], draft: Job, server: Server
) -> None:
    done = intake([server.address("/good.png")])
    assert done.exit_code == HELD
    assert "or have the addresses fetched" in done.stderr
    assert server.asked == []


def test_a_file_that_is_given_comes_first(
    intake: Callable[..., Result], draft: Job, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films/good.png").write_bytes(picture(5))
    cells = [server.address("/good.png"), server.address("/other.png")]
    assert intake(cells, tmp_path / "films", "--fetch").exit_code == DONE
    assert [one.split(" ")[1] for one in server.asked] == ["/other.png"]


@pytest.mark.parametrize("cell", ODD)
def test_an_odd_address_holds_its_row_alone(
    intake: Callable[..., Result], draft: Job, server: Server, cell: str
) -> None:
    address = cell.format(host=f"127.0.0.1:{server.port}")
    done = intake([server.address("/good.png"), address], "--fetch")
    assert draft.units.get(number=1).state == "new"
    told = ODD[cell]
    assert done.exit_code == (HELD if told else DONE), done.stderr
    assert draft.units.get(number=2).state == ("held" if told else "new")
    assert (told or "") in done.stderr
    assert "secret" not in done.stderr.replace("secret.png", "")
    assert "trace" not in done.stderr


def test_what_if_fetches_and_stores_nothing(
    intake: Callable[..., Result], draft: Job, server: Server, home: Path
) -> None:
    done = intake([server.address("/good.png")], "--fetch", "--what-if")
    assert "1 images are stored" in done.stdout
    assert not list(home.glob("blobs/**/*.*"))
    assert not draft.units.exists()


def test_the_missions_own_table_is_fetched(draft: Job, settings: Any, tmp_path: Path) -> None:
    """All of its addresses stand at a server of our own; three images of them are not public."""
    table = shared_data("udacity", "xray_image_data.csv")
    pictures = {path.name: path for path in shared_data("udacity", "images", "224").iterdir()}
    settings.FETCH_ALLOW = "127.0.0.1"
    with table.open() as file:
        rows = list(csv.DictReader(file))
    paths = {urlsplit(row["hosted_image"]).path for row in rows}
    there = {path: pictures.get(path.rsplit("/", 1)[1]) for path in paths}
    answers = {path: whole(file.read_bytes()) for path, file in there.items() if file}
    with serving(answers) as server:
        path = tmp_path / "here.csv"
        lines = [f"{server.address(urlsplit(r['hosted_image']).path)},{r['label']}" for r in rows]
        path.write_text("\n".join(["hosted_image,label", *lines, ""]))
        done = CliRunner().invoke(app, ["intake", str(draft.pk), str(path), "--fetch"])
    assert done.exit_code == HELD, done.stderr
    assert draft.units.count() == 117
    assert draft.units.filter(state="new").count() == len(answers)
