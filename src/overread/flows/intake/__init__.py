"""Files become images and units."""

from overread.flows.intake.drafts import Options
from overread.flows.intake.looking import Preview
from overread.flows.intake.outcome import Outcome
from overread.flows.intake.stopping import let_go_on, stop_intake, undo_intake
from overread.flows.intake.taking_in import go_on, start_intake, take_in, what_if

__all__ = [
    "Options",
    "Outcome",
    "Preview",
    "go_on",
    "let_go_on",
    "start_intake",
    "stop_intake",
    "take_in",
    "undo_intake",
    "what_if",
]
