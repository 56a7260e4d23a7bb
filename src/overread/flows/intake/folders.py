"""Images without a table: every image is a row, its folder the label where the owner says so."""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from django.conf import settings

from overread.core.design import Design
from overread.core.intake import Columns, normal_label
from overread.core.problems import Message, Problem, Refused
from overread.flows.intake.drafts import Draft, Options
from overread.flows.intake.reading import Reading, label_meanings, understood
from overread.formats.image_files import ImageFiles

# Of a path, so many of the nearest folders are kept, each in so many digits.
_TRACED, _DIGITS = 6, 8


@dataclass(frozen=True)
class Named:
    """What the columns of such rows are called, and the row that they come after."""

    image: str = "image"
    label: str = "label"
    after: int = 0


def read_images(
    files: ImageFiles, design: Design, options: Options, named: Named = Named()
) -> Reading:
    """Raises Refused where labels should come from folders, and none is called like an answer."""
    given = label_meanings(design, options)
    names = files.names()
    label = named.label if options.labels_from_folders else None
    if label and not any(_known(name, given) for name in names):
        folders = sorted({str(PurePosixPath(name).parent) for name in names})
        raise Refused.because(
            Message("No folder is called like an answer: {folders}.", folders=_some(folders)),
            Message("Put the images into folders called {known}.", known=", ".join(given)),
        )

    def items() -> Iterator[Draft | Problem]:
        for row, name in enumerate(names, start=1):
            cells = {named.image: name}
            if label:
                cells[label] = folder_label(name, given)
            draft = Draft(named.after + row, name, row, cells, name)
            yield understood(draft, label, design, given)

    columns = Columns(named.image, label, None)
    return Reading(columns, None, (), len(names), items, given if label else {})


def folder_label(name: str, given: Mapping[str, str]) -> str:
    """The nearest folder that is a known label, else the image's own; "" right in the source.

    The source itself counts as a folder only where its name is a known label.
    """
    folders = PurePosixPath(name).parts[:-1]
    own = folders[-1] if len(folders) > 1 else ""
    return _known(name, given) or own


def _known(name: str, given: Mapping[str, str]) -> str:
    folders = reversed(PurePosixPath(name).parts[:-1])
    return next((one for one in folders if normal_label(one) in given), "")


def _some(folders: list[str]) -> str:
    return ", ".join(folders if len(folders) <= 5 else [*folders[:5], "…"])


def folder_trace(name: str) -> str:
    """The folders that a file lies in, each as a short digest: their names may be a patient's."""
    folders = PurePosixPath(name).parts[:-1][-_TRACED:]
    return "/".join(_digest(settings.SECRET_KEY, folder) for folder in folders)


@lru_cache
def _digest(key: str, folder: str) -> str:
    """Most files lie in the folder of the one before."""
    secret = f"{key} folder"
    return hmac.new(secret.encode(), folder.encode(), "sha256").hexdigest()[:_DIGITS]
