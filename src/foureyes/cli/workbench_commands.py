"""Commands about the workbench's officers and record: thin, like all others; `workbench.serving` does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from foureyes.cli.commands import commands, workspace_option


def workbench_database_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --workbench-database, as `foureyes serve` has it."""
    return click.option(
        "--workbench-database", envvar="FOUREYES_WORKBENCH_DATABASE", help="postgresql://… for the pages."
    )(command)


@commands.group()
def audit() -> None:
    """Check the record of who saw and did what."""


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
    click.echo(f"The audit record is whole: {found.entries:,} records.")
    click.echo(f"Head {found.head} of {found.at}")
