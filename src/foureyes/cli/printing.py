"""What the command prints: tables and sentences for people, JSON for machines. It asks, never changes."""

from __future__ import annotations

import csv
import json
import shlex
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from foureyes.cli.naming import ALL_SERIES
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import CageError, UsageError, WorkspaceDamaged
from foureyes.engine.model import Decision, IngestReport, LinkReport, Progress, Series, counted
from foureyes.engine.running.cage import CageReport

PLAIN_SECONDS = 5.0
"""Between two lines of progress where the output is not a terminal."""
MACHINE_SECONDS = 1.0


class Shown(Protocol):
    """Where an ingest's progress goes; called with each `Progress`."""

    stage: str
    """That which was told of last."""

    def __call__(self, progress: Progress) -> None:
        """Show how far it is."""

    def report(self, report: IngestReport) -> None:
        """Say what came of it."""

    def linking(self, report: LinkReport) -> None:
        """Say what linking came to, where it is no part of a report."""


class _Words:
    """Reports in sentences."""

    def report(self, report: IngestReport) -> None:
        _say_report(report)

    def linking(self, report: LinkReport) -> None:
        linking(report)


class _Lines(_Words):
    """Plain lines, one every few seconds and one at each new stage."""

    def __init__(self) -> None:
        self._last, self.stage = 0.0, ""

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage != self.stage or now - self._last >= PLAIN_SECONDS:
            self._last, self.stage = now, progress.stage
            click.echo(_progress_line(progress), err=True)


class _Bar(_Words):
    """A bar on a terminal."""

    def __init__(self, bars: Bars) -> None:
        self._bars, self.stage = bars, ""
        self._task = bars.add_task("planning", total=None, said="")

    def __call__(self, progress: Progress) -> None:
        self.stage = progress.stage
        self._bars.update(
            self._task,
            description=progress.stage,
            total=progress.files_total,
            completed=progress.files,
            said=_progress_line(progress).partition(": ")[2],
        )


class _Machine:
    """A JSON object a line; of progress at most one a second, and one at each new stage."""

    def __init__(self) -> None:
        self._last, self.stage = 0.0, ""

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage != self.stage or now - self._last >= MACHINE_SECONDS:
            self._last, self.stage = now, progress.stage
            put({"progress": asdict(progress)})

    def report(self, report: IngestReport) -> None:
        put({"report": asdict(report)})

    def linking(self, report: LinkReport) -> None:
        put({"linking": asdict(report)})


@contextmanager
def progress(*, as_json: bool) -> Iterator[Shown]:
    """Choose how progress is shown: JSON lines, a bar on a terminal, or plain lines."""
    if as_json:
        yield _Machine()
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Bar(bars)
    else:
        yield _Lines()


def linking(report: LinkReport, *, as_json: bool = False) -> None:
    """Say what linking came to."""
    if as_json:
        put({"linking": asdict(report)})
        return
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(report.links.items())) or "none"
    click.echo(
        f"{counted(report.series, 'series', 'series')} of {report.media_in_series:,} media, "
        f"the largest of {report.largest:,}. Links: {kinds}."
    )
    if not report.whole:
        click.echo("Only what came since the last linking was linked, with what is near it.")
    for note in report.notes:
        click.echo(f"  {note}")


def status(catalogue: Catalogue, *, as_json: bool) -> None:
    """Say what is held, what could not be read, and who is writing."""
    counts, holder, sources = catalogue.counts(), catalogue.workspace.holder(), catalogue.sources()
    if as_json:
        put(
            {
                "counts": asdict(counts),
                "sources": [asdict(one) for one in sources],
                "writing": str(holder or ""),
                "hash_lists": len(catalogue.lists()),
                "set_aside": len(catalogue.irrelevant()),
            }
        )
        return
    click.echo(f"Workspace {catalogue.workspace.path}")
    click.echo(f"Being written by {holder}." if holder else "Nobody is writing.")
    if not sources:
        click.echo("Nothing taken in yet: start with `foureyes ingest FOLDER`.")
        return
    click.echo(
        f"{counts.unique:,} binary-unique media ({counted(counts.pictures, 'picture')}, "
        f"{counted(counts.videos, 'video')}, "
        f"{_bytes(counts.unique_bytes)}) in {counted(counts.occurrences, 'path')} "
        f"of {counted(len(sources), 'source')}."
    )
    click.echo(
        f"{counts.series:,} series. {counted(counts.other, 'file')} {'is' if counts.other == 1 else 'are'} "
        "neither picture nor video."
    )
    _say_set_aside(catalogue)
    _say_faults(dict(counts.faults))


