"""Commands about hash lists and about what changed: thin, like all others; the engine does the work."""

from __future__ import annotations

import getpass
import json
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from foureyes.cli import list_printing, printing
from foureyes.cli.frame import (
    EXISTING_OR_NOT,
    asking,
    commands,
    decide,
    decision_options,
    json_option,
    relink,
    rule,
    workbench_database_option,
    workspace_option,
)
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import DecisionKind, ListFault, ListKind, NewList, Progress, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.listing import Reading

PROGRESS_SECONDS = 5.0
FAULTS_SHOWN = 20
FREE_CODES = frozenset({"H0", "H1"})
"""Handling codes of lists that one person may export."""

database_option = click.option("--database", envvar="FOUREYES_DATABASE")


@commands.group()
def hashlist() -> None:
    """Add hash lists and withdraw them; everything held is checked against every list."""


@hashlist.command("add")
@click.argument("file", type=EXISTING_OR_NOT)
@click.option("--name", required=True, help="What people call it; versions of one list share it.")
@click.option(
    "--kind",
    required=True,
    type=click.Choice([kind.value for kind in ListKind]),
    help="known: told to people. irrelevant: out of linking and of sight. negative: links nothing.",
)
@click.option("--origin", default="", help="Who made it.")
@click.option("--handling", default="H1", show_default=True, type=click.Choice(["H0", "H1", "H2", "H3"]))
@click.option("--list-version", default="", metavar="TEXT", help="Version that its maker gave it.")
@click.option("--format", "form", help="Format of the file; told by its content, if not given.")
@click.option("--profile", default="vics", show_default=True, help="Table that says what its codes mean.")
@click.option(
    "--jurisdiction", default="", help="Told to people as its jurisdiction; the profile's, if not given."
)
@click.option("--strict", is_flag=True, help="Refuse the whole list at its first broken record.")
@click.option("--no-link", is_flag=True, help="Add only; check and link later with `foureyes link`.")
@click.option("--officer", default=getpass.getuser, show_default="your account", help="Who adds it.")
@click.option("--without-cage", is_flag=True, help="Read even where this machine cannot cage hostile bytes.")
@json_option
@database_option
@workspace_option
def add_list(
    file: Path,
    name: str,
    kind: str,
    origin: str,
    handling: str,
    list_version: str,
    form: str | None,
    profile: str,
    jurisdiction: str,
    strict: bool,
    no_link: bool,
    officer: str,
    without_cage: bool,
    as_json: bool,
    database: str | None,
    folder: Path,
) -> None:
    """Add the hash list FILE, and check everything held against it.

    Records that cannot be taken are named by number and line and left out, or with --strict nothing is taken.
    """
    settings = EngineSettings(database_url=database, allow_uncaged=without_cage)
    meta = NewList(name, ListKind(kind), form or "", officer, origin, handling, list_version, jurisdiction)
    reading = Reading(form, profile, strict)
    told = _Told(as_json=as_json)
    with Catalogue.open(
        Workspace.open_or_create(folder), settings, write=True, purpose="hashlist add"
    ) as catalogue:
        added = pipeline.add_list(
            catalogue, file, meta, settings, reading=reading, progress=told, on_fault=told.fault
        )
        list_printing.added(added, as_json=as_json)
        if no_link:
            return
        with printing.progress(as_json=as_json) as show:
            show.linking(pipeline.link(catalogue, show))
        list_printing.hit(catalogue, added, as_json=as_json)


@hashlist.command("list")
@json_option
@database_option
@workspace_option
def list_lists(as_json: bool, database: str | None, folder: Path) -> None:
    """List all hash lists, withdrawn ones too."""
    with asking(folder, database) as catalogue:
        list_printing.lists(catalogue, as_json=as_json)


@hashlist.command("show")
@click.argument("number", metavar="ID", type=int)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@database_option
@workspace_option
def show_list(number: int, limit: int, as_json: bool, database: str | None, folder: Path) -> None:
    """Show one list, the media that are on it, and the records that could not be taken."""
    with asking(folder, database) as catalogue:
        list_printing.one_list(catalogue, number, limit, as_json=as_json)


