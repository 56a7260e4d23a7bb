"""Files become images and units."""

from overread.flows.intake.taking_in import start_intake, take_in

__all__ = ["start_intake", "take_in"]