def faults(catalogue: Catalogue, code: str | None, limit: int, *, as_json: bool) -> None:
    """List what could not be read."""
    rows = catalogue.faults(limit=limit, code=code)
    if as_json:
        put([asdict(row) for row in rows])
        return
    if not rows:
        click.echo("Nothing that could not be read.")
        return
    say_table(
        ("source", "path", "fault", "why"),
        [(r.source, r.path, r.fault.code.value, r.fault.detail) for r in rows],
    )


def series_table(catalogue: Catalogue, limit: int, *, as_json: bool) -> None:
    """List series, the largest first."""
    if as_json:
        put([series_record(catalogue, one) for one in _all_series(catalogue)])
        return
    listed = catalogue.series_list(limit=limit)
    if not listed:
        click.echo("No series yet: nothing taken in belongs together by what is known so far.")
        _say_set_aside(catalogue)
        return
    rows = []
    for one in listed:
        held = catalogue.series(one.id)
        about = pipeline.about(catalogue, held.members if held else ())
        places = f"{len(about.places)}" if about.places else ""
        reasons = ", ".join(f"{count} {kind}" for kind, count in one.reasons.items()) or "decisions"
        rows.append((one.id, one.name, f"{one.size:,}", about.span, _some(about.cameras), places, reasons))
    say_table(("id", "name", "media", "span", "cameras", "places", "held by"), rows)
    if (total := catalogue.counts().series) > limit:
        click.echo(f"… and {total - limit:,} more: --limit {total} shows all.")
    _say_set_aside(catalogue)


def decisions(listed: Sequence[Decision], *, as_json: bool) -> None:
    """List decisions."""
    if as_json:
        put([asdict(one) for one in listed])
        return
    if not listed:
        click.echo("No decisions yet.")
        return
    say_table(
        ("number", "decision", "series", "media", "officer", "when", "why"),
        [
            (
                str(one.id),
                one.kind.value + (" (withdrawn)" if one.withdrawn_at else " (held)" if one.held else ""),
                " ".join(one.series),
                " ".join(sha[:12] for sha in one.media),
                one.officer,
                one.at.isoformat(timespec="seconds"),
                one.reason,
            )
            for one in listed
        ],
    )


def cage(report: CageReport, *, as_json: bool) -> int:
    """Say what protection this machine gives; 0 where the cage can be built."""
    if as_json:
        put(asdict(report))
    else:
        for line in report.words:
            click.echo(line)
        click.echo("Hostile bytes are caged here." if report.sealed else "The cage CANNOT be built here.")
    return 0 if report.sealed else CageError.exit_code


def problems(found: Iterable[Any], *, as_json: bool) -> int:
    """Print what verifying found; the exit code."""
    count = 0
    for count, problem in enumerate(found, start=1):  # noqa: B007 -- the last number is the count
        put(asdict(problem)) if as_json else click.echo(f"{problem.where}: {problem.what}")
    if as_json:
        put({"problems": count})
    else:
        click.echo(f"{counted(count, 'problem')} found." if count else "Everything held is whole.")
    return WorkspaceDamaged.exit_code if count else 0


def write_series(catalogue: Catalogue, target: Path) -> int:
    """Write all series to a file whose name ends in .csv or .json; the number written.

    The file is there whole or not at all. Paths are written as they are held, where they are UTF-8.
    """
    writers = {".csv": _write_csv, ".json": _write_json}
    write = writers.get(target.suffix.lower())
    if write is None:
        raise UsageError(f"{target.name} ends neither in .csv nor in .json: name one of these.")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as out:
            written = write(catalogue, out)
        unfinished.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return written


def _write_json(catalogue: Catalogue, out: TextIO) -> int:
    """A list of series, one at a time in memory."""
    written = 0
    out.write("[")
    for one in _all_series(catalogue):
        out.write(",\n" if written else "\n")
        json.dump(series_record(catalogue, one), out, indent=1)
        written += 1
    out.write("\n]\n")
    return written


def _write_csv(catalogue: Catalogue, out: TextIO) -> int:
    """A row for each path of each member."""
    written = 0
    table = csv.writer(out)
    table.writerow(("series", "name", "sha256", "path"))
    for one in _all_series(catalogue):
        for sha in one.members:
            table.writerows((one.id, one.name, sha, path) for path in paths(catalogue, sha))
        written += 1
    return written


def command_again(
    command: str,
    paths: Sequence[Path],
    folder: Path,
    given: Mapping[str, str | bool | tuple[str, ...] | None],
) -> str:
    """The command line that goes on where this one stopped, with the options that were given.

    The source's name above all: under another name it would be another source, taken in from its start.
    """
    options = [
        word
        for name, value in given.items()
        for one in (value if isinstance(value, tuple) else (value,))
        if one
        for word in (name, *([one] if one is not True else []))
    ]
    return shlex.join(["foureyes", command, *map(str, paths), *map(str, options), "--workspace", str(folder)])


