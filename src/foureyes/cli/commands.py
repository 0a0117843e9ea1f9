"""The commands of the main job: thin. They read options, ask the engine and print; they decide nothing."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from foureyes.cli import naming, printing, series_printing
from foureyes.cli.frame import (
    EXISTING_OR_NOT,
    INTERRUPTED,
    asking,
    commands,
    decide,
    decision_options,
    engine_options,
    engine_settings,
    json_option,
    relink,
    rule,
    stop_on_interrupt,
    workbench_database_option,
    workspace_option,
)
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, LockHolder, Workspace
from foureyes.engine.errors import NothingToDo, UsageError
from foureyes.engine.model import NOTHING_IN_FLIGHT, DecisionKind, FaultCode, counted
from foureyes.engine.running.cage import cage_available
from foureyes.engine.settings import EngineSettings


@commands.command()
@workspace_option
def init(folder: Path) -> None:
    """Make a workspace."""
    workspace = Workspace.create(folder)
    click.echo(f"Made the workspace {workspace.path}.")


@commands.command()
@click.argument("paths", nargs=-1, type=EXISTING_OR_NOT)
@click.option("--source", help="Name of the source; by default the name of the path.")
@click.option("--no-link", is_flag=True, help="Take in only; link later with `foureyes link`.")
@click.option("--keep", is_flag=True, help="Copy the originals of all media into the workspace.")
@click.option("--wait", is_flag=True, help="Wait for another writer of the workspace instead of giving up.")
@click.option(
    "--again",
    multiple=True,
    type=click.Choice([code.value for code in FaultCode]),
    metavar="CODE",
    help="Try paths with this fault again.",
)
@json_option
@engine_options
@workspace_option
def ingest(
    paths: tuple[Path, ...],
    source: str | None,
    no_link: bool,
    keep: bool,
    wait: bool,
    again: tuple[str, ...],
    as_json: bool,
    database: str | None,
    workers: int,
    without_cage: bool,
    folder: Path,
) -> int:
    """Take in folders, archives, VICS cases and single files, and link what belongs together.

    Killed or interrupted, the same command goes on where it stood.
    """
    if not paths:
        raise UsageError("Nothing given: name a folder, an archive, a VICS case or a file to take in.")
    settings = engine_settings(database, workers, without_cage=without_cage, keep=keep)
    workspace = Workspace.open_or_create(folder)
    refused: list[UsageError] = []
    unlinked = False
    given = {"--source": source, "--no-link": no_link, "--keep": keep, "--again": again}
    given |= {"--without-cage": without_cage}
    with (
        printing.progress(as_json=as_json) as show,
        stop_on_interrupt(lambda: show.stage in NOTHING_IN_FLIGHT) as stop,
    ):
        for number, path in enumerate(paths, start=1):
            last = number == len(paths)
            try:
                report = pipeline.ingest(
                    path,
                    workspace,
                    settings,
                    source=source,
                    progress=show,
                    with_linking=last and not no_link,
                    stop=stop,
                    on_wait=_say_waiting if wait else None,
                    again=[FaultCode(code) for code in again],
                )
            except UsageError as error:  # the other paths are taken in all the same
                refused.append(error)
                continue
            show.report(report)
            unlinked = report.linking is None
            if report.interrupted:
                return _say_interrupted(paths[number - 1 :], folder, given)
            if not report.skipped and not report.outcomes.get("media"):
                refused.append(
                    NothingToDo(f"No picture or video among the {counted(report.files, 'file')} of {path}.")
                )
        if unlinked and not no_link:
            _link_late(workspace, settings, show, stop)
            if stop.is_set():
                return _say_interrupted(paths[-1:], folder, given)
    _raise_last(refused)
    return 0


@commands.command()
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def status(as_json: bool, database: str | None, folder: Path) -> None:
    """Say what is held, what could not be read, and who is writing now."""
    with asking(folder, database) as catalogue:
        printing.status(catalogue, as_json=as_json)


@commands.command()
@click.option("--code", help="Only faults of this code.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def faults(code: str | None, limit: int, as_json: bool, database: str | None, folder: Path) -> None:
    """List what could not be read, and why."""
    with asking(folder, database) as catalogue:
        printing.faults(catalogue, code, limit, as_json=as_json)


@commands.command()
@click.option(
    "--quick", is_flag=True, help="Look at no picture: go by what earlier linkings found, and by decisions."
)
@click.option("--whole", is_flag=True, help="Link everything anew, however little came since.")
@json_option
@engine_options
@workspace_option
def link(
    quick: bool,
    whole: bool,
    as_json: bool,
    database: str | None,
    workers: int,
    without_cage: bool,
    folder: Path,
) -> None:
    """Link what is held, obeying every decision.

    Where 50,000 media and more are held and few came since the last linking, those are linked with what is
    near them, and strengths between all others stand; the notes say so. Everything is linked anew with
    --whole, and by itself after a quarter more came, or when what linking goes by has changed.

    What looks alike is verified point by point, from the originals where they are at hand; each pair once.
    Interrupted, what was verified stands, and the same command goes on.
    """
    settings = engine_settings(database, workers, without_cage=without_cage)
    with (
        Catalogue.open(Workspace.open(folder), settings, write=True, purpose="link") as catalogue,
        printing.progress(as_json=as_json) as show,
    ):
        report = pipeline.link(catalogue, show, None if quick else settings, whole=whole)
    printing.linking(report, as_json=as_json)


@commands.command()
@click.argument("show", required=False)
@click.option("--write", "target", type=EXISTING_OR_NOT, help="Write all series to a .csv or .json file.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def series(
    show: str | None, target: Path | None, limit: int, as_json: bool, database: str | None, folder: Path
) -> None:
    """List the series with what holds them; with an id or a name, show that one."""
    with asking(folder, database) as catalogue:
        if target is not None:
            written = printing.write_series(catalogue, target)
            click.echo(f"Wrote {written} series to {target}.")
        elif show is not None:
            series_printing.one_series(catalogue, naming.named_series(catalogue, show), as_json=as_json)
        else:
            printing.series_table(catalogue, limit, as_json=as_json)


@commands.command()
@click.argument("a")
@click.argument("b")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def explain(a: str, b: str, as_json: bool, database: str | None, folder: Path) -> None:
    """Say hop by hop why two media are together, or what is nearest to linking them.

    A and B are SHA-256 (from 4 digits), paths as they were taken in, or files on this machine.
    """
    with asking(folder, database) as catalogue:
        first, second = naming.named_media(catalogue, a), naming.named_media(catalogue, b)
        series_printing.explanation(catalogue, pipeline.explain(catalogue, first, second), as_json=as_json)


@commands.command()
@click.argument("series_id", metavar="SERIES")
@click.argument("name")
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def name(series_id: str, name: str, database: str | None, folder: Path) -> None:
    """Give a series a name; it stays through every later run."""
    with asking(folder, database) as catalogue:
        one = naming.named_series(catalogue, series_id)
        catalogue.rename_series(one.id, name, getpass.getuser())
        click.echo(f"{one.id} is now called {name!r}.")


@decide.command()
@click.argument("series_id", metavar="SERIES")
@click.argument("media", nargs=-1, required=True)
@decision_options
def belongs(series_id: str, media: tuple[str, ...], **who: Any) -> None:
    """These media belong to SERIES."""
    rule(DecisionKind.BELONGS, (series_id,), media, **who)


@decide.command("does-not-belong")
@click.argument("series_id", metavar="SERIES")
@click.argument("media", nargs=-1, required=True)
@workbench_database_option
@decision_options
def does_not_belong(series_id: str, media: tuple[str, ...], **who: Any) -> None:
    """These media do not belong to SERIES."""
    rule(DecisionKind.DOES_NOT_BELONG, (series_id,), media, **who)


@decide.command()
@click.argument("series_ids", metavar="SERIES SERIES…", nargs=-1, required=True)
@workbench_database_option
@decision_options
def merge(series_ids: tuple[str, ...], **who: Any) -> None:
    """These series are one."""
    rule(DecisionKind.MERGE, series_ids, (), **who)


@decide.command()
@click.argument("series_id", metavar="SERIES")
@click.argument("media", nargs=-1, required=True)
@workbench_database_option
@decision_options
def split(series_id: str, media: tuple[str, ...], **who: Any) -> None:
    """These members leave SERIES together and are a series of their own."""
    rule(DecisionKind.SPLIT, (series_id,), media, **who)


@decide.command()
@click.argument("number", type=int)
@workbench_database_option
@decision_options
def withdraw(
    number: int,
    officer: str,
    reason: str,
    workbench_database: str | None,
    database: str | None,
    folder: Path,
) -> None:
    """Withdraw decision NUMBER; what it forced apart or together is free again."""
    from foureyes.workbench import ruling  # noqa: PLC0415 -- Django takes a second that other commands save

    with asking(folder, database) as catalogue:
        ruling.refuse_taking_back_alone(folder, number, catalogue.decision(number).kind, workbench_database)
        catalogue.withdraw_decision(number, officer=officer, reason=reason)
    relink(folder, database, f"Decision {number} is withdrawn.")


@decide.command("list")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def list_decisions(as_json: bool, database: str | None, folder: Path) -> None:
    """List all decisions, withdrawn ones too."""
    with asking(folder, database) as catalogue:
        printing.decisions(catalogue.decisions(active_only=False), as_json=as_json)


@commands.command()
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def verify(as_json: bool, database: str | None, folder: Path) -> int:
    """Read everything held again and prove it whole."""
    with asking(folder, database) as catalogue:
        return printing.problems(pipeline.verify(catalogue), as_json=as_json)


@commands.command()
@json_option
def cage(as_json: bool) -> int:
    """Say what protection against hostile bytes this machine gives."""
    return printing.cage(cage_available(), as_json=as_json)


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8404, show_default=True, help="0: a free one.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer; more than one with PostgreSQL alone.",
)
@click.option("--first-officer", help="Name of the first officer, where there is none yet; else it is asked.")
@click.option(
    "--first-password",
    envvar="FOUREYES_FIRST_PASSWORD",
    help="The first officer's password where nobody is at the terminal; better given by the environment.",
)
@click.option(
    "--workbench-database", envvar="FOUREYES_WORKBENCH_DATABASE", help="postgresql://… for the pages."
)
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def serve(
    host: str,
    port: int,
    workers: int,
    first_officer: str | None,
    first_password: str | None,
    workbench_database: str | None,
    database: str | None,
    folder: Path,
) -> None:
    """Serve the pages: the board, the series and the media. On loopback unless told otherwise."""
    from foureyes.workbench import serving  # noqa: PLC0415 -- Django takes a second that other commands save

    first = (first_officer, first_password) if first_officer and first_password else first_officer
    serving.serve(
        folder,
        host,
        port,
        database_url=database,
        workbench_database_url=workbench_database,
        workers=workers,
        first_officer=first,
    )


def _link_late(
    workspace: Workspace, settings: EngineSettings, show: printing.Shown, stop: threading.Event
) -> None:
    """Link what was taken in, though the last path was refused."""
    with Catalogue.open(workspace, settings, write=True, purpose="link") as catalogue:
        try:
            show.linking(pipeline.link(catalogue, show, settings, stop=stop))
        except KeyboardInterrupt:
            if not stop.is_set():
                raise


def _say_interrupted(
    left: tuple[Path, ...], folder: Path, given: Mapping[str, str | bool | tuple[str, ...] | None]
) -> int:
    """Tell how the same ingest goes on; gives the exit code."""
    line = printing.command_again("ingest", left, folder, given)
    click.echo(f"Interrupted: what is committed stands. Go on with: {line}", err=True)
    return INTERRUPTED


def _raise_last(refused: Sequence[UsageError]) -> None:
    """Tell of every path that was refused, the last as the command's own error."""
    for said in refused[:-1]:
        click.echo(f"foureyes: {said}", err=True)
    if refused:
        raise refused[-1]


def _say_waiting(holder: LockHolder | None) -> None:
    click.echo(f"Waiting for {holder or 'another writer'}.", err=True)
