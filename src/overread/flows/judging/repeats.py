"""Work that the same contributor reads again, hidden among the rest (docs/decisions/0017)."""

from random import Random

from overread.core.judging import to_repeat
from overread.core.states import Mode
from overread.store.hot.knowledge import Knowledge
from overread.store.hot.rows import Contributor
from overread.store.hot.tables import Tables

HOUR = 3_600_000


def repeats(
    tables: Tables, contributor: Contributor, known: Knowledge, *, units: int, at: int, rng: Random
) -> tuple[Contributor, list[int]]:
    """Units for the next page of so many that its contributor judged before.

    One earlier page is looked at for each new one, the oldest first. A page holds at least one
    unit that is new.
    """
    share, places = known.rules.repeat_share, units - 1
    found = tables.page_after(contributor.id, contributor.repeated_to) if share and places else None
    if found is None:
        return contributor, []
    page, submitted_at = found
    if submitted_at is not None and submitted_at + known.rules.repeat_hours * HOUR > at:
        return contributor, []
    contributor = contributor._replace(repeated_to=page.id)
    if submitted_at is None or page.mode != Mode.WORK:
        return contributor, []
    own = [unit for unit in page.first_read if unit not in known.tests]
    drawn = to_repeat(rng, own, share, places)
    return contributor, tables.repeatable(contributor.id, drawn) if drawn else []