@hashlist.command("withdraw")
@click.argument("number", metavar="ID", type=int)
@decision_options
def withdraw_list(number: int, officer: str, reason: str, database: str | None, folder: Path) -> None:
    """Withdraw list ID with everything that it caused; that it was held stays on record."""
    with asking(folder, database) as catalogue:
        one = pipeline.withdraw_list(catalogue, number, officer=officer, reason=reason)
    relink(folder, database, f"List {number} ({printing.clean(one.name)}) is withdrawn.")


@hashlist.command("export")
@click.argument("number", metavar="ID", type=int)
@click.argument("file", type=EXISTING_OR_NOT)
@click.option("--proposal", type=int, metavar="N", help="Confirmed by a second officer: for H2 and H3.")
@workbench_database_option
@database_option
@workspace_option
def export_list(
    number: int,
    file: Path,
    proposal: int | None,
    workbench_database: str | None,
    database: str | None,
    folder: Path,
) -> None:
    """Write list ID to a new FILE, with every field that its records came with.

    A list of handling code H2 or H3 leaves only by a proposal that a second officer confirmed.
    """
    with asking(folder, database) as catalogue:
        one = catalogue.hash_list(number)
        if one.handling_code not in FREE_CODES:
            _release(number, one.handling_code, proposal, folder, workbench_database)
        written = pipeline.export_list(catalogue, number, file)
    click.echo(f"Wrote {counted(written, 'record')} to {file}. Handling code {one.handling_code}.")


def _release(
    number: int, code: str, proposal: int | None, folder: Path, workbench_database: str | None
) -> None:
    from foureyes.workbench import serving  # noqa: PLC0415 -- Django takes a second that other commands save

    if proposal is None:
        raise UsageError(
            f"List {number} has handling code {code}: an exchange officer proposes its export in the "
            "workbench (Confirm), a second officer confirms it, and --proposal N names it here."
        )
    serving.prepare(folder, workbench_database_url=workbench_database)
    serving.release_list(number, proposal)


@decide.command("negative")
@click.argument("media", nargs=-1, required=True)
@decision_options
def rule_negative(media: tuple[str, ...], **who: Any) -> None:
    """These media's pictures link nothing: a logo, a meme, a title frame. They stay in sight."""
    rule(DecisionKind.NEGATIVE, (), media, **who)


@commands.command()
@click.option("--since", default="0", metavar="ID|DATE", help="Number of a change, or a day or time.")
@json_option
@database_option
@workspace_option
def changes(since: str, as_json: bool, database: str | None, folder: Path) -> None:
    """List what new media, hash lists and rulings changed. With --json, one object a line.

    A time without its offset from UTC is this machine's.
    """
    with asking(folder, database) as catalogue:
        list_printing.changes(pipeline.changes(catalogue, _moment(since)), as_json=as_json)


def _moment(since: str) -> int | datetime:
    if since.isdecimal():
        return int(since)
    try:
        return datetime.fromisoformat(since).astimezone()
    except ValueError:
        raise UsageError(
            f"{since!r} is neither the number of a change nor a date such as 2026-11-22 or 2026-11-22T17:30."
        ) from None


class _Told:
    """Progress and faults of reading a list, on standard error; with --json as objects on standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._last = time.monotonic()
        self._faults = 0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < PROGRESS_SECONDS:
            return
        self._last = now
        if self._as_json:
            click.echo(json.dumps({"progress": asdict(progress)}))
        else:
            click.echo(f"{counted(progress.files, 'record')} read, {progress.faults:,} left out", err=True)

    def fault(self, fault: ListFault) -> None:
        self._faults += 1
        if self._as_json:
            click.echo(json.dumps({"fault": asdict(fault)}))
        elif self._faults <= FAULTS_SHOWN:
            click.echo(f"record {fault.record:,}, line {fault.line:,}: {fault.detail}", err=True)
        elif self._faults == FAULTS_SHOWN + 1:
            click.echo("more are left out: `foureyes hashlist show` lists them when it is added", err=True)
