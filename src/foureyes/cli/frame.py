"""What all commands stand in: the group `foureyes`, its options, Ctrl-C, and rulings that take effect.

It knows no command.
"""

from __future__ import annotations

import getpass
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click
import platformdirs

from foureyes import __version__
from foureyes.cli import naming
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import DecisionKind
from foureyes.engine.settings import EngineSettings

INTERRUPTED = 130

EXISTING_OR_NOT = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="foureyes")
def commands() -> None:
    """Foureyes turns seized images and videos into series that a taskforce can solve together.

    Start with `foureyes ingest FOLDER`, then `foureyes series` and `foureyes serve`.
    """


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --workspace to a command."""
    return click.option(
        "--workspace",
        "-w",
        "folder",
        type=EXISTING_OR_NOT,
        envvar="FOUREYES_WORKSPACE",
        default=lambda: platformdirs.user_data_path("foureyes", appauthor=False),
        show_default="the platform's data folder",
        help="Folder that holds everything Foureyes knows.",
    )(command)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how the engine works."""
    for option in (
        click.option(
            "--database",
            envvar="FOUREYES_DATABASE",
            help="Catalogue in PostgreSQL (postgresql+psycopg://…) instead of the workspace's SQLite.",
        ),
        click.option(
            "--workers", type=click.IntRange(1, 256), default=os.cpu_count() or 2, show_default=True
        ),
        click.option(
            "--without-cage",
            is_flag=True,
            help="Decode even where this machine cannot cage hostile bytes. Said in every report.",
        ),
    ):
        command = option(command)
    return command


def engine_settings(
    database: str | None, workers: int, *, without_cage: bool, keep: bool = False
) -> EngineSettings:
    """What `engine_options` say; networks are kept where this account keeps what can be made anew."""
    return EngineSettings(
        workers=workers,
        database_url=database,
        allow_uncaged=without_cage,
        keep_originals=keep,
        models=platformdirs.user_cache_path("foureyes", appauthor=False) / "models",
    )


json_option = click.option("--json", "as_json", is_flag=True, help="For machines: JSON instead of words.")


@commands.group()
def decide() -> None:
    """Rule what belongs together. A decision binds every later run until it is withdrawn."""


def decision_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add who and why, which every decision keeps."""
    command = click.option("--reason", "-m", required=True, help="Why; kept with the decision.")(command)
    command = click.option("--officer", default=getpass.getuser, show_default="your account", help="Who.")(
        command
    )
    command = click.option("--database", envvar="FOUREYES_DATABASE")(command)
    return workspace_option(command)


def workbench_database_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --workbench-database, as `foureyes serve` has it."""
    return click.option(
        "--workbench-database", envvar="FOUREYES_WORKBENCH_DATABASE", help="postgresql://… for the pages."
    )(command)


@contextmanager
def stop_on_interrupt(idle: Callable[[], bool] = lambda: False) -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a wish to stop; the second one interrupts at once.

    So does the first where `idle` says that nothing is in flight which could be finished.
    """
    stop = threading.Event()

    def wish(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)
        if idle():
            raise KeyboardInterrupt
        click.echo("Finishing what is in flight; Ctrl-C again stops at once.", err=True)

    before = signal.signal(signal.SIGINT, wish)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def asking(folder: Path, database: str | None) -> Catalogue:
    """The catalogue, to ask it and to record decisions; never waits for an ingest."""
    return Catalogue.open(Workspace.open(folder), EngineSettings(database_url=database))


def rule(
    kind: DecisionKind,
    series_ids: tuple[str, ...],
    media: tuple[str, ...],
    officer: str,
    reason: str,
    database: str | None,
    folder: Path,
    workbench_database: str | None = None,
) -> None:
    """Record a ruling on what was named, and let it take effect; what takes two officers is refused."""
    from foureyes.workbench import ruling  # noqa: PLC0415 -- Django takes a second that other commands save

    with asking(folder, database) as catalogue:
        about = [naming.named_series(catalogue, one) for one in series_ids]
        ids, sizes = [one.id for one in about], [len(one.members) for one in about]
        named = [naming.named_media(catalogue, one) for one in media]
        ruling.refuse_alone(folder, kind, sizes, len(set(named)), workbench_database)
        decision = pipeline.decide(catalogue, kind, ids, named, officer=officer, reason=reason)
    relink(folder, database, f"Decision {decision.id} is recorded: {kind.value}.")


def relink(folder: Path, database: str | None, said: str) -> None:
    """Let a decision take effect at once; while an ingest is writing, its own linking does it."""
    workspace = Workspace.open(folder)
    if (holder := workspace.holder()) is not None:
        click.echo(
            f"{said} It takes effect with the next linking: that of {holder.purpose}, or `foureyes link`."
        )
        return
    with Catalogue.open(
        workspace, EngineSettings(database_url=database), write=True, purpose="decide"
    ) as catalogue:
        pipeline.link(catalogue)
    click.echo(said)
