"""Make a job, and revise its design."""

from datetime import datetime

import msgspec

from overread.core.checks import Approval
from overread.core.design import Design, Instructions
from overread.core.problems import Message, Refused
from overread.flows import audit
from overread.formats.job_templates import job_templates
from overread.store.judging import touch
from overread.store.models import DesignVersion, Job, Team, User
from overread.store.queries.checks import APPROVED
from overread.store.queries.design import current_design
from overread.store.versions import add_design_version
from overread.store.write import write


def create_job(team: Team, *, template: str, title: str, actor: User | None, at: datetime) -> Job:
    """A draft with the template's design and settings.

    Raises Refused for a template that is not there.
    """
    known = job_templates()
    if template not in known:
        raise Refused.because(
            Message("There is no template “{name}”.", name=template),
            Message("Choose one of: {names}.", names=", ".join(known)),
        )
    chosen = known[template]
    with write():
        job = Job.objects.create(
            team=team,
            title=title or chosen.title,
            template=template,
            created_at=at,
            **chosen.settings,
        )
        add_design_version(job, chosen.design, actor, at)
        audit.record("create", job, actor=actor, at=at, template=template)
    return job


def revise_instructions(
    job: Job, instructions: Instructions, *, actor: User | None, at: datetime
) -> DesignVersion:
    """A new design version with these instructions; the same ones change nothing."""
    with write():
        latest = current_design(job)
        design = Design.from_document(latest.document)
        if design.instructions == instructions:
            return latest
        version = add_design_version(
            job, msgspec.structs.replace(design, instructions=instructions), actor, at
        )
        touch(job)
        audit.record("revise design", job, actor=actor, at=at, version=version.number)
    return version


def rename(job: Job, title: str, *, actor: User | None, at: datetime) -> None:
    with write():
        job.title = title
        job.save(update_fields=["title"])
        audit.record("rename", job, actor=actor, at=at)


def approve(job: Job, approval: Approval, *, actor: User | None, at: datetime) -> None:
    """Note who allowed that the job's images are shown to those who are invited.

    Raises Refused where the name or the reference is missing.
    """
    by, reference = approval.by.strip(), approval.reference.strip()
    if not by or not reference:
        raise Refused.because(
            Message("An approval needs who gave it and a reference."),
            Message("Name the person or the board, and the number or date of the decision."),
        )
    with write():
        audit.record(APPROVED, job, actor=actor, at=at, by=by, reference=reference)
