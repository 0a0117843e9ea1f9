"""Commands about regions that do not count when views are verified, such as persons. Thin."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import Any

import click

from foureyes.cli import printing
from foureyes.cli.frame import (
    EXISTING_OR_NOT,
    asking,
    commands,
    engine_options,
    engine_settings,
    json_option,
    workspace_option,
)
from foureyes.cli.naming import named_media
from foureyes.cli.region_commands import box_of
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import HiddenRegion, NewRegion, RegionFault, counted
from foureyes.engine.settings import EngineSettings

FAULTS_SHOWN = 20
DIGITS = 12
EVERY_NUMBER = 2**62


@dataclass(frozen=True, slots=True)
class Recording:
    """Who records something in which workspace, and whether links follow at once."""

    officer: str
    no_link: bool
    folder: Path
    settings: EngineSettings

    def catalogue(self) -> Catalogue:
        """To ask it and to record in it."""
        return asking(self.folder, self.settings.database_url)


def recording_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add who records it, and whether links follow at once; the command is given a `Recording`."""

    @wraps(command)
    def recording(
        *,
        officer: str,
        no_link: bool,
        database: str | None,
        workers: int,
        without_cage: bool,
        folder: Path,
        **others: Any,
    ) -> Any:
        settings = engine_settings(database, workers, without_cage=without_cage)
        return command(recording=Recording(officer, no_link, folder, settings), **others)

    options: Callable[..., Any] = recording
    for option in (
        click.option("--officer", default=getpass.getuser, show_default="your account", help="Who."),
        click.option("--no-link", is_flag=True, help="Record only; link later with `foureyes link`."),
        engine_options,
        workspace_option,
    ):
        options = option(options)
    return options


@commands.group()
def hidden() -> None:
    """Hide regions from the comparison of views, so that the background decides: persons, screens.

    They stay in sight. Links follow at once, and only pairs of which regions changed are compared anew.
    """


@hidden.command("add")
@click.argument("media", metavar="MEDIA")
@click.argument("region", metavar="LEFT,TOP,RIGHT,BOTTOM")
@click.option("--why", default="person", show_default=True, help="What is there, in a word or two.")
@click.option("--at", "at_seconds", type=click.FloatRange(0), help="The second of a film; else all of it.")
@recording_options
def add_region(
    media: str,
    region: str,
    why: str,
    at_seconds: float | None,
    recording: Recording,
) -> None:
    """Hide one region of MEDIA.

    MEDIA is a path as it was taken in, a file here, or digits of the SHA-256. The region is its left, top,
    right and bottom, each from 0 (left, top) to 1 (right, bottom) of the upright picture.
    """
    with recording.catalogue() as catalogue:
        one = NewRegion(named_media(catalogue, media), box_of(region), why, at_seconds)
        made = catalogue.hide([one], officer=recording.officer)
    said = f"Region {made.first} is hidden." if made.recorded else "That region is hidden already."
    _follow(said, recording)


@hidden.command("read")
@click.argument("file", type=EXISTING_OR_NOT)
@click.option("--tool", required=True, help="What found them: its name and version.")
@click.option("--strict", is_flag=True, help="Take nothing where one line cannot be taken.")
@recording_options
def read_file(
    file: Path,
    tool: str,
    strict: bool,
    recording: Recording,
) -> None:
    """Hide the regions that a detector wrote to FILE.

    FILE is CSV, or has a JSON object on each line. The columns or fields are sha256, left, top, right,
    bottom, why and, for a moment of a film, at (its second). The sides go from 0 to 1. The first line of a
    CSV file may name its columns. Lines that cannot be taken are named by number and passed over; a file
    read twice is recorded once.
    """
    faults = _Faults()
    with recording.catalogue() as catalogue:
        made = pipeline.hide_file(
            catalogue, file, officer=recording.officer, tool=tool, strict=strict, on_fault=faults
        )
    said = [f"{counted(made.recorded, 'region')} recorded"]
    if made.recorded:
        said[0] += f", number {made.first:,} to {made.last:,}"
    said += [f"{made.held:,} held already"] * bool(made.held)
    said += [f"{made.withdrawn:,} withdrawn before and not taken again"] * bool(made.withdrawn)
    said += [f"{counted(faults.count, 'line')} passed over"] * bool(faults.count)
    _follow("; ".join(said) + ".", replace(recording, no_link=recording.no_link or not made.recorded))


