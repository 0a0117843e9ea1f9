"""What the commands about hash lists and changes print: tables and sentences, or JSON. It never changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import click

from foureyes.cli.printing import clean, first_path, put, say_table
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import Change, HashList, ListHit, counted


def added(one: HashList, *, as_json: bool) -> None:
    """Say what was added."""
    if as_json:
        put({"list": asdict(one)})
        return
    left_out = f", {one.faults:,} left out" if one.faults else ""
    taken_back = f", {one.removed:,} of them take others back" if one.removed else ""
    click.echo(
        f"List {one.id} is added: {clean(one.name)}, {one.kind.value}, {one.format}, "
        f"{counted(one.records, 'record')}{taken_back}{left_out}."
    )


def hit(catalogue: Catalogue, one: HashList, *, as_json: bool) -> None:
    """Say how many media are on a list."""
    media = catalogue.hit_counts().get(one.id, 0)
    if as_json:
        put({"hits": {"list_id": one.id, "media": media}})
    elif media:
        click.echo(
            f"{counted(media, 'media is', 'media are')} on it: `foureyes hashlist show {one.id}` lists them."
        )
    else:
        click.echo("No media that is held is on it.")


def lists(catalogue: Catalogue, *, as_json: bool) -> None:
    """List all lists."""
    held, hits = catalogue.lists(active_only=False), catalogue.hit_counts()
    if as_json:
        put([{**asdict(one), "media": hits.get(one.id, 0)} for one in held])
        return
    if not held:
        click.echo("No hash list yet: add one with `foureyes hashlist add FILE --name NAME --kind KIND`.")
        return
    say_table(
        (
            "id",
            "name",
            "version",
            "kind",
            "records",
            "left out",
            "media",
            "handling",
            "origin",
            "added",
            "by",
        ),
        [
            (
                str(one.id),
                one.name + (" (withdrawn)" if one.withdrawn_at else ""),
                one.version,
                one.kind.value,
                f"{one.records:,}",
                f"{one.faults:,}",
                f"{hits.get(one.id, 0):,}",
                one.handling_code,
                one.origin,
                one.added_at.isoformat(timespec="seconds"),
                one.officer,
            )
            for one in held
        ],
    )


def one_list(catalogue: Catalogue, number: int, limit: int, *, as_json: bool) -> None:
    """Show one list with the media on it and its faults."""
    one, faults = catalogue.hash_list(number), catalogue.held_list(number).faults()
    hits = pipeline.hits_of_list(catalogue, number, limit)
    total = catalogue.hit_counts().get(number, 0)
    if as_json:
        put(
            {
                **asdict(one),
                "media": total,
                "hits": [asdict(each) for each in hits],
                "left_out": [asdict(each) for each in faults],
            }
        )
        return
    _say_list(one)
    if hits:
        say_table(("sha256", "path", "by", "category"), [_hit_row(catalogue, each) for each in hits])
    else:
        click.echo("No media that is held is on it.")
    if total > len(hits):
        click.echo(f"… and {total - len(hits):,} more: --limit {total} shows all.")
    if faults:
        click.echo(f"{counted(one.faults, 'record')} could not be taken:")
        shown = [(f"{each.record:,}", f"{each.line:,}", each.detail) for each in faults[:limit]]
        say_table(("record", "line", "why"), shown)


def changes(listed: Iterable[Change], *, as_json: bool) -> None:
    """List changes as they come: there may be millions."""
    number = 0
    for number, one in enumerate(listed, start=1):  # noqa: B007 -- the last number is the count
        if as_json:
            put(asdict(one))
            continue
        about = one.series_id or (one.sha256[:12] if one.sha256 else "")
        at = one.at.isoformat(timespec="seconds")
        click.echo(f"{one.id:>8}  {at}  {one.kind.value:<16}  {about:<12}  {clean(one.detail)}")
    if not number and not as_json:
        click.echo("Nothing changed since.")


def _say_list(one: HashList) -> None:
    click.echo(
        f"List {one.id}: {clean(one.name)}, {one.kind.value}, {one.format}, {counted(one.records, 'record')}"
    )
    stated = {"version": one.version, "origin": one.origin, "jurisdiction": one.jurisdiction}
    for name, value in stated.items():
        if value:
            click.echo(f"  {name}  {clean(value)}")
    click.echo(f"  handling code  {one.handling_code}")
    click.echo(f"  added  {one.added_at.isoformat(timespec='seconds')} by {clean(one.officer)}")
    if one.withdrawn_at is not None:
        when = one.withdrawn_at.isoformat(timespec="seconds")
        why = clean(one.withdrawn_reason or "")
        click.echo(f"  withdrawn  {when} by {clean(one.withdrawn_by or '')}: {why}")


def _hit_row(catalogue: Catalogue, one: ListHit) -> tuple[str, str, str, str]:
    by = one.by.value if not one.distance_bits else f"{one.by.value}, {one.distance_bits} bits differ"
    category = "" if one.category is None else f"{one.category} {one.meaning or '(not in the table)'}"
    return one.sha256[:12], first_path(catalogue, one.sha256), by, category
