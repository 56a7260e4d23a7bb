"""A job's design versions, and how much was judged by each."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from overread.core.design import Design
from overread.core.states import PageState
from overread.store.models import Job, Page


@dataclass(frozen=True)
class Version:
    """`pages` counts submitted pages that showed it."""

    number: int
    created_at: datetime
    by: str
    pages: int


def versions_of(job: Job) -> list[Version]:
    """The newest first."""
    shown = Page.objects.filter(participation__job=job, state=PageState.SUBMITTED)
    pages = Counter(shown.order_by().values_list("design__number", flat=True))
    found = job.designs.order_by("-number").select_related("created_by")
    return [
        Version(
            one.number,
            one.created_at,
            one.created_by.name if one.created_by else "",
            pages[one.number],
        )
        for one in found
    ]


def version_of(job: Job, number: int) -> Design | None:
    found = job.designs.filter(number=number).first()
    return Design.from_document(found.document) if found else None
