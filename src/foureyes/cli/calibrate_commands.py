"""The command `foureyes calibrate`: are the strengths of links right, and what should they be. Thin."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from foureyes.cli import printing
from foureyes.cli.frame import EXISTING_OR_NOT, commands, json_option, workspace_option
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.calibrating import CalibrationReport

SHOWN = 10


@commands.command()
@click.option("--labels", type=EXISTING_OR_NOT, help="CSV file with the columns path and group.")
@click.option("--source", help="Source that its paths are of.")
@click.option("--use", "use_it", is_flag=True, help="Let linking go by what comes of it, and link anew.")
@click.option("--reset", is_flag=True, help="Go back to the calibration that came with Foureyes.")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def calibrate(
    labels: Path | None,
    source: str | None,
    use_it: bool,
    reset: bool,
    as_json: bool,
    database: str | None,
    folder: Path,
) -> None:
    """Check whether links are as sure as they say.

    What they say is set beside what people know: by their rulings in this workspace (belongs, merge, split,
    does-not-belong), or by a file of --labels. What it should be is written to a dated file of the workspace;
    linking goes by that only with --use.
    """
    workspace = Workspace.open(folder)
    if reset:
        _reset(workspace, any((labels, source, use_it)))
        return
    if (labels is None) != (source is None):
        raise UsageError("--labels and --source belong together: the source says where its paths lie.")
    settings = EngineSettings(database_url=database)
    with (
        Catalogue.open(workspace, settings, write=True, purpose="calibrate") as catalogue,
        printing.progress(as_json=as_json) as show,
    ):
        report = pipeline.calibrate(
            catalogue, None if labels is None or source is None else (labels, source), show
        )
        printing.put({"calibration": _plain(report)}) if as_json else _say(catalogue, report)
        if use_it:
            pipeline.use_calibration(workspace, report.file)
            show.linking(pipeline.link(catalogue, show))
        elif not as_json:
            click.echo("Nothing is changed: the same command with --use lets linking go by it.")


def _reset(workspace: Workspace, others: bool) -> None:
    if others:
        raise UsageError(
            "--reset goes with no other option: it forgets what is in use, and measures nothing."
        )
    there = pipeline.reset_calibration(workspace)
    said = "The shipped calibration counts again." if there else "The shipped calibration is in use already."
    click.echo(f"{said} `foureyes link` links by it.")


def _say(catalogue: Catalogue, report: CalibrationReport) -> None:
    made = report.made
    click.echo(
        f"{counted(made.labelled, 'media is', 'media are')} labelled, {made.totals.true:,.0f} of them "
        "belong with another one; "
        f"{counted(round(made.totals.false), 'pair does', 'pairs do')} not belong together."
    )
    if report.not_held:
        paths = counted(report.not_held, "path")
        click.echo(
            f"{paths} of {report.source} {'is' if report.not_held == 1 else 'are'} not held: passed over."
        )
    rows = []
    for one in made.kinds:
        costs = f"{one.before.cllr:.3f}", f"{one.after.cllr:.3f}"
        rows.append((one.kind, f"{one.true:,}", f"{one.false:,}", *costs, "moved" if one.moved else "stands"))
    printing.say_table(("kind", "true links", "false", "cost now", "cost fitted", ""), rows)
    click.echo("Cost: 0 is perfect, 1 says nothing (Cllr). What was said, and what it came to (log10):")
    printing.say_table(
        ("kind", "said", "came to", "true links", "false"),
        [
            (
                one.kind,
                f"{row.said:.1f}",
                f"{'' if row.false else 'over '}{row.observed:.1f}",
                f"{row.true:,}",
                f"{row.false:,}",
            )
            for one in made.kinds
            for row in one.before.bins
        ],
    )
    before, after = report.series
    click.echo(
        f"By it there would be {after:,} series instead of {before:,}, "
        f"of {report.media_in_series[1]:,} media instead of {report.media_in_series[0]:,}."
    )
    _say_crossings(catalogue, report)
    click.echo(f"Written to {report.file}.")


def _say_crossings(catalogue: Catalogue, report: CalibrationReport) -> None:
    new = [one for one in report.crossings if one.after > one.before]
    gone = [one for one in report.crossings if one.after < one.before]
    for said, listed in (("would be linked and are not", new), ("are linked and would not be", gone)):
        click.echo(f"{counted(len(listed), 'pair')} {said}{':' if listed else '.'}")
        for one in listed[:SHOWN]:
            a, b = (printing.first_path(catalogue, end) for end in (one.a, one.b))
            click.echo(f"  {a}  and  {b}: {one.before:.1f} now, {one.after:.1f} then")
        if len(listed) > SHOWN:
            click.echo(f"  … and {len(listed) - SHOWN:,} more: --json lists all.")


def _plain(report: CalibrationReport) -> dict[str, Any]:
    """The report for machines; knots too."""
    made = report.made
    return {
        "file": str(report.file),
        "source": report.source,
        "labelled": made.labelled,
        "not_held": report.not_held,
        "media_with_mates": made.totals.true,
        "false_pairs": made.totals.false,
        "kinds": [asdict(one) for one in made.kinds],
        "crossings": [asdict(one) for one in report.crossings],
        "series": report.series,
        "media_in_series": report.media_in_series,
    }
