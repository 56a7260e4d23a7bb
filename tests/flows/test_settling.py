"""Commits wait for the disk, but where work goes on from where the database says it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from overread.flows.design import create_job
from overread.flows.intake import start_intake, storing, take_in
from overread.store.models import Team
from overread.store.write import settled_later
from tests.conftest import write_table

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
ASKED = {"sqlite": "pragma synchronous", "postgresql": "show synchronous_commit"}
WAITS = {"sqlite": 2, "postgresql": "on"}


def waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ASKED[connection.vendor])
        return bool(cursor.fetchone()[0] == WAITS[connection.vendor])


@pytest.mark.django_db(transaction=True)
def test_the_disk_is_waited_for_again_even_after_a_failure() -> None:
    assert waits()
    seen = []

    def fail() -> None:
        with settled_later():
            seen.append(waits())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [*seen, waits()] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_rows_are_stored_without_waiting_and_the_end_waits(
    tmp_path: Path, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}

    def put(*given: object) -> None:
        seen["rows"] = waits()

    def end(*given: object) -> None:
        seen["end"] = waits()

    monkeypatch.setattr(storing, "put", put)
    monkeypatch.setattr("overread.flows.intake.taking_in.end_storing", end)
    job = create_job(team, template="healthy-or-pneumonia", title="", actor=None, at=AT)
    table = write_table(tmp_path / "table.csv", 3, 0)
    take_in(start_intake(job, actor=None, at=AT), [table])
    assert seen == {"rows": False, "end": True}
