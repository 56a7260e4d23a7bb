"""What the browser asks an archive for: kept beside the upload until its worker has fetched it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from overread.core.problems import Message, Refused
from overread.flows.intake.archive_sources import Listed, Matching, Received
from overread.flows.intake.drafts import Progress
from overread.flows.intake.journal import folder_of
from overread.flows.intake.known_archives import archive_called, check_keys, told_to_owners
from overread.flows.intake.remote import Remote, fetched
from overread.flows.intake.storing import Stopped
from overread.pacs.configuration import RECEIVED
from overread.store.models import Intake
from overread.store.queries.people import several_teams
from overread.store.write import write

# In the upload's folder, hidden: no file of an upload's own can be called so.
_ASKED = ".asked"


class Asked(msgspec.Struct, frozen=True):
    """Studies of an archive by what they match or by a list, or what was received.

    `listed` is the name of a file with accession numbers, beside.
    """

    archive: str
    keys: Mapping[str, str] = {}
    listed: str = ""

    def source(self, folder: Path) -> Remote:
        """Raises Refused."""
        if self.archive == RECEIVED:
            return Received()
        with told_to_owners():
            archive = archive_called(self.archive)
        if self.listed:
            return Listed(self.archive, archive, folder / self.listed)
        return Matching(self.archive, archive, check_keys(self.archive, self.keys))


def is_open_to_owners() -> bool:
    """Nothing says whose patients an archive holds, or has sent: where several teams share a
    server, only who runs it asks.
    """
    return not several_teams()


def keep_asked(asked: Asked, folder: Path) -> None:
    """In `folder`, which becomes the upload's. Raises Refused where it can't be asked for."""
    if not is_open_to_owners():
        raise Refused.because(
            Message("Several teams share this server: no archive is asked from here."),
            Message("Ask who runs the server to fetch the studies with overread intake."),
        )
    asked.source(folder)
    (folder / _ASKED).write_bytes(msgspec.json.encode(asked))


def fetch_asked(intake: Intake, progress: Progress) -> None:
    """Where something was asked for and is not here yet. Raises Refused and Stopped."""
    own = folder_of(intake.pk)
    if intake.sources or not (own / _ASKED).is_file():
        return
    asked = msgspec.json.decode((own / _ASKED).read_bytes(), type=Asked)
    with fetched(intake.job, [asked.source(own)], progress) as found:
        intake.sources = [str(path) for path in found.hand_over(intake)]
    looking = Intake.objects.filter(pk=intake.pk, state=Intake.State.LOOKING)
    with write():
        is_wanted = looking.update(sources=intake.sources, done=0, total=0)
    if not is_wanted:
        raise Stopped
