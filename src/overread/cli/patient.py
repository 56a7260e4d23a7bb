"""overread patient: erase one; say who one is."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from msgspec.structs import asdict

from overread.cli.output import HELD, console, fail, refusals, say
from overread.flows.privacy.erasing import begin_erasing, finish_erasing
from overread.flows.privacy.identities import open_identities
from overread.flows.privacy.waiting import on_its_way, take_away
from overread.store.models import Erasure, Team
from overread.store.queries.privacy import (
    holdings,
    patients_called,
    sealing_custodian,
    teams_knowing,
    uploads_dropped,
)

app = typer.Typer(help="Patients: erase one; say who one is.", no_args_is_help=True)
Key = Annotated[str, typer.Argument(metavar="KEY", help="The patient's key, as the data has it.")]
InTeam = Annotated[int | None, typer.Option("--team", help="The team, where several know the key.")]


@app.command()
def erase(
    key: Key,
    team: InTeam = None,
    only_what_if: Annotated[
        bool, typer.Option("--what-if", help="Erase nothing; say what would go.")
    ] = False,
    uploads: Annotated[
        bool,
        typer.Option(
            "--uploads",
            help="Take away what no job has yet too: the team's uploads, files from archives.",
        ),
    ] = False,
) -> None:
    """Erase a patient: images, cells, answers, and the data sets that hold them.

    What is left says when and by whom, not who. Once more changes nothing.
    """
    at = datetime.now(UTC)
    with refusals():
        found = _team(key, team)
        if only_what_if:
            _say_holdings(found, key)
            return
        begun = begin_erasing(found, key, actor=None, at=at)
        if uploads:
            take_away(found, actor=None, at=at)
        erasure = finish_erasing(begun, at=at)
    _say_erased(erasure)
    if left := on_its_way(found, key):
        console.print(
            _("Still on its way, where nothing says that it holds the patient; make sure:")
        )
        for problem in left:
            console.print(say(problem), markup=False)
        raise typer.Exit(HELD)


@app.command()
def identity(
    key: Key,
    reason: Annotated[str, typer.Option(help="Why; it is written down. Name nobody.")],
    team: InTeam = None,
) -> None:
    """Which child a patient is: asks for the custodian's passphrase, and logs the opening."""
    with refusals():
        found = _team(key, team)
        custodian = sealing_custodian(found)
        if custodian is None:
            raise fail(_("no custodian has chosen a passphrase: nothing is recorded"))
        passphrase = typer.prompt(_("The custodian's passphrase"), hide_input=True, err=True)
        patients = list(patients_called(key, found))
        at = datetime.now(UTC)
        known = open_identities(custodian, patients, passphrase, reason, at=at)
    print(json.dumps([asdict(one) for one in known], indent=2, ensure_ascii=False))


def _team(key: str, team: int | None) -> Team:
    """The one whose patient it is. The key is never repeated: it may be a name."""
    teams = Team.objects.order_by("pk")
    if team is not None:
        chosen = teams.filter(pk=team).first()
        if chosen is None:
            raise fail(_("there is no team {team}").format(team=team))
        return chosen
    knowing = teams_knowing(key, teams)
    if len(knowing) > 1:
        known = ", ".join(str(one.pk) for one in knowing)
        raise fail(_("several teams know this key; add --team: {known}").format(known=known))
    first = knowing.first() or teams.first()
    if first is None:
        raise fail(_("there are no patients yet"))
    return first


def _say_holdings(team: Team, key: str) -> None:
    patient = patients_called(key, team).first()
    if patient is None:
        raise fail(_("No patient has this key."))
    found = holdings(patient)
    print(
        _(
            "Nothing was erased. This would go: {rows} rows in {jobs} jobs, {images} images"
            " ({shared} stay, other rows show them), {datasets} data sets withdrawn."
        ).format(
            rows=found.rows,
            jobs=found.jobs,
            images=found.images,
            shared=found.shared,
            datasets=found.datasets,
        )
    )


def _say_erased(erasure: Erasure) -> None:
    console.print(
        _(
            "Erased: {rows} rows, {images} images ({shared} stay, other rows show them),"
            " {datasets} data sets withdrawn."
        ).format(
            rows=erasure.rows,
            images=erasure.images,
            shared=erasure.shared_images,
            datasets=erasure.datasets,
        )
    )
    for job, count in uploads_dropped(erasure).items():
        console.print(
            _(
                "Dropped: {count} uploads to job {job} that had not ended and may hold the patient."
                " Give them again without."
            ).format(count=count, job=job)
        )
