"""Write a labelled data set as images in folders.

An image lies in `{train,validation,test}/<answer>/unit-000123.png`, or in `unresolved/` where it
has no label that stands; `metadata.csv` has a line for every unit, with or without an image.
`annotations.json` has what was drawn, where something could be.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from unicodedata import normalize

from overread.core.export import SPLITS
from overread.core.problems import Message, Refused
from overread.formats.coco import AnnotatedImage, write_coco
from overread.formats.csv_lines import csv_line

COLUMNS = (
    "file_name",
    "unit",
    "split",
    "label",
    "label_source",
    "confidence",
    "judgments",
    "cannot_be_judged",
    "patient",
    "patient_source",
    "state",
    "reason",
    "synthetic",
)
UNRESOLVED = "unresolved"
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows
_LONGEST_NAME = 80


def own_name(column: str) -> str:
    """What a table's own column is called in metadata.csv, which has columns of its own."""
    return f"row_{column}" if column in COLUMNS else column


@dataclass(frozen=True)
class Item:
    """One unit: `image` gives its PNG, or is None where the unit has none.

    With a split and a label it goes into their folder, without either into `unresolved/`.
    `fields` are the other columns of metadata.csv by name; `annotated` is what was drawn on it.
    """

    unit: int
    split: str | None
    label: str | None
    image: Callable[[], bytes] | None
    fields: Mapping[str, str]
    annotated: AnnotatedImage | None = None


class FolderError(Refused):
    """The data set can't be written there; nothing was."""


def write_image_folders(
    folder: Path, items: Iterable[Item], texts: Mapping[str, str] = MappingProxyType({})
) -> int:
    """Write all or nothing; returns the number of images. Raises FolderError.

    `folder` must be empty or not yet there. It is written beside its place and then moved.
    `texts` are files beside metadata.csv, by name.
    """
    _check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            images = _write(beside, items)
            for name, text in texts.items():
                (beside / name).write_text(text, encoding="utf-8")
            if folder.exists():
                folder.rmdir()
            beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise FolderError.because(
            Message("The data set can't be written ({reason}).", reason=str(error.strerror)),
            Message("Make room or choose a folder that you may write to, then export again."),
            source=folder.name,
        ) from error
    return images


def _check_free(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        problem = Message("There is a file or a link with this name.")
    elif folder.exists() and any(folder.iterdir()):
        problem = Message("The folder is not empty.")
    else:
        return
    advice = Message("Choose a folder that is empty or not yet there.")
    raise FolderError.because(problem, advice, source=folder.name)


def _write(folder: Path, items: Iterable[Item]) -> int:
    names = _FolderNames()
    records = []
    annotated = []
    images = 0
    for item in items:
        place = ""
        if item.image:
            place = f"{_place(item, names)}/unit-{item.unit:06d}.png"
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(item.image())
            images += 1
            if item.annotated:
                annotated.append((item.unit, place, item.annotated))
        records.append(
            {
                **item.fields,
                "file_name": place,
                "unit": str(item.unit),
                "split": item.split or "",
                "label": item.label or "",
            }
        )
    _write_metadata(folder / "metadata.csv", records)
    if annotated:
        write_coco(folder / "annotations.json", annotated)
    return images


def _place(item: Item, names: "_FolderNames") -> str:
    if item.split is not None and item.split not in SPLITS:
        raise ValueError(f"unit {item.unit}: {item.split} is no split")
    if item.split is None or item.label is None:
        return UNRESOLVED
    return f"{item.split}/{names.of(item.label)}"


def _write_metadata(path: Path, records: list[dict[str, str]]) -> None:
    extra = {name for record in records for name in record} - set(COLUMNS)
    columns = [*COLUMNS, *sorted(extra)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_line(columns))
        for record in records:
            file.write(csv_line(record.get(name, "") for name in columns))


class _FolderNames:
    """A folder name for each answer: safe on every file system, and no two the same."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, answer: str) -> str:
        if answer not in self._names:
            self._names[answer] = self._free(_safe(answer))
        return self._names[answer]

    def _free(self, name: str) -> str:
        taken = {used.casefold() for used in self._names.values()}
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{name}-{number}"
        return free


def _safe(answer: str) -> str:
    name = re.sub(r"[^\w.-]+", "-", normalize("NFC", answer))[:_LONGEST_NAME].strip("-. ")
    return f"{name or 'answer'}-" if _RESERVED.fullmatch(name) else name or "answer"
