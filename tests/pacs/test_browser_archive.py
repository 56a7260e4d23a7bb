"""What olga asks an archive for on the Data page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from overread.flows import background
from overread.flows.intake.archive_sources import received
from overread.flows.intake.previewing import discard
from overread.flows.intake.remote import Fetched
from overread.pacs.archive import Series
from overread.pacs.dicomweb import DicomWeb
from overread.pacs.spool import Spool
from overread.store.models import Intake, Job, Team, Unit, User
from tests.conftest import NOON
from tests.pacs.orthanc import PASSWORD, Orthanc, film

pytestmark = pytest.mark.django_db
Ask = Callable[..., str]


@pytest.fixture
def ask(draft: Job, set_up: Path, signed_in: Callable[[User], Client], olga: User) -> Ask:
    """Sends the form; returns the page that follows."""
    browser = signed_in(olga)

    def send(archive: str, path: str = "archive", **said: Any) -> str:
        address = f"/jobs/{draft.pk}/data/{path}"
        return browser.post(address, {"archive": archive, **said}, follow=True).content.decode()

    return send


@pytest.mark.parametrize("name", ["web", "get", "move"])
def test_a_list_is_fetched_and_shown_before_anything_is_stored(
    ask: Ask, draft: Job, orthanc: Orthanc, home: Path, name: str
) -> None:
    orthanc.keep(film(1, study=11), film(1, study=12))
    page = ask(name, by="list", numbers="A11\nA99\nA12")
    assert "2 rows" in page
    assert "2 images found" in page
    assert "The archive knows no study with this accession number." in page
    assert not any(secret in page for secret in (PASSWORD, "A99", "A11", "P1"))
    assert not Unit.objects.exists()
    ask(name, "preview", do="read")
    assert draft.units.count() == 2
    assert list((home / "uploads").rglob("*.dcm")) == []


def test_a_search_asks_for_what_the_form_says(ask: Ask, orthanc: Orthanc) -> None:
    orthanc.keep(film(1, study=11), film(1, study=12), film(1, study=21))
    assert "2 rows" in ask("web", by="search", patient="P1", modality="CR")


def test_discarded_nothing_of_it_is_left(ask: Ask, orthanc: Orthanc, home: Path) -> None:
    orthanc.keep(film(1, study=11))
    ask("web", by="list", numbers="A11")
    ask("web", "preview", do="discard")
    assert not Intake.objects.exists()
    assert list((home / "uploads").iterdir()) == []


def test_discarded_while_it_is_fetched_nothing_of_it_is_left(
    ask: Ask, orthanc: Orthanc, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, asked_for = DicomWeb.fetch, []

    def discarding(self: DicomWeb, series: Series, spool: Spool) -> int:
        missing = fetch(self, series, spool)
        asked_for.append(series)
        discard_all()
        return missing

    monkeypatch.setattr("overread.flows.intake.taking_in.PROGRESS_SECONDS", 0)
    monkeypatch.setattr(DicomWeb, "fetch", discarding)
    orthanc.keep(film(1, study=11), film(1, study=12))
    ask("web", by="list", numbers="A11\nA12")
    assert len(asked_for) == 1
    assert not Intake.objects.exists()
    assert list((home / "uploads").iterdir()) == []


def test_discarded_just_when_all_is_fetched_nothing_of_it_is_left(
    ask: Ask, orthanc: Orthanc, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Fetched.hand_over

    def discarding(self: Fetched, intake: Intake) -> list[Path]:
        discard_all()
        return hand_over(self, intake)

    monkeypatch.setattr(Fetched, "hand_over", discarding)
    orthanc.keep(film(1, study=11))
    ask("web", by="list", numbers="A11")
    assert not Intake.objects.exists()
    assert list((home / "uploads").iterdir()) == []


def test_killed_just_when_all_is_fetched_it_is_fetched_again(
    ask: Ask, orthanc: Orthanc, home: Path
) -> None:
    """The files were the upload's own, and its row did not say so yet."""
    orthanc.keep(film(1, study=11))
    ask("web", by="list", numbers="A11")
    Intake.objects.update(sources=[], state=Intake.State.LOOKING)
    background.look_on()
    assert Intake.objects.get().state == Intake.State.PREVIEWED
    assert len(list((home / "uploads").rglob("*.dcm"))) == 1


