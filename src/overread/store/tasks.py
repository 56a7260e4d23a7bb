"""The task queue's own database, so that polling it never meets a judgment."""

from django.db.models import Model

APP = "django_tasks_database"
ALIAS = "tasks"


class TaskRouter:
    """Keeps the queue's tables, and nothing else, in the database `tasks`."""

    def db_for_read(self, model: type[Model], **hints: object) -> str | None:
        return ALIAS if model._meta.app_label == APP else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return (db == ALIAS) == (app_label == APP)
