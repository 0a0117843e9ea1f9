"""The command `foureyes join`: every near pair of a file of fingerprints, on one machine or many. Thin."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from foureyes.cli.frame import EXISTING_OR_NOT, INTERRUPTED, commands, json_option, stop_on_interrupt
from foureyes.cli.printing import MACHINE_SECONDS, PLAIN_SECONDS
from foureyes.engine.errors import EngineError, UsageError
from foureyes.engine.matching.ring import MOST_RADIUS
from foureyes.engine.matching.spread import PAIRS, SpreadJoin, spread_join
from foureyes.engine.model import counted
from foureyes.engine.running import EXECUTORS, make_executor
from foureyes.engine.running.manifest import StageProgress
from foureyes.engine.running.store import Place, S3Access

Show = Callable[[StageProgress], None]


def s3_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a bucket is entered."""
    for option in (
        click.option("--s3-secret", envvar="AWS_SECRET_ACCESS_KEY", help="Better given by the environment."),
        click.option("--s3-token", envvar="AWS_SESSION_TOKEN", help="Of a passing session, as above."),
        click.option("--s3-key-id", envvar="AWS_ACCESS_KEY_ID"),
        click.option("--s3-region", envvar="AWS_REGION", default="us-east-1", show_default=True),
        click.option("--s3-endpoint", metavar="URL", help="Of the object store; by default Amazon's."),
    ):
        command = option(command)
    return command


@commands.command()
@click.argument("fingerprints", type=EXISTING_OR_NOT)
@click.option("--out", required=True, metavar="FOLDER|s3://…", help="Where pieces and pairs are written.")
@click.option("--against", type=EXISTING_OR_NOT, help="Join with this file instead of with itself.")
@click.option("--radius", type=click.IntRange(0, MOST_RADIUS), default=31, show_default=True, help="Bits.")
@click.option("--pieces", type=click.IntRange(1), help="Tasks; by default what suits the size.")
@click.option(
    "--executor",
    type=click.Choice([member.name for member in EXECUTORS]),
    default=EXECUTORS[0].name,
    show_default=True,
)
@click.option("--ray-address", metavar="HOST:PORT", help="Join this Ray cluster; else Ray runs here alone.")
@click.option("--workers", type=click.IntRange(1, 4096), default=os.cpu_count() or 2, show_default=True)
@s3_options
@json_option
def join(
    fingerprints: Path,
    out: str,
    against: Path | None,
    radius: int,
    pieces: int | None,
    executor: str,
    ray_address: str | None,
    workers: int,
    as_json: bool,
    **s3: str | None,
) -> int:
    """Find every pair of FINGERPRINTS within a radius, exactly.

    FINGERPRINTS is a NumPy file (.npy), uint8 of shape (n, 32). Killed or interrupted, the same command goes
    on where it stood; a piece that cannot be done is named and does not stop the others.
    """
    place = _place(out, **s3)
    started = time.monotonic()
    with (
        make_executor(executor, workers, ray_address) as running,
        stop_on_interrupt() as stop,
        _progress(as_json) as show,
    ):
        found = spread_join(
            fingerprints, place, running, others=against, radius=radius, pieces=pieces, show=show, stop=stop
        )
    _say(found, place, radius, time.monotonic() - started, as_json)
    if found.stage.interrupted:
        click.echo("Interrupted: what is done stands. Run the same command again to go on.", err=True)
        return INTERRUPTED
    return EngineError.exit_code if found.stage.poisoned else 0


def _place(
    out: str,
    s3_endpoint: str | None,
    s3_region: str | None,
    s3_key_id: str | None,
    s3_secret: str | None,
    s3_token: str | None,
) -> Place:
    """Where to write; keys that stand in the environment concern buckets alone."""
    if not out.startswith("s3://"):
        if s3_endpoint is not None:
            raise UsageError(f"{out} is no bucket (s3://…), but --s3-endpoint is given.")
        return Place(out)
    if not s3_key_id or not s3_secret:
        raise UsageError("A bucket needs a key: --s3-key-id, and AWS_SECRET_ACCESS_KEY in the environment.")
    return Place(out, S3Access(s3_key_id, s3_secret, s3_token, s3_endpoint, s3_region or "us-east-1"))


@contextmanager
def _progress(as_json: bool) -> Iterator[Show]:
    """JSON lines, a bar on a terminal, or plain lines."""
    if as_json or not sys.stderr.isatty():
        yield _Lines(as_json)
        return
    with click.progressbar(length=1, label="join", file=sys.stderr) as bar:

        def show(progress: StageProgress) -> None:
            bar.length = progress.of
            bar.update(progress.done + progress.poisoned - bar.pos)

        yield show


class _Lines:
    """One line every few seconds, where something changed."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._every = MACHINE_SECONDS if as_json else PLAIN_SECONDS
        self._last: StageProgress | None = None
        self._at = 0.0

    def __call__(self, progress: StageProgress) -> None:
        now = time.monotonic()
        if progress == self._last or now - self._at < self._every:
            return
        self._last, self._at = progress, now
        if self._as_json:
            click.echo(json.dumps({"progress": asdict(progress)}))
        else:
            poisoned = f", {progress.poisoned:,} could not be done" if progress.poisoned else ""
            click.echo(f"join: {progress.done:,} of {counted(progress.of, 'piece')}{poisoned}", err=True)


def _say(found: SpreadJoin, place: Place, radius: int, seconds: float, as_json: bool) -> None:
    where = f"{place.url.rstrip('/')}/{PAIRS}"
    if as_json:
        record = {**asdict(found), "radius": radius, "seconds": round(seconds, 3), "out": where}
        click.echo(json.dumps({"join": record}))
        return
    for piece, fault in found.stage.poisoned.items():
        click.echo(f"foureyes: {piece} could not be done: {fault.code}: {fault.detail}", err=True)
    if found.stage.poisoned:
        click.echo(
            f"foureyes: {len(found.stage.poisoned):,} of {counted(found.stage.pieces, 'piece')} could "
            "not be done; "
            "the others are kept. Run the same command again to try these once more.",
            err=True,
        )
    if found.pairs is not None:
        against = f" against {found.others:,}" if found.others is not None else ""
        stage = found.stage
        click.echo(
            f"{counted(found.rows, 'fingerprint')}{against}: {counted(found.pairs, 'pair')} within "
            f"{radius} bits, in {where} "
            f"({counted(stage.pieces, 'piece')}, {stage.kept:,} of them from earlier runs; {seconds:.1f} s)."
        )
