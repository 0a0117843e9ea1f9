"""Commands that ask what is held that is the same picture, and about the index: thin, like all others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from foureyes.cli import printing
from foureyes.cli.frame import commands, json_option, workspace_option
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.fingerprints.pdq import ORIENTATIONS
from foureyes.engine.matching import LINKING_RADIUS
from foureyes.engine.model import Digest, HeldMatch, counted
from foureyes.engine.settings import EngineSettings

NOTHING_FOUND = 3
PATHS_SHOWN = 3
HEX = frozenset("0123456789abcdef")
DIGEST_OF_LENGTH = {64: Digest.SHA256, 40: Digest.SHA1, 32: Digest.MD5}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is held of one thing that was asked about."""

    asked: str
    same_file: list[str]
    """SHA-256 of media with the very digest."""
    matches: list[HeldMatch]
    note: str


@commands.command()
@click.argument("asked", nargs=-1, required=True, metavar="PICTURE|HASH…")
@click.option("--radius", type=int, default=LINKING_RADIUS, show_default=True, help="Bits, 0 to 63.")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="Media told of for each."
)
@click.option("--without-cage", is_flag=True, help="Decode even where hostile bytes cannot be caged here.")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def match(
    asked: tuple[str, ...],
    radius: int,
    limit: int,
    without_cage: bool,
    as_json: bool,
    database: str | None,
    folder: Path,
) -> int:
    """Say what is held that is the same picture: however small, turned or mirrored.

    A PICTURE (or video) is decoded in the cage and not kept. A HASH is a PDQ or SHA-256 (64 hexadecimal
    digits: looked up as both), a SHA-1 (40) or an MD5 (32). Ends with 3 where nothing is found.
    """
    settings = EngineSettings(database_url=database, allow_uncaged=without_cage)
    with Catalogue.open(Workspace.open(folder), settings) as catalogue:
        answers = [_answer(catalogue, one, radius, limit, settings) for one in asked]
        if as_json:
            click.echo(json.dumps([_plain(catalogue, answer) for answer in answers], ensure_ascii=False))
        else:
            for answer in answers:
                _say(catalogue, answer)
    return 0 if any(answer.same_file or answer.matches for answer in answers) else NOTHING_FOUND


@commands.command()
@click.option("--rebuild", is_flag=True, help="Make it anew from the fingerprints, whatever state it is in.")
@json_option
@click.option("--database", envvar="FOUREYES_DATABASE")
@workspace_option
def index(rebuild: bool, as_json: bool, database: str | None, folder: Path) -> None:
    """Say what the index of fingerprints holds, or make it anew. Linking keeps it up to date."""
    settings, workspace = EngineSettings(database_url=database), Workspace.open(folder)
    if rebuild:
        with (
            Catalogue.open(workspace, settings, write=True, purpose="index") as catalogue,
            printing.progress(as_json=as_json) as show,
        ):
            state = pipeline.bring_index(catalogue, show, anew=True)
    else:
        with Catalogue.open(workspace, settings) as catalogue:
            state = pipeline.index_state(catalogue)
    if as_json:
        click.echo(json.dumps(asdict(state)))
        return
    behind = state.catalogue_rows - state.covered
    runs = counted(len(state.runs), "run")
    click.echo(f"{counted(state.rows, 'fingerprint')} in {runs}, {state.bytes:,} bytes on disk.")
    click.echo(f"{state.pairs:,} near pairs stored, {state.left_out:,} of many copies left out.")
    click.echo(
        f"{counted(state.too_plain, 'fingerprint is', 'fingerprints are')} too plain to be compared "
        "and not indexed."
    )
    if behind:
        click.echo(f"{behind:,} came since: they are compared one by one until `foureyes link`.")


def _answer(catalogue: Catalogue, asked: str, radius: int, limit: int, settings: EngineSettings) -> Answer:
    digits = asked.strip().lower()
    if HEX.issuperset(digits) and (digest := DIGEST_OF_LENGTH.get(len(digits))) and not Path(asked).exists():
        same = catalogue.by_digest(digest, digits)
        values = [bytes.fromhex(digits)] if digest is Digest.SHA256 else []
        return Answer(asked, same, _merged(catalogue, values, radius, limit), "")
    path = Path(asked)
    if not path.exists():
        raise UsageError(f"{asked} is no file here, and no hash: a hash has 64, 40 or 32 hexadecimal digits.")
    question = pipeline.question_of(path, settings)
    same = catalogue.by_digest(Digest.SHA256, question.digests.sha256)
    if question.fault is not None and not question.values and not same:
        raise UsageError(f"{asked} cannot be decoded ({question.fault.code.value}): {question.fault.detail}.")
    note = (
        f"{question.too_plain:,} of its pictures are too plain to be compared." if question.too_plain else ""
    )
    if question.fault is not None:
        note = f"{note} Not all of it could be decoded ({question.fault.code.value}).".strip()
    return Answer(asked, same, _merged(catalogue, question.values, radius, limit), note)


def _merged(catalogue: Catalogue, values: Sequence[bytes], radius: int, limit: int) -> list[HeldMatch]:
    """Matches of all pictures of one question, each media once at its nearest."""
    best: dict[str, HeldMatch] = {}
    for matches in pipeline.match(catalogue, values, radius=radius, at_most=limit):
        for one in matches:
            if one.sha256 not in best or one.distance_bits < best[one.sha256].distance_bits:
                best[one.sha256] = one
    return sorted(best.values(), key=lambda one: (one.distance_bits, one.sha256))[:limit]


def _say(catalogue: Catalogue, answer: Answer) -> None:
    found = len({*answer.same_file, *(one.sha256 for one in answer.matches)})
    click.echo(f"{printing.clean(answer.asked)}: {_held_are(found)} the same picture.")
    if answer.note:
        click.echo(f"  {answer.note}")
    for sha256 in answer.same_file:
        click.echo(f"  {sha256}  the same file")
        if (home := catalogue.series_of(sha256)) is not None:
            click.echo(f"    in {home.id} {printing.clean(home.name)}")
        _say_where(catalogue, sha256)
    for one in answer.matches:
        if one.sha256 in answer.same_file:
            continue
        at = f", at {one.at_seconds:.1f} s" if one.at_seconds else ""
        how = ORIENTATIONS[one.orientation]
        click.echo(f"  {one.sha256}  {one.distance_bits} of 256 bits differ, {how}{at}")
        if one.series_id is not None:
            click.echo(f"    in {one.series_id} {printing.clean(one.series_name or '')}")
        _say_where(catalogue, one.sha256)


def _say_where(catalogue: Catalogue, sha256: str) -> None:
    held = catalogue.occurrences(sha256)
    for record in held[:PATHS_SHOWN]:
        click.echo(f"    {printing.clean(record.source)}: {printing.clean(record.occurrence.path)}")
    if len(held) > PATHS_SHOWN:
        click.echo(f"    and {counted(len(held) - PATHS_SHOWN, 'more path')}")


def _plain(catalogue: Catalogue, answer: Answer) -> dict[str, Any]:
    """An answer for machines."""
    return {
        "asked": answer.asked,
        "same_file": answer.same_file,
        "note": answer.note,
        "matches": [
            {
                **asdict(one),
                "orientation_name": ORIENTATIONS[one.orientation],
                "paths": printing.paths(catalogue, one.sha256),
            }
            for one in answer.matches
        ],
    }


def _held_are(count: int) -> str:
    if count == 0:
        return "nothing that is held is"
    return "1 media that is held is" if count == 1 else f"{count:,} media that are held are"
