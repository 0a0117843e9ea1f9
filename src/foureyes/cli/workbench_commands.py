"""Commands about the workbench's officers and record: thin, like all others; `workbench.serving` does it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

import click

from foureyes.cli.frame import commands, workbench_database_option, workspace_option
from foureyes.engine.model import counted

ROLES = ("expert", "coordinator", "exchange", "appeal", "trainer", "trainee", "oversight", "administrator")
"""As `workbench.accounts.models.Role` has them (a test compares): naming them must not load Django."""
NO_MEDIA = frozenset({"oversight", "administrator"})


@commands.group()
def audit() -> None:
    """Check, sign and export the record of who saw and did what."""


@audit.command("verify")
@click.option("--expecting", default="", metavar="HASH", help="A head kept elsewhere: finds a cut-off end.")
@workbench_database_option
@workspace_option
def verify_record(expecting: str, workbench_database: str | None, folder: Path) -> None:
    """Walk the audit record from its start; say how long it is and where it ends, or where it breaks."""
    from foureyes.workbench import serving  # noqa: PLC0415 -- Django takes a second that other commands save

    found = serving.verify_record(folder, expected_head=expecting, workbench_database_url=workbench_database)
    if not found.entries:
        click.echo("The audit record is empty: 0 records.")
        return
    click.echo(f"The audit record is whole: {counted(found.entries, 'record')}.")
    click.echo(f"Head {found.head} of {found.at}")


@audit.command("checkpoint")
@workbench_database_option
@workspace_option
def make_checkpoint(workbench_database: str | None, folder: Path) -> None:
    """Sign the record as it stands, and write the signed root to FOUREYES_RECORD_OUT."""
    from foureyes.workbench import recording  # noqa: PLC0415 -- Django takes a second that other commands save

    made = recording.checkpoint(folder, workbench_database_url=workbench_database)
    what = "Signed" if made.new else "Nothing was recorded since the last checkpoint"
    click.echo(f"{what}: {counted(made.size, 'record')} at {made.at}, root {made.root}")
    if not made.place:
        click.echo("It stays here: FOUREYES_RECORD_OUT names no place that leaves this machine.", err=True)
    elif made.left:
        click.echo(f"{made.left} left to {made.place}")


@audit.command("key")
@workbench_database_option
@workspace_option
def print_key(workbench_database: str | None, folder: Path) -> None:
    """Print the public key that signs the record: hand it to whoever is to check it later."""
    from foureyes.workbench import recording  # noqa: PLC0415 -- as above

    click.echo(recording.public_key(folder, workbench_database_url=workbench_database))


@audit.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=False))
@click.option("--since", default="", metavar="NUMBER|DAY", help="Begin behind the last checkpoint of then.")
@workbench_database_option
@workspace_option
def export_record(file: TextIO, since: str, workbench_database: str | None, folder: Path) -> None:
    """Write entries and checkpoints to FILE as JSON Lines (- for the terminal). The export is recorded."""
    from foureyes.workbench import recording  # noqa: PLC0415 -- as above

    first, last = recording.export(folder, file, since, workbench_database_url=workbench_database)
    click.echo(f"Records {first:,} to {last:,} are written.", err=True)


@audit.command("prove")
@click.argument("entries", nargs=-1, type=click.IntRange(min=1))
@click.option("--checkpoint", "old", type=click.IntRange(min=1), help="Prove that this one still holds.")
@workbench_database_option
@workspace_option
def prove(entries: tuple[int, ...], old: int | None, workbench_database: str | None, folder: Path) -> None:
    """Print a proof that single ENTRIES are in the signed record, without showing any other.

    With --checkpoint SIZE: a proof that the record of that checkpoint is the beginning of the one of today.
    """
    from foureyes.workbench import recording  # noqa: PLC0415 -- as above

    if bool(entries) == bool(old):
        raise click.UsageError("Name entries, or a checkpoint with --checkpoint.")
    recording.prove(folder, sys.stdout, entries, old or 0, workbench_database_url=workbench_database)


@audit.command("verifier")
def print_verifier() -> None:
    """Print the offline verifier: one Python file that needs the exported record and the public key only."""
    from foureyes.workbench import recording  # noqa: PLC0415 -- as above

    click.echo(recording.verifier(), nl=False)


@commands.group()
def officer() -> None:
    """Make the officers who sign in to the pages, and list them."""


@officer.command("add")
@click.argument("name")
@click.option("--unit", required=True, metavar="AGENCY", help="Their unit; made where it is new.")
@click.option("--country", default="", metavar="XX", help="Two letters; left out for an international unit.")
@click.option(
    "--holds-workspace", is_flag=True, help="First officer only: the unit sees all of the workspace."
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(ROLES),
    help="What they are here to do; may be given several times. An expert where none is named.",
)
@click.option("--must-change", is_flag=True, help="They choose their own password at their first sign-in.")
@workbench_database_option
@workspace_option
def add_officer(
    name: str,
    unit: str,
    country: str,
    holds_workspace: bool,
    roles: tuple[str, ...],
    must_change: bool,
    workbench_database: str | None,
    folder: Path,
) -> None:
    """Make the officer NAME. The password is asked twice, or comes from FOUREYES_PASSWORD.

    Officers of a unit that does not hold the workspace see nothing but what is assigned to their unit.
    Administrators make units and officers on the page "People"; they and oversight see no media.
    """
    from foureyes.workbench import serving  # noqa: PLC0415 -- as above

    serving.prepare(folder, workbench_database_url=workbench_database)
    password = os.environ.get("FOUREYES_PASSWORD")
    made, new = serving.add_officer(
        name,
        password,
        unit,
        country,
        holds_workspace=holds_workspace,
        roles=roles,
        must_change_password=must_change,
    )
    click.echo(f"Officer {made.username} of {'the new unit ' if new else ''}{made.unit} made.")
    if not made.roles.isdisjoint(NO_MEDIA):
        click.echo("They see no media.")
    elif made.unit.holds_workspace:
        click.echo("This unit holds the workspace: they see all of it.")
    else:
        click.echo("They see the series that are assigned to this unit, and nothing else.")


@officer.command("list")
@workbench_database_option
@workspace_option
def list_officers(workbench_database: str | None, folder: Path) -> None:
    """List the officers and their units."""
    from foureyes.workbench import serving  # noqa: PLC0415 -- as above

    serving.prepare(folder, workbench_database_url=workbench_database)
    known = serving.officers()
    if not known:
        click.echo("No officer yet: `foureyes serve` asks for the first one.")
    for one in known:
        notes = ["holds the workspace"] * one.unit.holds_workspace + ["may not sign in"] * (not one.is_active)
        if one.roles != {"expert"}:
            notes.append(", ".join(sorted(one.roles)) or "no role")
        click.echo(" - ".join([f"{one.username}: {one.unit}", *notes]))


@officer.command("roles")
@click.argument("name")
@click.argument("roles", nargs=-1, type=click.Choice(ROLES))
@click.option("--none", "no_role", is_flag=True, help="Take every role away.")
@workbench_database_option
@workspace_option
def officer_roles(
    name: str, roles: tuple[str, ...], no_role: bool, workbench_database: str | None, folder: Path
) -> None:
    """Say what roles the officer NAME has, or give exactly these ROLES, at once.

    The last administrator keeps that role: make another one first.
    """
    from foureyes.workbench import serving  # noqa: PLC0415 -- as above

    serving.prepare(folder, workbench_database_url=workbench_database)
    wanted = () if no_role else roles or None
    held = serving.officer_roles(name, wanted)
    click.echo(f"{name}: {', '.join(held) or 'no role'}")


@officer.command("reset")
@click.argument("name")
@workbench_database_option
@workspace_option
def reset_officer(name: str, workbench_database: str | None, folder: Path) -> None:
    """Let the officer NAME sign in by password alone: unlock, and take every second factor away.

    For whoever lost theirs and finds no administrator. All their sessions end; it is recorded.
    """
    from foureyes.workbench import serving  # noqa: PLC0415 -- as above

    serving.prepare(folder, workbench_database_url=workbench_database)
    count = serving.reset_officer(name)
    click.echo(f"{name} is unlocked; second factors taken away: {count}.")
