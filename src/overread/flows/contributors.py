"""The owner's hand on a contributor: remove, restore."""

from datetime import datetime

from overread.core.instants import milliseconds
from overread.core.judging import Removal
from overread.core.states import Mode, ParticipationState, StepError, step
from overread.flows import audit
from overread.flows.judging import slots
from overread.store.hot.now import now
from overread.store.hot.rows import Contributor
from overread.store.hot.tables import Tables
from overread.store.models import Participation, User
from overread.store.write import write


def remove(participation: Participation, *, actor: User | None, at: datetime) -> None:
    """End a contributor's work: their open page goes to others, their judgments are replaced.

    Everything is kept. Raises StepError where there is nothing to end.
    """
    with write():
        now(lambda tables: _remove(tables, participation.pk))
        why = Removal.OWNER.value
        audit.record("remove", participation, actor=actor, at=at, why=why)
    slots.settle_now(participation.pk, milliseconds(at))


def restore(participation: Participation, *, actor: User | None, at: datetime) -> None:
    """Let a removed contributor go on where they stood; their judgments count again.

    A judgment that was replaced meanwhile is extra. Raises StepError unless they were removed.
    """
    with write():
        now(lambda tables: _restore(tables, participation))
        Participation.objects.filter(pk=participation.pk).update(removed_for="")
        audit.record("restore", participation, actor=actor, at=at)
    slots.settle_now(participation.pk, milliseconds(at))


def _remove(tables: Tables, participation: int) -> None:
    old = tables.contributor(participation)
    new = _step(old, ParticipationState.REMOVED)
    page = tables.open_page(participation)
    if page is not None:
        new = slots.give_back(tables, new, page)
    tables.save(old, new, removed_for=Removal.OWNER.value)
    tables.unsettle(participation, 0)


def _restore(tables: Tables, participation: Participation) -> None:
    old = tables.contributor(participation.pk)
    stood = _stood(tables, old, participation)
    if old.state != ParticipationState.REMOVED:
        raise StepError("participation", old.state, stood.value)
    tables.save(old, _step(old, stood))
    tables.unsettle(participation.pk, 0)


def _stood(
    tables: Tables, contributor: Contributor, participation: Participation
) -> ParticipationState:
    """Work for whoever has had a page of it; else the quiz still has to be passed."""
    worked = participation.pages.filter(mode=Mode.WORK).exists()
    needed = tables.knowledge(contributor).tests_are_on
    return ParticipationState.QUIZ if needed and not worked else ParticipationState.WORKING


def _step(contributor: Contributor, new: ParticipationState) -> Contributor:
    state = step("participation", ParticipationState(contributor.state), new)
    return contributor._replace(state=state.value)