@hidden.command("list")
@click.argument("media", required=False)
@click.option("--all", "everything", is_flag=True, help="Withdrawn ones too.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Regions told of.")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def list_regions(
    media: str | None, everything: bool, limit: int, as_json: bool, database: str | None, folder: Path
) -> None:
    """List the regions that do not count, of MEDIA or of all. With --json, one object a line and no limit."""
    with asking(folder, database) as catalogue:
        sha256 = None if media is None else named_media(catalogue, media)
        found = catalogue.hidden_regions(sha256, active_only=not everything)
        if as_json:
            for one in found:
                printing.put(asdict(one))
            return
        shown = list(islice(found, limit))
        more = next(found, None) is not None
    if not shown:
        click.echo("No region is hidden." if media is None else "No region of it is hidden.")
        return
    heads = ("number", "media", "left,top,right,bottom", "at", "why", "said by", "state")
    printing.say_table(heads, [_row(one) for one in shown])
    if more:
        click.echo(f"There are more: --limit shows more than {limit:,}.")


@hidden.command("withdraw")
@click.argument("numbers", metavar="NUMBER|FIRST-LAST", required=False)
@click.option("--tool", help="Only what this tool found; without numbers, all of it.")
@click.option("--reason", "-m", required=True, help="Why; kept with the withdrawal.")
@recording_options
def withdraw_regions(
    numbers: str | None,
    tool: str | None,
    reason: str,
    recording: Recording,
) -> None:
    """Let regions count again.

    That they were hidden, by whom and why not any more, stays on record.
    """
    first, last = _range(numbers, tool)
    with recording.catalogue() as catalogue:
        count = catalogue.withdraw_hidden(first, last, officer=recording.officer, reason=reason, tool=tool)
    said = f"{counted(count, 'region')} withdrawn."
    _follow(said, recording)


def _range(numbers: str | None, tool: str | None) -> tuple[int, int]:
    if numbers is None:
        if tool is None:
            raise UsageError("Say which: a number, FIRST-LAST, or --tool.")
        return 1, EVERY_NUMBER
    first, dash, last = numbers.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise UsageError(f"{numbers} is no number of a region, and not FIRST-LAST.")
    return int(first), int(last) if dash else int(first)


def _follow(said: str, recording: Recording) -> None:
    """Say what was recorded, and link by it unless that is for later."""
    click.echo(said)
    if recording.no_link:
        return
    settings, workspace = recording.settings, Workspace.open(recording.folder)
    if (holder := workspace.holder()) is not None:
        click.echo(f"It takes effect with the next linking: that of {holder.purpose}, or `foureyes link`.")
        return
    with (
        Catalogue.open(workspace, settings, write=True, purpose="hidden") as catalogue,
        printing.progress(as_json=False) as show,
    ):
        show.linking(pipeline.link(catalogue, show, settings))


def _row(one: HiddenRegion) -> tuple[str, ...]:
    box = ",".join(f"{side:g}" for side in one.box)
    at = "" if one.at_seconds is None else f"{one.at_seconds:.1f} s"
    state = "" if one.withdrawn_at is None else f"withdrawn by {one.withdrawn_by}: {one.withdrawn_reason}"
    said_by = f"{one.tool} ({one.officer})" if one.tool else one.officer
    return str(one.id), one.sha256[:DIGITS], box, at, one.why, said_by, state


class _Faults:
    """Lines that cannot be taken, told of on standard error."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, fault: RegionFault) -> None:
        self.count += 1
        if self.count <= FAULTS_SHOWN:
            click.echo(f"line {fault.line:,}: {printing.clean(fault.detail)}", err=True)
        elif self.count == FAULTS_SHOWN + 1:
            click.echo("more lines are passed over: their number comes at the end", err=True)