def _say_report(report: IngestReport) -> None:
    media = report.outcomes.get("media", 0)
    rate = f"{report.files / report.seconds:,.1f} files/s" if report.seconds > 0 else ""
    click.echo(
        f"{report.source}: {counted(report.files, 'path')} taken in "
        f"({_bytes(report.bytes)}, {report.seconds:.1f} s, {rate})"
        + (f", {report.skipped:,} known from earlier runs" if report.skipped else "")
        + "."
    )
    other = report.outcomes.get("other", 0)
    click.echo(
        f"{counted(media, 'path')} {'holds' if media == 1 else 'hold'} media, {report.media_new:,} of them "
        f"new and binary-unique; {other:,} {'is' if other == 1 else 'are'} neither picture nor video."
    )
    if report.kept:
        click.echo(f"{counted(report.kept, 'original')} copied into the workspace.")
    if report.faults or not report.skipped:
        _say_faults(report.faults)
    else:
        click.echo("Nothing new that could not be read; `foureyes faults` lists what earlier runs met.")
    if not report.caged:
        click.echo("WARNING: decoded without the full cage, since --without-cage was given.")
    if report.linking is not None:
        linking(report.linking)


def _say_set_aside(catalogue: Catalogue) -> None:
    """How many media hash lists keep out of series and of sight; silent where no list is held."""
    if lists := len(catalogue.lists()):
        aside = len(catalogue.irrelevant())
        click.echo(
            f"{counted(aside, 'media', 'media')} set aside as irrelevant; {counted(lists, 'hash list')} held."
        )


def _say_faults(by_code: dict[str, int]) -> None:
    if by_code:
        listed = ", ".join(f"{count:,} {code}" for code, count in sorted(by_code.items()))
        click.echo(f"{sum(by_code.values()):,} could not be read: {listed}. `foureyes faults` lists them.")
    else:
        click.echo("Everything could be read.")


def _progress_line(progress: Progress) -> str:
    if not progress.files:
        return f"{progress.stage}: …"
    rate = progress.files / progress.seconds if progress.seconds else 0.0
    total = progress.files_total or 0
    of = f" of {total:,}" if progress.files <= total else ""
    left = ""
    if progress.files_total and rate and progress.files < progress.files_total:
        left = f", about {_duration((progress.files_total - progress.files) / rate)} left"
    faults = f", {counted(progress.faults, 'fault')}"
    if not progress.seconds:  # a stage without a clock: records, media or fingerprints, not bytes
        return f"{progress.stage}: {progress.files:,}{of}{faults if progress.faults else ''}"
    speed = _bytes(progress.bytes / progress.seconds)
    return f"{progress.stage}: {progress.files:,}{of} files, {rate:,.0f} files/s, {speed}/s{faults}{left}"


def series_record(catalogue: Catalogue, one: Series) -> dict[str, Any]:
    """A series for machines."""
    return {
        "id": one.id,
        "name": one.name,
        "members": [{"sha256": sha, "paths": paths(catalogue, sha)} for sha in one.members],
        "links": [
            {"a": k.a, "b": k.b, "kind": k.kind, "strength": round(k.strength, 3), "evidence": k.evidence}
            for k in one.links
        ],
    }


def _all_series(catalogue: Catalogue) -> Iterator[Series]:
    """Every series with members and links, the largest first."""
    for one in catalogue.series_list(limit=ALL_SERIES):
        if (held := catalogue.series(one.id)) is not None:
            yield held


def _some(names: Sequence[str], shown: int = 2) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


def paths(catalogue: Catalogue, sha256: str) -> list[str]:
    """Paths as they are held; what is not UTF-8 in them as backslash escapes."""
    held = (one.occurrence.path for one in catalogue.occurrences(sha256))
    return [path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for path in held]


def first_path(catalogue: Catalogue, sha256: str) -> str:
    """The first path of a media as a terminal may show it; digits of its SHA-256 where it has none."""
    return clean(next(iter(paths(catalogue, sha256)), sha256[:12]))


def say_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table as wide as the terminal, or as wide as it needs to be in a file."""
    console = Console(width=None if sys.stdout.isatty() else 200, soft_wrap=False)
    table = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(_plain(clean(cell)) for cell in row))
    console.print(table)


def clean(text: str) -> str:
    """Names from seized files, without what a terminal would obey or could not show."""
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in shown)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def put(value: Any) -> None:
    """Print a value as JSON on one line."""
    click.echo(json.dumps(value, default=str, ensure_ascii=True))


def _bytes(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 -- decimal units
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
