"""Fills a fresh store with a launched job, its contributors, and one who has judged half of it.

Run by judging.py with OVERREAD_HOME (and OVERREAD_DATABASE_URL) set; prints what the load needs.
Small parts go through the product's own flows, the big tables through SQL of the same effect.
"""

# ruff: noqa: E402 (models need Django set up)

import argparse
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "overread.settings"

import django

django.setup()

from django.db import connection, transaction

from overread.core.greys import Greys
from overread.core.judging import RunOut
from overread.flows.design import create_job
from overread.flows.intake.pictures import FULL, VIEW
from overread.flows.judging.launching import launch
from overread.flows.people import create_owner, first_team, invite
from overread.flows.test_questions import make_test_questions
from overread.store import blobs, schema
from overread.store.hot.tables import GAP
from overread.store.models import Job, Participation, Rendition
from overread.store.queries.design import labelled_rows

TEMPLATE = "healthy-or-pneumonia"
TRUTHS = ("healthy", "pneumonia")
TEST_QUESTIONS = 1_000
LAUNCHED_BY_FLOW = 1_000
SIZE = 1024
ON_POSTGRESQL = connection.vendor == "postgresql"
JSON = "cast({} as jsonb)" if ON_POSTGRESQL else "{}"
GREYS = JSON.format(f"'{json.dumps(Greys().document())}'")
NO_TEXT = JSON.format("'[]'")
RANDOM_HANDLE = (
    "substr(md5(random()::text || i), 1, 22)" if ON_POSTGRESQL else "lower(hex(randomblob(11)))"
)
LISTED = "string_agg(unit_id::text, ',')" if ON_POSTGRESQL else "group_concat(unit_id)"
TESTS = "store_testquestion"
NUMBERS = "with recursive n(i) as (select %s union all select i + 1 from n where i < %s)"


@dataclass(frozen=True)
class Seeded:
    """Tokens, and the right answers to test questions by the handle of their image."""

    job: int
    crowd: list[str]
    fresh: str
    half: str
    truths: dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--wanted", type=int, required=True)
    parser.add_argument("--invited", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps(asdict(seed(options.units, options.wanted, options.invited))))


