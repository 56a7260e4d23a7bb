"""What the fault tests need in a server's own database: a process of its own, with its settings.

`python -m tests.faults.seed job '{...}'` makes and launches a job and prints it with the tokens
of its contributors; `draft` makes one without rows; `upload JOB FOLDER` hands a table and its
images to the worker, and has them read as soon as it has looked at them.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from django import setup


def make(document: str) -> None:
    from overread.flows.judging.launching import launch
    from overread.store import schema
    from tests.hot.world import Setting, make_job

    schema.prepare()
    now = datetime.now(UTC)
    job, invited = make_job(Setting(**json.loads(document), at=now))
    launch(job, actor=None, at=now, rng=Random(1))
    print(json.dumps({"job": job.pk, "tokens": [one.token for one in invited]}))


def draft() -> None:
    """A job without rows."""
    from overread.flows.design import create_job
    from overread.flows.people import first_team
    from overread.store import schema

    schema.prepare()
    template = "healthy-or-pneumonia"
    job = create_job(first_team(), template=template, title="", actor=None, at=datetime.now(UTC))
    print(json.dumps({"job": job.pk}))


def upload(job: str, folder: str) -> None:
    from django.conf import settings

    from overread.flows.background import hand_over_upload, read_upload
    from overread.store.models import Intake, Job

    settings.UPLOADS.mkdir(exist_ok=True)
    table, images = Path(folder, "table.csv"), Path(folder, "images")
    intake = hand_over_upload(
        Job.objects.get(pk=job),
        Path(folder),
        sources=[table, images],
        actor=None,
        at=datetime.now(UTC),
    )
    while intake.state == Intake.State.LOOKING:
        time.sleep(0.1)
        intake.refresh_from_db()
    read_upload(intake)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "overread.settings")
    setup()
    verb, *arguments = sys.argv[1:]
    {"job": make, "draft": draft, "upload": upload}[verb](*arguments)
