"""`foureyes find`: a thing that somebody marked in one picture, searched in all that is held. Thin."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from foureyes.cli import printing
from foureyes.cli.frame import commands, engine_options, engine_settings, json_option, workspace_option
from foureyes.cli.naming import named_media
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Box, RegionMatch, counted

NOTHING_FOUND = 3
SIDES = 4
PATHS_SHOWN = 3


@commands.command()
@click.argument("media", metavar="MEDIA")
@click.argument("region", metavar="LEFT,TOP,RIGHT,BOTTOM")
@click.option("--at", "at_seconds", type=click.FloatRange(0), default=0.0, help="The second of a film.")
@click.option("--all", "everything", is_flag=True, help="Look at every media there is.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Media told of.")
@json_option
@engine_options
@workspace_option
def find(
    media: str,
    region: str,
    at_seconds: float,
    everything: bool,
    limit: int,
    as_json: bool,
    database: str | None,
    workers: int,
    without_cage: bool,
    folder: Path,
) -> int:
    """Say where a thing in a picture is seen again.

    MEDIA is a path as it was taken in, a file here, or digits of the SHA-256. The thing (a wallpaper, a toy,
    a bag) is inside a region: its left, top, right and bottom, each from 0 (left, top) to 1 (right, bottom).
    Ends with 3 where nothing is found.
    """
    box = box_of(region)
    settings = engine_settings(database, workers, without_cage=without_cage)
    with Catalogue.open(Workspace.open(folder), settings) as catalogue:
        sha256 = named_media(catalogue, media)
        with printing.progress(as_json=as_json) as show:
            found = pipeline.find_region(
                catalogue, sha256, box, settings, at_seconds=at_seconds, everything=everything, progress=show
            )
        matches = found.matches[:limit]
        if as_json:
            plain = [{**asdict(one), "paths": printing.paths(catalogue, one.sha256)} for one in matches]
            said = {"compared": found.compared, "held": found.held, "notes": found.notes, "matches": plain}
            click.echo(json.dumps(said, ensure_ascii=False))
        else:
            _say(catalogue, matches, len(found.matches))
            click.echo(f"{found.compared:,} of {counted(found.held, 'media was', 'media were')} looked at.")
            for note in found.notes:
                click.echo(f"  {note}")
            if not everything and found.compared < found.held:
                click.echo("  --all looks at every one.")
    return 0 if found.matches else NOTHING_FOUND


def box_of(region: str) -> Box:
    """The sides that somebody typed. Raises UsageError where they are not four numbers."""
    try:
        sides = [float(one) for one in region.split(",")]
    except ValueError:
        sides = []
    if len(sides) != SIDES:
        raise UsageError("A region is left,top,right,bottom, each from 0 to 1: 0.1,0.2,0.4,0.5.")
    return sides[0], sides[1], sides[2], sides[3]


def _say(catalogue: Catalogue, matches: tuple[RegionMatch, ...], count: int) -> None:
    where = f"in {counted(count, 'other media', 'other media')}" if count else "nowhere else"
    click.echo(f"The thing is seen {where}.")
    for one in matches:
        x, y = zip(*one.place, strict=True)
        where = (
            f"{_percent(min(x))}-{_percent(max(x))} % across, {_percent(min(y))}-{_percent(max(y))} % down"
        )
        at = f", at {one.at_seconds:.1f} s" if one.at_seconds else ""
        turned = ", mirrored" if one.mirrored else ""
        small = ", by its thumbnail" if one.small else ""
        click.echo(
            f"  {one.sha256}  {counted(one.inliers, 'point agrees', 'points agree')}: "
            f"{where}{at}{turned}{small}"
        )
        if (home := catalogue.series_of(one.sha256)) is not None:
            click.echo(f"    in {home.id} {printing.clean(home.name)}")
        for record in catalogue.occurrences(one.sha256)[:PATHS_SHOWN]:
            click.echo(f"    {printing.clean(record.source)}: {printing.clean(record.occurrence.path)}")


def _percent(part: float) -> int:
    return round(100 * min(1.0, max(0.0, part)))