def seed(units: int, wanted: int, invited: int) -> Seeded:
    at = datetime.now(UTC)
    schema.prepare()
    create_owner(name="Olga", email=None, at=at)
    job = create_job(first_team(), template=TEMPLATE, title="", actor=None, at=at)
    job.judgments_per_unit = wanted
    job.when_tests_run_out = RunOut.REPEAT
    job.save()
    last, at_once = TEST_QUESTIONS + units, TEST_QUESTIONS + min(units, LAUNCHED_BY_FLOW)
    with transaction.atomic():
        blob = some_blob()
        add_units(job, 1, TEST_QUESTIONS, blob, labelled=True)
    make_test_questions(job, list(labelled_rows(job)), actor=None, at=at)
    with transaction.atomic():
        add_units(job, TEST_QUESTIONS + 1, at_once, blob)
    job = launch(job, actor=None, at=at, rng=Random(1))
    with transaction.atomic():
        if last > at_once:
            add_units(job, at_once + 1, last, blob)
            add_slots(job, at_once, wanted)
        advance("unit", "image", "unitimage", "rendition")
    half, fresh, *crowd = invite(job, count=invited + 2, actor=None, at=at)
    with transaction.atomic():
        judge_half(job, half.participation, units // 2)
    settle()
    tokens = [one.token for one in crowd]
    return Seeded(job.pk, tokens, fresh.token, half.token, truths(job))


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def some_blob() -> int:
    """Nobody looks at it."""
    data = b"not an image"
    [sha256] = blobs.put([data])
    return blobs.rows({sha256: (len(data), "image/jpeg")})[sha256]


def add_units(job: Job, first: int, last: int, blob: int, *, labelled: bool = False) -> None:
    """Units first..last, each with an image and a rendition of its own; ids are row numbers."""
    data = JSON.format("""'{"image": "' || i || '.png"}'""")
    given = """'{"finding": "' || case i %% 2 when 0 then 'healthy' else 'pneumonia' end || '"}'"""
    given = JSON.format(given if labelled else "'{}'")
    run(
        f"{NUMBERS} insert into store_unit (id, job_id, number, state, data, given)"
        f" select i, {job.pk}, i, 'new', {data}, {given} from n",
        first,
        last,
    )
    run(
        f"{NUMBERS} insert into store_image (id, team_id, original_id, frame, fingerprint, width,"
        f" height, synthetic, greys, hidden, text, suspected) select i, {job.team_id}, {blob}, 0,"
        f" 'seeded ' || i, {SIZE}, {SIZE}, true, {GREYS}, false, {NO_TEXT}, '' from n",
        first,
        last,
    )
    run(
        f"{NUMBERS} insert into store_unitimage (id, unit_id, image_id, role, position)"
        " select i, i, i, 'frontal', 0 from n",
        first,
        last,
    )
    for place, kind in enumerate((VIEW, FULL)):
        run(
            f"{NUMBERS} insert into store_rendition (id, image_id, kind, blob_id, width, height,"
            f" handle) select 2 * i + {place}, i, '{kind}', {blob}, {SIZE}, {SIZE},"
            f" {RANDOM_HANDLE} from n",
            first,
            last,
        )


def add_slots(job: Job, after: int, wanted: int) -> None:
    """Slots as launching makes them: units shuffled, positions far apart, in the order of ids."""
    run(
        "insert into store_slot (job_id, position, unit_id, open, outstanding, counted, wanted)"
        f" select {job.pk}, ({after - TEST_QUESTIONS - 1} + place) * {GAP}, id, true, 0, 0,"
        f" {wanted} from (select id, row_number() over (order by random()) as place"
        f" from store_unit where job_id = {job.pk} and id > {after}) shuffled order by place"
    )


def judge_half(job: Job, who: Participation, units: int) -> None:
    """What the store holds once `who` alone has judged the first `units` slots, page by page."""
    size = job.units_per_page - job.test_questions_per_page
    pages = units // size
    at, until = who.invited_at, pages * size * GAP
    design = job.designs.get().pk
    tests = f"select unit_id, id, row_number() over (order by unit_id) - 1 as place from {TESTS}"
    answers = JSON.format("""'{"finding": "healthy"}'""")
    run(
        "insert into store_page (id, participation_id, design_id, mode, state, units, created_at,"
        " expires_at, submitted_at, counted, result)"
        f" select page + 1, {who.pk}, {design}, 'work', 'submitted',"
        f" '[' || (page %% {TEST_QUESTIONS} + 1) || ',' || units || ']', {at}, {at}, {at}, true, %s"
        f" from (select position / {GAP} / {size} as page, {LISTED} as units from store_slot"
        f" where job_id = {job.pk} and position < {until} group by 1) listed order by page",
        json.dumps({"outcome": "accepted", "progress": {"padding": "." * 300}}),
    )
    judgment = (
        "insert into store_judgment (page_id, participation_id, unit_id, test_id, attempt,"
        " answers, cannot_be_judged, milliseconds, created_at)"
    )
    run(
        f"{judgment} select position / {GAP} / {size} + 1, {who.pk}, unit_id, null, 0, {answers},"
        f" false, 1000, {at} from store_slot where job_id = {job.pk} and position < {until}"
        " order by position"
    )
    run(
        f"{NUMBERS} {judgment} select i + 1, {who.pk}, t.unit_id, t.id, i / {TEST_QUESTIONS},"
        f" {answers}, false, 1000, {at} from n join ({tests}) t on t.place = i %% {TEST_QUESTIONS}",
        0,
        pages - 1,
    )
    run(f"update store_slot set counted = 1 where job_id = {job.pk} and position < {until}")
    advance("page")
    last = until - GAP
    Job.objects.filter(pk=job.pk).update(frontier=last)
    Participation.objects.filter(pk=who.pk).update(
        state="working",
        joined_at=at,
        trust_from=at,
        quizzes=1,
        cursor=last,
        judgments_made=pages * job.units_per_page,
        pages_made=pages,
        tally=json.dumps({truth: [pages // 2, 0, 0] for truth in TRUTHS}),
        given=json.dumps({"healthy": pages * size}),
    )


def advance(*tables: str) -> None:
    """On PostgreSQL, numbers that were given by hand are not given again."""
    for table in tables if ON_POSTGRESQL else ():
        name = f"store_{table}"
        run(
            f"select setval(pg_get_serial_sequence('{name}', 'id'),"
            f" greatest((select max(id) from {name}), 1))"
        )


def settle() -> None:
    """As the database would be after a while: statistics taken, the log written back."""
    run("vacuum analyze" if ON_POSTGRESQL else "pragma wal_checkpoint(truncate)")


def truths(job: Job) -> dict[str, str]:
    shown = Rendition.objects.filter(
        image__unit_images__unit__job=job,
        image__unit_images__unit__test_question__isnull=False,
    ).values_list("handle", "image__unit_images__unit__given__finding")
    return dict(shown)


if __name__ == "__main__":
    main()
