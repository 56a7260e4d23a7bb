"""Who belongs where."""

from django.db.models import QuerySet

from overread.store.models import Team, User
from overread.store.models.people import Role


def teams_owned(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user, memberships__role=Role.OWNER)


def demo_accounts_exist() -> bool:
    return User.objects.filter(is_demo=True).exists()
