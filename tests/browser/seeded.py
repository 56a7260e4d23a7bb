"""Makes jobs in one process, which is quicker than a command for each: `python seeded.py FOLDER`.

Prints a launched job's id and an invitation for each file of CML in the folder, as
JSON; and as "draft" a job that is not launched.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random


def main(folder: Path) -> None:
    import django

    django.setup()
    from overread.flows.design import create_job
    from overread.flows.intake import start_intake, take_in
    from overread.flows.judging.launching import launch
    from overread.flows.people import first_team, invite
    from overread.flows.redesign import import_cml
    from overread.store import schema
    from overread.store.models import Job

    schema.prepare()
    now, made = datetime.now(UTC), {}

    def draft(title: str) -> Job:
        job = create_job(first_team(), template="your-own", title=title, actor=None, at=now)
        intake = start_intake(job, actor=None, at=now)
        table, images = folder / "table.csv", folder / "images"
        take_in(intake, [table, images], progress=lambda done, total: None)
        job.refresh_from_db()
        return job

    made["draft"] = (draft("draft").pk, "")
    for form in sorted(folder.glob("*.cml")):
        job = draft(form.stem)
        import_cml(job, form.read_text(), actor=None, at=now)
        launched = launch(job, actor=None, at=now, rng=Random(1))
        [invitation] = invite(launched, count=1, actor=None, at=now)
        made[form.stem] = (job.pk, invitation.token)
    print(json.dumps(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
