"""Who belongs where."""

from django.db.models import Exists, OuterRef, QuerySet

from overread.store.models import Custodian, Membership, Team, User
from overread.store.models.people import Role


def teams_owned(user: User) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=user, memberships__role=Role.OWNER)


def several_teams() -> bool:
    return Team.objects.count() > 1


def custody_of(user: User) -> Custodian | None:
    """The table of identities that this person guards."""
    return user.custodies.select_related("team").order_by("pk").first()


def owns_and_guards(user: User) -> tuple[bool, bool]:
    """Whether this person owns a team, and guards identities: for every page's head."""
    owned = Exists(Membership.objects.filter(user=OuterRef("pk"), role=Role.OWNER))
    guarded = Exists(Custodian.objects.filter(user=OuterRef("pk")))
    owns, guards = User.objects.filter(pk=user.pk).values_list(owned, guarded).get()
    return owns, guards


def demo_accounts_exist() -> bool:
    return User.objects.filter(is_demo=True).exists()
