"""What the command prints of one series and of one pair: what holds it, and what each reason adds."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from foureyes.cli.printing import clean, first_path, put, say_table, series_record
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import Explanation, Hop, Question, Series, counted

NEAR_SHOWN = 5
"""Groups that nearly belong to a series, where it is shown."""


def one_series(catalogue: Catalogue, one: Series, *, as_json: bool) -> None:
    """Show one series: what holds it, where it is weakest, what nearly belongs, its members and links."""
    if as_json:
        put(series_record(catalogue, one))
        return
    about = pipeline.about(catalogue, one.members)
    click.echo(f"{one.id}  {clean(one.name)}")
    click.echo(f"{len(one.members):,} media; {about.span or 'no time known'}")
    for camera in about.cameras:
        click.echo(f"  camera  {clean(camera)}")
    for place in about.places:
        click.echo(f"  place   {place}")
    _say_held(catalogue, one)
    say_table(("sha256", "path"), [(sha[:12], first_path(catalogue, sha)) for sha in one.members])
    say_table(
        ("a", "b", "kind", "strength", "evidence"),
        [(k.a[:12], k.b[:12], k.kind, f"{k.strength:.1f}", k.evidence) for k in one.links],
    )


def _say_held(catalogue: Catalogue, one: Series) -> None:
    """What holds a series together, its weakest bridge, and what nearly belongs to it."""
    kinds = Counter(link.kind for link in one.links)
    held = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    click.echo(f"Held together by {held or 'rulings alone'}.")
    joints = pipeline.weak_joints(catalogue, one)
    if joints:
        weakest = min(joints, key=lambda joint: (joint.strength, -len(joint.few)))
        click.echo(
            f"Weakest bridge: {_hanging(weakest)} by {counted(weakest.pairs, 'link')}, "
            f"strength {weakest.strength:.1f}:"
        )
        _say_pair(catalogue, weakest)
    else:
        click.echo("No part of it hangs on the rest by one link.")
    near = pipeline.nearly_belongs(catalogue, one)
    if near:
        click.echo(f"{counted(len(near), 'group')} nearly {'belongs' if len(near) == 1 else 'belong'}:")
    for question in near[:NEAR_SHOWN]:
        other = question.home if question.series == one.id else question.series
        size = len(question.few) if question.series == one.id else question.others
        name = f"{other}, of {counted(size, 'media', 'media')}" if other else "a media of no series"
        click.echo(f"  {name}; strength {question.strength:.1f}:")
        _say_pair(catalogue, question)


def _hanging(joint: Question) -> str:
    few = len(joint.few)
    if few == joint.others == 1:
        return "its two media hang together"
    other = "the other media" if joint.others == 1 else f"the other {joint.others:,}"
    return f"{counted(few, 'media', 'media')} {'hangs' if few == 1 else 'hang'} on {other}"


def _say_pair(catalogue: Catalogue, question: Question) -> None:
    click.echo(f"    {first_path(catalogue, question.a)}  and  {first_path(catalogue, question.b)}")
    for link in question.links:
        click.echo(f"      {link.kind}, strength {link.strength:.1f}: {clean(link.evidence)}")


def explanation(catalogue: Catalogue, found: Explanation, *, as_json: bool) -> None:
    """Say why two media are together, or what is nearest to linking them; each reason with its share."""
    if as_json:
        put({**asdict(found), "hops": [_hop_record(hop) for hop in found.hops]})
        return
    click.echo(clean(found.sentence))
    for hop in found.hops:
        click.echo(f"  {first_path(catalogue, hop.a)}  and  {first_path(catalogue, hop.b)}")
        shares = pipeline.shares(hop.links)
        for one, share in zip(hop.links, shares, strict=True):
            adds = f"{100 * share / sum(shares):.0f} % of {sum(shares):.1f}" if share else "counted already"
            click.echo(f"    {one.kind}, strength {one.strength:.1f} ({adds}): {clean(one.evidence)}")
        for ruling in hop.decisions:
            click.echo(f"    decision {ruling.id} of {ruling.officer}: {ruling.kind.value} {ruling.reason}")


def _hop_record(hop: Hop) -> dict[str, Any]:
    shares = pipeline.shares(hop.links)
    record = asdict(hop)
    record["strength"] = round(sum(shares), 4)
    record["links"] = [{**link, "adds": share} for link, share in zip(record["links"], shares, strict=True)]
    return record
