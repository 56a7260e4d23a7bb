"""The cast and their job: olga owns it, lena and rafael are invited, a stranger is not; clara
guards who the patients are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from django.db import connections
from django.test import Client
from django_tasks import task_backends
from django_tasks.backends.immediate import ImmediateBackend
from PIL import Image

from overread.core.removal import RemovalRule
from overread.flows.design import create_job
from overread.flows.intake import start_intake, take_in
from overread.flows.judging.launching import launch
from overread.flows.people import Invitation, create_owner, create_user, invite
from overread.flows.privacy.identities import choose_passphrase, name_custodian
from overread.flows.test_questions import make_test_questions
from overread.store.models import Custodian, Job, Membership, Team, User
from overread.store.models.people import Expertise, Role
from overread.store.queries.design import labelled_rows

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PASSPHRASE = "eleven green herons"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The test databases lie in a temporary folder, one for each process."""
    folder = tmp_path_factory.mktemp("databases")
    for alias in connections:
        if connections[alias].vendor != "sqlite":
            continue
        test: Any = connections[alias].settings_dict["TEST"]
        test["NAME"] = str(folder / f"{alias}.sqlite3")


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OVERREAD_HOME of its own for every test."""
    made = tmp_path_factory.mktemp("home")
    settings.HOME, settings.BLOBS, settings.UPLOADS = made, made / "blobs", made / "uploads"
    settings.PACS = made / "pacs.toml"
    return made


@pytest.fixture(autouse=True)
def _tasks_run_at_once() -> Iterator[None]:
    """Background work is done before the call that hands it over returns."""
    backend = task_backends["default"]
    task_backends["default"] = ImmediateBackend("default", {"QUEUES": ["default"]})
    yield
    task_backends["default"] = backend


@pytest.fixture
def olga(db: None) -> User:
    """The owner."""
    return create_owner(name="Olga", email="olga@example.org", at=NOON)


@pytest.fixture
def team(olga: User) -> Team:
    return Team.objects.get(memberships__user=olga)


@pytest.fixture
def stranger(db: None) -> User:
    """Owns jobs in another team, and has nothing to do with this one."""
    user = User.objects.create(name="A stranger", email="stranger@example.org", created_at=NOON)
    elsewhere = Team.objects.create(pk=2, name="Another team")
    Membership.objects.create(user=user, team=elsewhere, role=Role.OWNER)
    return user


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser of somebody who has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def make_job(team: Team, tmp_path: Path) -> Callable[..., Job]:
    """Makes a job from a table and tiny images.

    The first rows are labelled, healthy and pneumonia by turns, and become test questions;
    the last ones have no image and are held.
    """

    def make(
        *,
        rows: int = 20,
        labelled: int = 10,
        without_image: int = 0,
        tests: bool = True,
        launched: bool = False,
    ) -> Job:
        job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
        # The tests count with the running percentage, whatever the template sets.
        job.removal_rule = RemovalRule.ACCURACY
        job.save(update_fields=["removal_rule"])
        images = tmp_path / f"images-{job.pk}"
        table = write_table(tmp_path / f"table-{job.pk}.csv", rows, labelled)
        write_images(images, rows - without_image, seed=job.pk)
        intake = start_intake(job, actor=None, at=NOON)
        take_in(intake, [table, images], progress=lambda done, total: None)
        if tests:
            make_test_questions(job, list(labelled_rows(job)), actor=None, at=NOON)
        job.refresh_from_db()
        return launch(job, actor=None, at=NOON, rng=Random(1)) if launched else job

    return make


def write_table(path: Path, rows: int, labelled: int) -> Path:
    """Columns image and label, with rows scan-0.png, scan-1.png and so on."""
    lines = [
        f"scan-{row}.png,{('healthy', 'pneumonia')[row % 2] if row < labelled else ''}"
        for row in range(rows)
    ]
    path.write_text("\n".join(["image,label", *lines, ""]))
    return path


def write_images(folder: Path, count: int, *, seed: int = 0) -> Path:
    """Tiny pictures scan-0.png, scan-1.png and so on, no two alike."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"scan-{number}.png").write_bytes(picture(number, seed))
    return folder


def picture(number: int, seed: int = 0) -> bytes:
    """A PNG of 24 by 18 pixels of noise."""
    pixels = np.random.default_rng([seed, number]).integers(0, 256, (18, 24), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def job(make_job: Callable[..., Job]) -> Job:
    """A draft: twenty rows, ten of them test questions."""
    return make_job()


@pytest.fixture
def running_job(make_job: Callable[..., Job]) -> Job:
    """The same, launched."""
    return make_job(launched=True)


@pytest.fixture
def lena(running_job: Job) -> Invitation:
    """A lay contributor, invited to the running job."""
    return invite(running_job, count=1, expertise=Expertise.LAY, actor=None, at=now())[0]


@pytest.fixture
def rafael(running_job: Job) -> Invitation:
    """A radiologist, invited to the running job."""
    return invite(running_job, count=1, expertise=Expertise.RADIOLOGIST, actor=None, at=now())[0]


@pytest.fixture
def clara(db: None) -> User:
    """The custodian: no owner, and takes part in nothing."""
    return create_user(name="Clara", email="clara@example.org", at=NOON)


@pytest.fixture
def custodian(team: Team, clara: User) -> Custodian:
    return name_custodian(team, clara, at=NOON)


@pytest.fixture
def guarded(custodian: Custodian) -> Custodian:
    choose_passphrase(custodian, PASSPHRASE, at=NOON)
    return custodian


@pytest.fixture
def take(team: Team, tmp_path: Path) -> Callable[..., Job]:
    """Makes a job of DICOM files."""

    def taken(*files: bytes) -> Job:
        job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=NOON)
        folder = tmp_path / f"films-{job.pk}"
        folder.mkdir()
        for number, data in enumerate(files):
            (folder / f"{number}.dcm").write_bytes(data)
        take_in(start_intake(job, actor=None, at=NOON), [folder], progress=lambda done, total: None)
        return job

    return taken


def now() -> datetime:
    """Invitations have to be open while the test runs."""
    return datetime.now(UTC)
