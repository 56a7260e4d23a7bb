"""Which columns of a table hold the task, the worker and the label."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from overread.core.problems import Message, Problem, Refused
from overread.formats.appen_reports import READING

TASK = ("task", "_unit_id", "unit", "unit_id", "item", "task_id", "image")
WORKER = ("worker", "_worker_id", "contributor", "annotator", "worker_id", "performer", "reader")
LABEL = ("label", "answer", "response", "judgment")
GOLD = ("gold", "label", "truth", "answer")
APPEN = {"_unit_id", "_worker_id", "_trust"}
NAME_THEM = Message("Name the columns with --task, --worker and --label.")


@dataclass(frozen=True)
class Columns:
    """Of a full report `gold`, `tainted`, `trust` and `reading` are read too."""

    task: str
    worker: str
    label: str
    gold: str | None = None
    tainted: str | None = None
    trust: str | None = None
    reading: str | None = None
    subgroups: tuple[str, ...] = ()

    @property
    def needed(self) -> list[str]:
        rest = [self.gold, self.tainted, self.trust, self.reading, *self.subgroups]
        return [self.task, self.worker, self.label, *(one for one in rest if one)]


def is_appen(header: Sequence[str]) -> bool:
    return set(header) >= APPEN


def find_columns(
    source: str,
    header: Sequence[str],
    task: str | None,
    worker: str | None,
    label: str | None,
    sample: Iterable[Mapping[str, str]] = (),
    subgroups: Iterable[str] = (),
) -> Columns:
    """Those that were named, else those with a usual name. Raises Refused.

    sample: some rows of an Appen full report, in which the question is looked for.
    """
    groups = tuple(_one(source, header, one, (), "--subgroup") for one in dict.fromkeys(subgroups))
    found_task = _one(source, header, task, TASK, "--task")
    found_worker = _one(source, header, worker, WORKER, "--worker")
    if not is_appen(header):
        found = _one(source, header, label, LABEL, "--label")
        return Columns(found_task, found_worker, found, subgroups=groups)
    question = label or _question(source, header, sample)
    found_label = _one(source, header, question, (), "--label")
    gold = f"{found_label}_gold"
    return Columns(
        found_task,
        found_worker,
        found_label,
        gold if gold in header else None,
        "_tainted" if "_tainted" in header else None,
        "_trust",
        READING if READING in header else None,
        groups,
    )


def _one(
    source: str, header: Sequence[str], named: str | None, usual: Sequence[str], option: str
) -> str:
    if named is not None:
        if named in header:
            return named
        raise _refused(source, named, Message("There is no such column."), header)
    for name in usual:
        if name in header:
            return name
    what = Message("No column is called {names}.", names=" / ".join(usual[:3]))
    raise _refused(source, option, what, header)


def _refused(source: str, column: str, what: Message, header: Sequence[str]) -> Refused:
    advice = Message(
        "The table has: {columns}. Name them with --task, --worker and --label.",
        columns=", ".join(header[:30]),
    )
    return Refused(Problem(source, None, column, what, advice))


def _question(source: str, header: Sequence[str], sample: Iterable[Mapping[str, str]]) -> str:
    """The one column of an Appen report whose cells differ between judgments of a unit."""
    own = [name for name in header if not name.startswith("_") and not name.endswith("_gold")]
    asked = [name for name in own if f"{name}_gold" in header] or own
    by_unit: dict[str, list[Mapping[str, str]]] = {}
    for row in sample:
        by_unit.setdefault(row.get("_unit_id", ""), []).append(row)
    varying = [name for name in asked if _varies(name, by_unit.values())]
    if len(varying) == 1:
        return varying[0]
    what = Message("The report has several questions: {names}.", names=", ".join(varying or asked))
    raise Refused(Problem(source, None, None, what, Message("Choose one with --label.")))


def _varies(name: str, units: Iterable[Sequence[Mapping[str, str]]]) -> bool:
    return any(len({row.get(name, "") for row in rows}) > 1 for rows in units)
