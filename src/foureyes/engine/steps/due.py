"""Whether what came since the last linking can be linked by itself, or everything is to be linked anew.

By itself only where all that the last linking went by is the same and the batch is small beside what is held.
Decides nothing about links.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from foureyes.engine import fingerprints
from foureyes.engine.catalogue import Catalogue, GoneBy, LinkedAs
from foureyes.engine.model import Decision, DecisionKind, Digest
from foureyes.engine.series import RULES
from foureyes.engine.series.decisions import in_force
from foureyes.engine.series.links import LINKS
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import calibrating, networks, sensing, switching, viewing
from foureyes.engine.steps.listed import LinksNothing, links_nothing

LEAST = 50_000
"""Media held up to which everything is linked anew: that is seconds, and exact."""
SHARE = 20
"""A batch is one of so many media at most. A new media costs a millisecond then, with who is near it and what
hangs together with it, each one held 0.06; everything anew costs 0.22 each, twice that (`bench/batch.py`)."""
GROWN = 4
"""All is linked anew once a quarter as many media came as there were the last time: what a rarity says has
changed by a tenth then (log10 of 1.25), the finest step that anybody could tell two strengths apart by."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What came since the last linking, or was ruled."""

    since: LinkedAs
    media: frozenset[str]
    """New media, and those that are known otherwise now."""
    nothing: LinksNothing
    decisions: Sequence[Decision]
    ruled: frozenset[str]
    """Media of rulings that were made, withdrawn or released since."""
    by: GoneBy


def batch(catalogue: Catalogue, settings: EngineSettings | None) -> Batch | None:
    """What can be linked by itself; None where everything is to be linked anew."""
    since, held = catalogue.linked_as(), catalogue.newest_media()
    if since is None or held < LEAST or GROWN * held > (GROWN + 1) * since.whole:
        return None
    came = catalogue.unlinked(since)
    media = came.new | came.changed
    if SHARE * len(media) > held:
        return None
    if settings is not None and (not since.by.looked or any(viewing.outdated(catalogue))):
        return None
    nothing, decisions = links_nothing(catalogue), catalogue.decisions()
    before = gone_by(catalogue, nothing, decisions, looked=since.by.looked, but=came.new)
    if before.under != since.by.under:
        return None
    now = gone_by(
        catalogue, nothing, decisions, looked=since.by.looked and (settings is not None or not media)
    )
    changed = set(now.rulings) ^ set(since.by.rulings)
    every = catalogue.decisions(active_only=False) if changed else ()
    ruled = {sha256 for one in every if one.id in changed for sha256 in (*one.media, *one.anchors)}
    return Batch(since, media, nothing, decisions, frozenset(ruled), replace(now, stated=since.by.stated))


def gone_by(
    catalogue: Catalogue,
    nothing: LinksNothing,
    decisions: Sequence[Decision],
    *,
    looked: bool,
    but: Collection[str] = (),
) -> GoneBy:
    """What a linking goes by at this moment. `but`: media of which it matters not whether lists know them."""
    under = hashlib.sha256()
    for part in _parts(catalogue, nothing, frozenset(but)):
        under.update(part.encode() + b"\n")
    return GoneBy(
        under.hexdigest(),
        tuple(sorted(one.id for one in in_force(decisions) if one.kind is not DecisionKind.NEGATIVE)),
        looked,
        rows_held(catalogue),
    )


def all_looked_at(catalogue: Catalogue) -> bool:
    """Whether the dearer signals have looked at all that is held, in the last linking or before."""
    since = catalogue.linked_as()
    return since is not None and since.by.looked and not any(catalogue.unlinked(since))


def rows_held(catalogue: Catalogue) -> dict[str, int]:
    """How many fingerprints of each kind and version are held."""
    return {f"{kind}:{version}": rows for kind, version, rows in catalogue.fingerprint_kinds()}


def came_late(catalogue: Catalogue, since: LinkedAs, kinds: Collection[str], but: Collection[str]) -> bool:
    """Whether fingerprints of these kinds were made since of media that were held, others than some."""
    for kind, version, rows in catalogue.fingerprint_kinds():
        before = since.by.fingerprints.get(f"{kind}:{version}", 0)
        if kind not in kinds or rows == before:
            continue
        owners = catalogue.fingerprints(kind, version, width=0, from_row=before).sha256
        if rows < before or {bytes(one).hex() for one in owners} - set(but):
            return True
    return False


def scene_kinds(settings: EngineSettings) -> set[str]:
    """Kinds of the scene vectors that are made."""
    return {one.name for one in fingerprints.scenes_of(settings)}


def _parts(catalogue: Catalogue, nothing: LinksNothing, but: frozenset[str]) -> Iterator[str]:
    calibration = calibrating.in_use(catalogue.workspace).calibration
    for curves in (calibration.curves, calibration.formulas):
        yield repr(sorted(curves.items()))
    yield repr(sorted(switching.off(catalogue.workspace).kinds))
    yield from networks.going_by(catalogue.workspace)
    yield repr([(one.name, one.version, one.cap) for one in LINKS])
    yield repr((RULES, viewing.VERSION, sensing.VERSION))
    yield from sorted(nothing.set_aside - but)
    yield from _negative(nothing.negative, but)
    yield repr(nothing.lists)
    yield repr(nothing.ruled)


def _negative(negative: Mapping[str, Digest], but: frozenset[str]) -> Iterator[str]:
    yield from (f"{one} {negative[one].value}" for one in sorted(negative.keys() - but))