def discard_all() -> None:
    for intake in Intake.objects.all():
        discard(intake, actor=None, at=NOON)


def test_received_pictures_wait_until_their_rows_are_in_a_job(
    ask: Ask, draft: Job, orthanc: Orthanc
) -> None:
    with received().new("1.2.3.4") as out:
        out.write(film(1, study=11))
    assert "1 image found" in ask("received")
    assert "1 picture was received and waits" in ask("received", "preview", do="discard")
    ask("received")
    ask("received", "preview", do="read")
    assert draft.units.count() == 1
    assert received().files() == []


@pytest.mark.parametrize(
    ("archive", "said", "told"),
    [
        ("elsewhere", {"by": "search", "patient": "P1"}, "No archive was chosen."),
        ("web", {"by": "list"}, "No accession number was given."),
        ("web", {"by": "search", "modality": "CR"}, "Nothing says which studies are wanted."),
        ("web", {"by": "search", "patient": "nobody"}, "The archive has no study that matches."),
        ("received", {}, "Nothing was received."),
    ],
)
def test_what_can_not_be_asked_is_told(
    ask: Ask, orthanc: Orthanc, archive: str, said: dict[str, str], told: str
) -> None:
    assert told in ask(archive, **said).replace("&#x27;", "'")


def test_an_archive_that_is_away_is_told(ask: Ask, home: Path, set_up: Path) -> None:
    set_up.write_text("[dicomweb.web]\naddress = 'http://127.0.0.1:9'\n")
    page = ask("web", by="search", patient="P1").replace("&#x27;", "'")
    assert "The archive can't be reached." in page


def test_where_several_teams_share_a_server_no_owner_takes_what_another_team_was_sent(
    ask: Ask, draft: Job, set_up: Path, signed_in: Callable[[User], Client], olga: User
) -> None:
    with received().new("1.2.3.4") as out:
        out.write(film(1, study=11))
    data = f"/jobs/{draft.pk}/data"
    assert "1 picture was received" in signed_in(olga).get(data).content.decode()
    Team.objects.create(pk=draft.team_id + 1, name="Another team")
    page = signed_in(olga).get(data).content.decode()
    assert not any(word in page for word in ("was received", "hospital archive"))
    for name in ("received", "web"):
        assert "Several teams share this server" in ask(name, by="search", patient="P1")
    assert not Intake.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        "[dicomweb.web]\naddress = 'http://inside.example/?secret'\n",
        "[dicomweb.web]\naddress = 'http://inside.example'\ntoken_file = '/nowhere/token'\n",
        "[dicomweb.web",
    ],
)
def test_what_is_wrong_with_the_servers_files_is_not_told_to_owners(
    ask: Ask, home: Path, set_up: Path, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    set_up.write_text(wrong)
    page = ask("web", by="search", patient="P1")
    assert "The archives of this server are not set up as they should be." in page
    for secret in (str(home), "inside.example", "/nowhere/token", "toml"):
        assert secret not in page
    assert "archives: " in caplog.text
    assert "P1" not in caplog.text


def test_a_list_comes_in_a_table_that_never_lies_in_a_temporary_folder(
    ask: Ask, orthanc: Orthanc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    orthanc.keep(film(1, study=11))
    table = SimpleUploadedFile("mine.CSV", b"name,accession_number\nDoe^Anna,A11\n")
    page = ask("web", by="list", listed=table)
    assert "1 image found" in page
    assert "Doe" not in page


@pytest.mark.parametrize(
    "listed", [("list.pdf", b"%PDF"), ("list.csv", b"A11\n" * 2**19 + b"A12\n" * 2**18)]
)
def test_a_list_that_is_no_table_is_refused(
    ask: Ask, orthanc: Orthanc, listed: tuple[str, bytes]
) -> None:
    page = ask("web", by="list", listed=SimpleUploadedFile(*listed))
    assert "is no table, or larger than 2 MB" in page
