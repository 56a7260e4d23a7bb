"""Who belongs where."""

from django.db.models import QuerySet

from overread.store.models import Custodian, Team, User
from overread.store.models.people import Role


def teams_owned(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user, memberships__role=Role.OWNER)


def custody_of(user: User) -> Custodian | None:
    """The table of identities that this person guards."""
    return user.custodies.select_related("team").order_by("pk").first()


def demo_accounts_exist() -> bool:
    return User.objects.filter(is_demo=True).exists()
