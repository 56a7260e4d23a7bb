"""The jobs of a team."""

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from overread.store.models import Job, Participation, Slot, Unit, User
from overread.store.queries.people import teams_owned


def jobs_of(user: User) -> QuerySet[Job]:
    """The jobs of the user's teams, newest first.

    Each has `rows`, `held`, `judged` (judgments counted), `to_judge` (rows of work),
    `needed` (judgments of all of them), `simulated`.
    """
    return (
        Job.objects.filter(team__in=teams_owned(user))
        .annotate(
            rows=_number(Unit.objects.all(), Count("pk")),
            held=_number(Unit.objects.filter(state="held"), Count("pk")),
            judged=_number(Slot.objects.all(), Sum("counted")),
            to_judge=_number(Slot.objects.all(), Count("pk")),
            needed=F("to_judge") * F("judgments_per_unit"),
            simulated=Exists(Participation.objects.filter(job=OuterRef("pk"), simulated=True)),
        )
        .order_by("-pk")
    )


def _number(of_job: QuerySet[Slot] | QuerySet[Unit], figure: Count | Sum) -> Coalesce:
    rows = of_job.filter(job=OuterRef("pk")).order_by().values("job")
    return Coalesce(Subquery(rows.values(figure=figure)), 0, output_field=IntegerField())
