"""A job's texts as they may leave the house: without names of files and patients, or addresses."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from overread.core.design import Design
from overread.core.names import without, without_addresses
from overread.store.models import Job
from overread.store.queries.names import names_of

# What parts of a design know one another by; nobody reads it, and changed it would fit no more.
REFERRED_TO = frozenset(
    {
        "type", "name", "question", "value", "values", "answers", "yes", "no", "columns", "review",
        "scope", "aggregation", "matching", "format", "kind", "kinds", "group", "key",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Clean:
    """Leaves out of a text what has to stay here."""

    names: Collection[str]
    instead: str

    def __call__(self, text: str) -> str:
        return without(without_addresses(text, self.instead), self.names, self.instead)

    def of(self, text: str) -> "Clean":
        """The same for parts of this text: a job has many names, a text few."""
        return Clean([name for name in self.names if name in text], self.instead)


def cleaner(job: Job) -> Clean:
    return Clean(names_of(job), _("(left out)"))


def cleaned(design: Design, clean: Clean) -> Design:
    """The design with all that is read of it cleaned; names and values stay what they are."""
    document = design.document()
    return Design.from_document(_mapped(document, clean.of("\n".join(_texts(document)))))


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from _texts(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _texts(value)


def _mapped(document: Any, clean: Clean) -> Any:
    if isinstance(document, str):
        return clean(document)
    if isinstance(document, dict):
        return {
            key: value if key in REFERRED_TO else _mapped(value, clean)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [_mapped(value, clean) for value in document]
    return document
