"""What an upload leaves on the disk goes when it has ended, however it ended."""

import shutil
from pathlib import Path

from django.conf import settings

from overread.flows.intake.journal import folder_of
from overread.flows.intake.sources import UNPACKED
from overread.store.models import Intake
from overread.store.models.intake import UNFINISHED


def clear(intake: int) -> None:
    shutil.rmtree(folder_of(intake), ignore_errors=True)


def clear_ended() -> None:
    """What processes left that died before they could clear up."""
    uploads = Path(settings.UPLOADS)
    there = {int(path.name) for path in uploads.glob("*") if path.name.isdecimal()}
    going_on = Intake.objects.filter(pk__in=there, state__in=UNFINISHED)
    for intake in there - set(going_on.values_list("pk", flat=True)):
        clear(intake)
    for path in uploads.glob(f"{UNPACKED}*"):
        if not Path("/proc", path.name.removeprefix(UNPACKED).split("-")[0]).exists():
            shutil.rmtree(path, ignore_errors=True)
