"""Makes a job whose readers draw on every row: `python seeded_drawings.py FOLDER DRAWINGS`.

DRAWINGS is a JSON list with a list of marks for each reader. Prints the path of the first row's
page.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any


def main(folder: Path, drawings: list[list[dict[str, Any]]]) -> None:
    import django

    django.setup()
    from overread.flows.design import create_job
    from overread.flows.intake import start_intake, take_in
    from overread.flows.judging.launching import launch
    from overread.flows.judging.pages import next_page
    from overread.flows.judging.submission import Given, submit
    from overread.flows.people import first_team, invite

    now = datetime.now(UTC)
    at = int(now.timestamp() * 1000)
    template = "healthy-or-pneumonia-with-boxes"
    job = create_job(first_team(), template=template, title="", actor=None, at=now)
    intake = start_intake(job, actor=None, at=now)
    take_in(intake, [folder / "table.csv", folder / "images"], progress=lambda *_: None)
    job.refresh_from_db()
    launch(job, actor=None, at=now, rng=Random(1))
    for marks in drawings:
        [reader] = invite(job, count=1, actor=None, at=now)
        page = next_page(reader.participation.pk, at=at, rng=Random(1)).page
        assert page is not None
        seen = {"finding": "pneumonia", "signs": ["one_place"], "opacities": marks}
        answers = seen if marks else {"finding": "healthy"}
        given = [Given(place, dict(answers)) for place in page.by_place]
        submit(reader.participation.pk, page.id, given, at=at, rng=Random(1))
    print(f"jobs/{job.pk}/results/{job.units.get(number=1).pk}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
