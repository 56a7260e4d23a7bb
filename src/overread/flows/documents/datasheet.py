"""What stands beside a data set's images: what a model trained on them could be misled by."""

from django.utils.translation import gettext as _

from overread.core.checks import Mark
from overread.core.proposal import Part, Section, Text, to_markdown
from overread.flows.documents.cleaning import cleaner
from overread.store.models import Job
from overread.store.queries.checks import checked
from overread.store.queries.standing import standing


def datasheet(job: Job) -> str:
    """As Markdown, without the names of files and patients."""
    clean = cleaner(job)
    told = [
        f"- {clean(_(one.words.template).format(**one.words.values))}"
        for one in checked(standing(job))
        if one.check.startswith("label given away") and one.mark != Mark.DONE
    ]
    parts: list[Part] = [Text(text) for text in (_advice(told), "\n".join(told)) if text]
    sections = [
        Section(_("What could tell a model the label"), parts),
        Section(_("How it is split"), [Text(_split())]),
    ]
    return to_markdown(_("Datasheet: {title}").format(title=clean(job.title)), sections, "")


def _advice(told: list[str]) -> str:
    if not told:
        return _("Nothing that was tried beside the picture itself tells the labels beyond chance.")
    return _(
        "Beside what the picture shows, these go with the labels. A model that can get at one of"
        " them learns it instead, and fails elsewhere: leave such columns out, check its answers"
        " on images from another source, and look at where it looks."
    )


def _split() -> str:
    return _(
        "By patient: all images of a person lie in one part, and so do images that show the same"
        " film but for size, brightness, a cut edge or mirroring."
    )
