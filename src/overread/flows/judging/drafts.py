"""What is answered and not yet submitted, kept so that another device can go on with it."""

from collections.abc import Mapping
from typing import Any

from overread.core.states import PageState
from overread.flows.judging.submission import PageClosed
from overread.store.models import Page, PageDraft, Participation
from overread.store.write import write

Places = Mapping[str, Mapping[str, Any]]


def keep_draft(page: Page, places: Places, *, at: int) -> None:
    """The latest answers at some places of a page; those at other places stay as they were.

    `at` is milliseconds UTC. Raises PageClosed where the page is no longer open.
    """
    with write():
        # The row that two devices have in common, and wait for.
        Participation.objects.select_for_update().get(pk=page.participation_id)
        page.refresh_from_db(fields=["state"])
        if page.state != PageState.OPEN:
            raise PageClosed("page expired")
        before = PageDraft.objects.filter(page=page).values_list("places", flat=True).first()
        PageDraft.objects.update_or_create(
            participation_id=page.participation_id,
            defaults={"page": page, "places": {**(before or {}), **places}, "saved_at": at},
        )
