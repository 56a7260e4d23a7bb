"""The record of who did what."""

from datetime import datetime

from django.db.models import Model

from overread.store.models import AuditEntry, User


def record(
    action: str, subject: Model, *, actor: User | None, at: datetime, **details: object
) -> None:
    """Write an audit entry in the caller's transaction. Details hold no patient's data."""
    name = f"{subject._meta.model_name} {subject.pk}"
    AuditEntry.objects.create(at=at, actor=actor, action=action, subject=name, details=details)
