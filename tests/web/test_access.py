"""Every address, walked by everybody."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from overread.flows.people import Invitation, sign_in_link
from overread.store.models import Job, User
from overread.web.access import Right
from overread.web.routes import ROUTES
from tests.conftest import now

pytestmark = pytest.mark.django_db
# Public because signing in needs them, or because a secret in the address decides.
PUBLIC = {"ping", "home", "sign-in", "sign-in-link", "join"}


def addresses(job: Job, right: Right) -> list[tuple[str, str]]:
    """Method and path of every route with this right, filled in with a job of this team."""
    fill = {
        "<int:job>": str(job.pk),
        "<str:token>": "x",
        "<str:handle>": "x",
        "<str:name>": "x",
        "<str:kind>": "full",
        "<int:unit>": str(job.units.first().pk),
        "<int:number>": "1",
        "<int:participation>": "1",
    }  # type: ignore[union-attr]
    found = []
    for route in ROUTES:
        if route.right == right:
            path = route.path
            for hole, value in fill.items():
                path = path.replace(hole, value)
            assert "<" not in path, f"fill in {path}"
            found += [(method, f"/{path}") for method in route.methods if method != "HEAD"]
    return found


def test_every_address_is_in_the_route_table() -> None:
    patterns = get_resolver().url_patterns
    assert all(isinstance(pattern, URLPattern) for pattern in patterns)
    listed = [(pattern.name, str(pattern.pattern)) for pattern in patterns]
    assert sorted(listed) == sorted((route.name, route.path) for route in ROUTES)
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_only_signing_in_is_public() -> None:
    assert {route.name for route in ROUTES if route.right == Right.PUBLIC} == PUBLIC


def test_nobody_gets_anything_without_signing_in(client: Client, running_job: Job) -> None:
    for right in (Right.OWNER, Right.CONTRIBUTOR, Right.SIGNED_IN):
        for method, path in addresses(running_job, right):
            answer = client.generic(method, path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/sign-in?next="), path
    for method, path in addresses(running_job, Right.JUDGING):
        assert client.generic(method, path).status_code == 401, path
    for method, path in addresses(running_job, Right.IMAGE):
        assert client.generic(method, path).status_code == 404, path


def test_a_stranger_who_owns_other_jobs_finds_nothing_here(
    running_job: Job, stranger: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(stranger)
    for right in (Right.OWNER, Right.CONTRIBUTOR, Right.JUDGING, Right.IMAGE):
        for method, path in addresses(running_job, right):
            if str(running_job.pk) in path.split("/"):
                assert browser.generic(method, path).status_code == 404, path


def test_a_contributor_finds_none_of_the_owners_pages(
    running_job: Job, lena: Invitation, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(lena.participation.user)
    for method, path in addresses(running_job, Right.OWNER):
        assert browser.generic(method, path).status_code == 404, path


def test_an_owner_who_takes_no_part_judges_nothing(
    running_job: Job, olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    for right in (Right.CONTRIBUTOR, Right.JUDGING):
        for method, path in addresses(running_job, right):
            assert browser.generic(method, path).status_code == 404, path


def test_every_page_forbids_foreign_scripts_frames_and_caches(client: Client) -> None:
    headers = client.get("/sign-in").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_sign_in_link_works_once(client: Client, olga: User) -> None:
    token = sign_in_link(olga, now())
    assert client.head(f"/sign-in/{token}").status_code == 410
    assert client.get(f"/sign-in/{token}").status_code == 302
    assert Client().get(f"/sign-in/{token}").status_code == 410


def test_the_way_back_after_signing_in_stays_on_this_server(client: Client, olga: User) -> None:
    olga.set_password("a long enough password")
    olga.save()
    form = {"email": "olga@example.org", "password": "a long enough password"}
    away = client.post("/sign-in?next=https://evil.example/", form)
    assert away.headers["Location"] == "/"
    home = client.post("/sign-in?next=/account", form)
    assert home.headers["Location"] == "/account"


def test_a_wrong_password_says_so_without_saying_which(client: Client, olga: User) -> None:
    for email in ("olga@example.org", "nobody@example.org"):
        page = client.post("/sign-in", {"email": email, "password": "wrong"})
        assert "do not go together" in page.content.decode()


def test_an_account_that_was_closed_is_signed_out(
    olga: User, signed_in: Callable[[User], Client]
) -> None:
    browser = signed_in(olga)
    assert browser.get("/account").status_code == 200
    olga.is_active = False
    olga.save()
    assert browser.get("/account").status_code == 302
