"""Read judgments and known labels, whatever kind of file they lie in."""

from collections.abc import Sequence
from pathlib import Path

from overread.formats.judgment_columns import GOLD, TASK
from overread.formats.judgment_parquet import read_parquet
from overread.formats.judgment_tables import (
    NO_VALUE,
    JudgmentTable,
    opened,
    read_csv,
    refused,
    rows_of,
)

PARQUET = (".parquet", ".pq")


def read_judgments(
    path: Path,
    *,
    task: str | None = None,
    worker: str | None = None,
    label: str | None = None,
    gold: Path | None = None,
    subgroups: Sequence[str] = (),
) -> JudgmentTable:
    """The judgments at `path`. Raises Refused: what is missing, where, what to do."""
    if not path.is_file():
        raise refused(path.name, "There is no such file.", "Check the path.")
    given = read_gold(gold) if gold else {}
    if path.suffix.lower() in PARQUET:
        return read_parquet(path, task, worker, label, given, subgroups)
    with opened(path) as file:
        return read_csv(path.name, file, task, worker, label, given, subgroups)


def read_gold(path: Path) -> dict[str, str]:
    """Known labels by task: columns task and gold (or label, truth). Raises Refused."""
    if not path.is_file():
        raise refused(path.name, "There is no such file.", "Check the path of --gold.")
    with opened(path) as file:
        reader = rows_of(path.name, file)
        header = next(reader, None) or []
        task = next((name for name in TASK if name in header), None)
        gold = next((name for name in GOLD if name in header), None)
        if task is None or gold is None:
            raise refused(path.name, "It needs the columns task and gold.", "Rename them.")
        places = header.index(task), header.index(gold)
        rows = (
            [row[place].strip() for place in places] for row in reader if len(row) > max(places)
        )
        return {
            task: label for task, label in rows if task not in NO_VALUE and label not in NO_VALUE
        }
