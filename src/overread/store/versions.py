"""How a version of a design comes into the store."""

from datetime import datetime

from overread.core.design import Design
from overread.store.models import DesignVersion, Job, User


def add_design_version(job: Job, design: Design, actor: User | None, at: datetime) -> DesignVersion:
    return DesignVersion.objects.create(
        job=job,
        number=job.designs.count() + 1,
        document=design.document(),
        created_at=at,
        created_by=actor,
    )
