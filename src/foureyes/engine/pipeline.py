"""The table of contents of the engine: read it top to bottom.

`ingest` takes a path in (reading, decoding, fingerprints, catalogue), `link` turns what is known into
series (matching, series), `match` finds what is held that is the same picture. What each does step
by step is in `steps/`; none of it looks into a file itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import matching, reading, series
from foureyes.engine.catalogue import Catalogue, LockHolder, Problem, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import (
    Change,
    Decision,
    DecisionKind,
    Explanation,
    FaultCode,
    HashList,
    HeldMatch,
    Hidden,
    IngestReport,
    Link,
    LinkReport,
    ListFault,
    ListHit,
    NewList,
    Progress,
    Question,
    RegionFault,
    Series,
    ViewPair,
)
from foureyes.engine.settings import EngineSettings, SceneModel
from foureyes.engine.steps import (
    batches,
    calibrating,
    due,
    finding,
    hiding,
    linking,
    listing,
    networks,
    originals,
    region_finding,
    reviewing,
    scenes,
    switching,
    viewing,
    whole_linking,
)
from foureyes.engine.steps.ingesting import Run, require_cage
from foureyes.engine.steps.linking import gather, nearest_bits
from foureyes.engine.steps.listed import check_lists, links_nothing
from foureyes.engine.steps.listing import Reading

LOOKED_AT = 500
"""Members of a series that are asked for what is linked with them."""


def ingest(
    path: Path,
    workspace: Workspace,
    settings: EngineSettings,
    *,
    source: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    with_linking: bool = True,
    stop: threading.Event | None = None,
    on_wait: Callable[[LockHolder | None], None] | None = None,
    again: Collection[FaultCode] = (),
) -> IngestReport:
    """Take in everything under `path`, commit it batch by batch, and link it with what is held.

    Killed at any moment, the same call goes on where it stood. Once `stop` is set, what is in flight is
    committed and the report says `interrupted`; interrupted once more, linking ends at once. With `on_wait`,
    told whom, another writer is waited for. What ended with a fault of `again` is tried again.

    Raises:
        UsageError: the path does not exist or cannot be opened.
        NothingToDo: there is nothing in it.
        WorkspaceBusy: another process is writing to the workspace.
        CageError: hostile bytes cannot be caged here and `allow_uncaged` is off.
        SourceLost: the device went away; what was committed stands.
    """
    caged = require_cage(settings)
    settings = networks.applied(settings, workspace)
    path = path.resolve()
    units = reading.plan(path, settings.reading, allow_uncaged=settings.allow_uncaged)
    why = f"ingest of {path}"
    with Catalogue.open(
        workspace, settings, write=True, purpose=why, wait=on_wait is not None, on_wait=on_wait
    ) as catalogue:
        source_id = catalogue.source(source or path.name, str(path), reading.reader_of(path).name)
        run = Run(catalogue, source_id, settings, progress, stop or threading.Event(), again)
        run.count_ahead(path)
        run.take_in_all(units)
        goes_on = with_linking and not run.stop.is_set()
        try:
            linking = link(catalogue, progress, settings, stop=run.stop) if goes_on else None
        except KeyboardInterrupt:
            if not run.stop.is_set():
                raise
            linking = None
    return run.report(source or path.name, caged=caged, linking=linking)


def link(
    catalogue: Catalogue,
    progress: Callable[[Progress], None] = lambda _: None,
    settings: EngineSettings | None = None,
    *,
    stop: threading.Event | None = None,
    whole: bool = False,
) -> LinkReport:
    """Check all that is held against hash lists and turn it into series, obeying people's decisions.

    With `settings` the dearer signals look at what is new (`steps/signals.py`); without, what they found
    before stands, and the result is there in seconds. Once `stop` is set, they end what is in flight, series
    are made of what is known then, and the next `link` looks at the rest. Where little came since the last
    linking beside what is held (`steps/due.py`), only that is linked, with what is near it; with `whole`
    everything is linked anew.
    """
    check_lists(catalogue, progress)
    settings = None if settings is None else networks.applied(settings, catalogue.workspace)
    report = None
    for _ in range(whole_linking.RULED_MEANWHILE):
        batch = None if whole else due.batch(catalogue, settings)
        linked = None if batch is None else batches.link(catalogue, batch, progress, settings, stop)
        if batch is None or linked is None:
            return whole_linking.link_all(catalogue, progress, settings, stop)
        report = linked if report is None else report
        if catalogue.decisions() == batch.decisions:
            break
    return report or whole_linking.link_all(catalogue, progress, settings, stop)


def calibrate(
    catalogue: Catalogue,
    labels: tuple[Path, str] | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> calibrating.CalibrationReport:
    """Check what every kind of link says against labels, and write what it should say to a dated file.

    Linking goes by it only after `use_calibration`.

    Args:
        catalogue: open for writing.
        labels: a CSV file with `path` and `group`, and the source that its paths are of; else the rulings.
        progress: told of the stages.

    Raises:
        UsageError: the labels cannot be read, or are too few.
    """
    known = calibrating.labelled(catalogue, labels)
    evidence = gather(catalogue, links_nothing(catalogue), progress).evidence
    return calibrating.measure(catalogue, evidence, known)


def use_calibration(workspace: Workspace, file: Path) -> None:
    """Let the next `link` go by a file that `calibrate` wrote. Raises UsageError where it is none."""
    calibrating.use(workspace, file)


def reset_calibration(workspace: Workspace) -> bool:
    """Go back to the shipped calibration; whether another one was in use."""
    return calibrating.reset(workspace)


def kinds_of_links(
    workspace: Workspace, turn_off: Collection[str] = (), turn_on: Collection[str] = ()
) -> list[switching.Kind]:
    """Every kind of link with whether linking goes by it, once some were switched off or on.

    Raises UsageError for a kind that there is not, or one that is to be both.
    """
    return switching.kinds(workspace, turn_off, turn_on)


def networks_of_scenes(catalogue: Catalogue, settings: EngineSettings) -> list[networks.Listed]:
    """Every network by which scenes are looked for, each loaded to see whether it can be used."""
    return networks.listed(catalogue, networks.applied(settings, catalogue.workspace))


def add_network(workspace: Workspace, wanted: SceneModel, *, instead: bool = False) -> SceneModel:
    """Look for scenes by a network of the unit's own too; raises UsageError where it cannot be used."""
    return networks.add(workspace, wanted, instead=instead)


def remove_network(workspace: Workspace, named: str) -> SceneModel:
    """Look by a network no longer; its vectors stay held. Raises UsageError where none is called so."""
    return networks.remove(workspace, named)


def add_list(
    catalogue: Catalogue,
    path: Path,
    meta: NewList,
    settings: EngineSettings,
    *,
    reading: Reading = Reading(),  # noqa: B008 - a NamedTuple of constants
    progress: Callable[[Progress], None] = lambda _: None,
    on_fault: Callable[[ListFault], None] = lambda _: None,
) -> HashList:
    """Read a hash list in the cage and hold it, whole or not at all. The next `link` checks media against it.

    `meta.format` and an empty `meta.jurisdiction` are filled in from `reading`. `on_fault` is told of every
    record that cannot be taken.

    Raises:
        HashListError: the file cannot be read, is of no known form, or is refused for a broken record.
        UsageError: something is not stated, or this version of the list is held already.
        NothingToDo: there is no record in it.
        CageError: hostile bytes cannot be caged here and `allow_uncaged` is off.
    """
    return listing.add_list(catalogue, path, meta, settings, reading, progress, on_fault)


def withdraw_list(catalogue: Catalogue, list_id: int, *, officer: str, reason: str) -> HashList:
    """Withdraw a hash list: what it hit is in sight again now, and links again from the next `link` on.

    Raises UsageError where there is no such list, or it is withdrawn already.
    """
    return catalogue.withdraw_list(list_id, officer, reason)


def list_hits(catalogue: Catalogue, sha256: str) -> list[ListHit]:
    """The hash lists in force that a media is on, with what each means by its category."""
    return listing.list_hits(catalogue, sha256)


def hits_of_list(catalogue: Catalogue, list_id: int, limit: int = 100, offset: int = 0) -> list[ListHit]:
    """Media that a hash list in force has hit, in the order in which they came, with what that means."""
    return list(listing.with_meaning(catalogue, catalogue.hits_of_list(list_id, limit, offset)))


def export_list(catalogue: Catalogue, list_id: int, path: Path) -> int:
    """Write a list with all that its records held, unknown fields too, to a new file; gives their number.

    Raises UsageError where there is no such list, or the file exists or cannot be written.
    """
    return listing.export_list(catalogue, list_id, path)


def changes(catalogue: Catalogue, since: int | datetime = 0) -> Iterator[Change]:
    """What arrivals, lists and rulings changed, after the change of a number or from a moment on."""
    return catalogue.changes(since)


def match(
    catalogue: Catalogue,
    questions: Sequence[bytes | NDArray[np.uint8]],
    *,
    radius: int = matching.LINKING_RADIUS,
    at_most: int = finding.MATCHES_AT_MOST,
) -> list[list[HeldMatch]]:
    """Of each question, what is held that is the same picture, nearest first: exact, in milliseconds.

    Args:
        catalogue: an ingest may be writing to it: whole batches are seen.
        questions: 8 x 32 bytes (the eight orientations of a picture) or 32 bytes (a hash) each.
        radius: bits, 0 to 63.
        at_most: media told of for each question.

    The index is opened once per process and followed as it changes; rows that it lags behind are compared one
    by one. Media of which too little is known to be compared (quality below 50) are never found.

    Raises:
        UsageError: a question of another length, or a radius out of range.
        IndexOutdated, WorkspaceDamaged, WorkspaceTooNew: the index must be made anew; nothing is lost.
    """
    return finding.match(catalogue, questions, radius=radius, at_most=at_most)


def question_of(path: Path, settings: EngineSettings) -> finding.Asked:
    """What a picture or film on this machine is known by, for `match`: decoded in the cage, not kept.

    Raises:
        UsageError: there is no picture or video at `path`, or it cannot be read.
        CageError: hostile bytes cannot be caged here and `allow_uncaged` is off.
    """
    return finding.question_of(path, settings)


def find_region(
    catalogue: Catalogue,
    sha256: str,
    box: tuple[float, float, float, float],
    settings: EngineSettings,
    *,
    at_seconds: float = 0.0,
    everything: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> region_finding.RegionSearch:
    """Media in which the thing inside a region is found again, point by point, the most points first.

    Args:
        catalogue: open for reading is enough.
        sha256: the media that the region is of.
        box: left, top, right and bottom, 0 to 1.
        settings: of the engine.
        at_seconds: the moment of a film that the region is of.
        everything: look at every media there is, not only at those that cheaper signals name and those whose
            features are kept: a tenth of a second and more of one core each.
        progress: told how many media were looked at.

    Raises:
        UsageError: no such media, a region outside it, too small or too plain to be found again.
        OriginalAway: the bytes of the region's media are not at hand.
        ModelUnusable: the network's file is missing or altered.
        CageError: hostile bytes cannot be caged here and `allow_uncaged` is off.
    """
    settings = networks.applied(settings, catalogue.workspace)
    return region_finding.find_region(
        catalogue,
        sha256,
        box,
        settings,
        at_seconds=at_seconds,
        everything=everything,
        shortlist=lambda pixels: scenes.like(catalogue, settings, pixels),
        progress=progress,
    )


def hide_file(
    catalogue: Catalogue,
    path: Path,
    *,
    officer: str,
    tool: str,
    strict: bool = False,
    on_fault: Callable[[RegionFault], None] = lambda _: None,
) -> Hidden:
    """Record regions that do not count in views, from a tool's file; killed, the same call goes on.

    The next `link` compares anew what they change. `on_fault` is told of every line that cannot be taken;
    with `strict` it refuses the file. Raises UsageError then, and where no line can be taken.
    """
    return hiding.hide_file(catalogue, path, officer=officer, tool=tool, strict=strict, on_fault=on_fault)


def index_state(catalogue: Catalogue) -> finding.IndexState:
    """What the index of fingerprints is now, and how far it lags behind; raises as `match` does."""
    return finding.index_state(catalogue)


def bring_index(
    catalogue: Catalogue, progress: Callable[[Progress], None] = lambda _: None, *, anew: bool = False
) -> finding.IndexState:
    """Bring the index up to the catalogue, as `link` does; `anew` forgets it first."""

    def told(done: int, total: int) -> None:
        progress(Progress("indexing", done, files_total=total))

    (finding.rebuild_index if anew else finding.keep_index)(catalogue, told)
    return finding.index_state(catalogue)


def original(catalogue: Catalogue, sha256: str, settings: EngineSettings) -> AbstractContextManager[int]:
    """The bytes of a media once more, as a descriptor for a `with` block: kept, else from its source.

    Raises:
        UsageError: there is no such media.
        OriginalAway: it was not kept, and no source that held it is there with the same bytes.
        CageError: it lies in an archive, and archives cannot be opened in a cage here.
    """
    return originals.original(catalogue, sha256, settings)


def verify(catalogue: Catalogue) -> Iterator[Problem]:
    """Read everything that was committed, the index too, and name what is not as it was written."""
    yield from catalogue.verify()
    yield from finding.index_problems(catalogue)


def about(catalogue: Catalogue, members: Sequence[str]) -> series.About:
    """Span, cameras and places of some media, as they state them."""
    return series.about(catalogue.facts_of(members, series.ABOUT))


def explain(catalogue: Catalogue, a: str, b: str) -> Explanation:
    """Say hop by hop why two media are in one series, or what is nearest to linking them."""
    home_a, home_b = catalogue.series_of(a), catalogue.series_of(b)
    together = home_a is not None and home_b is not None and home_a.id == home_b.id
    bits = None if together else nearest_bits(catalogue, a, b)
    return series.explain(a, b, catalogue, nearest_bits=bits)


def turned(catalogue: Catalogue, a: str, b: str) -> int | None:
    """How the picture `b` must be turned to lie on `a`: the number of one of its hashes, 0 for as it is.

    1 to 3: by 270, 180, 90 degrees clockwise; 4 to 7: mirrored left to right, then by 180, 0, 270, 90
    degrees clockwise. None where they are not the same picture, or one is a film.
    """
    return linking.turned(catalogue, a, b)


def view_of(catalogue: Catalogue, a: str, b: str) -> ViewPair | None:
    """What verification found two media (in any order) to show in common, with its matched points.

    None where it found nothing, and where they were never compared: see `was_viewed`.
    """
    return viewing.kept_view(catalogue, a, b)


def was_viewed(catalogue: Catalogue, a: str, b: str) -> bool:
    """Whether two media were compared point by point, whatever came of it."""
    return viewing.was_compared(catalogue, a, b)


def questions(catalogue: Catalogue, *, loners: bool = False) -> list[Question]:
    """What to ask people about the series that stand, the most worth first. Reads every link there is.

    With `loners` also about two media of which neither is in a series.
    """
    return series.questions(catalogue.all_series(), catalogue.links(), catalogue.decisions(), loners=loners)


def ruling_of(catalogue: Catalogue, question: Question, *, together: bool) -> reviewing.Ruling:
    """What an answer to a question would rule. Raises UsageError where its series is no more."""
    return reviewing.ruling_of(catalogue.members_of, question, together=together)


def answer(catalogue: Catalogue, ruled: reviewing.Ruling, *, officer: str, reason: str) -> Decision:
    """Record an answer. It binds from the next `link` on, until it is withdrawn."""
    return reviewing.record(catalogue, ruled, officer=officer, reason=reason)


def open_questions(catalogue: Catalogue, asked: Sequence[Question]) -> list[Question]:
    """Those of the questions that no ruling in force answers."""
    return series.open_still(asked, catalogue.decisions())


def weak_joints(catalogue: Catalogue, one: Series) -> list[Question]:
    """Where members of a series hang on the rest by one link or a few weak ones, the most worth first."""
    return series.weak_joints(one.id, one.members, one.links, catalogue.decisions())


def nearly_belongs(catalogue: Catalogue, one: Series) -> list[Question]:
    """Other series and media that are linked with a series and did not join it, the most worth first.

    Of a large series some members are looked at.
    """
    step = max(1, len(one.members) // LOOKED_AT)
    links = {link for sha256 in one.members[::step] for link in catalogue.links_of(sha256)}
    homes = catalogue.series_ids_of({end for link in links for end in (link.a, link.b)})
    members = {home: catalogue.members_of(home) for home in {one.id, *homes.values()}}
    return series.nearly(sorted(links, key=lambda it: (it.a, it.b, it.kind)), members, catalogue.decisions())


def shares(links: Sequence[Link]) -> list[float]:
    """What each reason of one pair adds to its strength; 0 for one that says what a stronger one says too."""
    return series.shares(links)


def decide(
    catalogue: Catalogue,
    kind: DecisionKind,
    series_ids: Sequence[str],
    media: Sequence[str],
    *,
    officer: str,
    reason: str,
    held: bool = False,
) -> Decision:
    """Record a person's ruling. It binds from the next `link` on, until it is withdrawn.

    One that is `held` binds from the next `link` after `Catalogue.release_decision` on.
    Raises UsageError where it rules on nothing: a split that leaves nothing behind, say.
    """
    if kind is DecisionKind.NEGATIVE and (series_ids or not media):
        raise UsageError("A negative ruling is about media, and about no series.")
    about = [one for series_id in series_ids if (one := catalogue.series(series_id)) is not None]
    if len(about) < len(series_ids):
        raise UsageError("A decision is about series that exist: one of these does not.")
    members = {sha for one in about for sha in one.members}
    if kind is DecisionKind.SPLIT and not set(media) < members:
        raise UsageError("A split names some members of the series, and leaves some behind.")
    if kind is DecisionKind.MERGE and len(set(series_ids)) < 2:  # noqa: PLR2004 -- two is what merging means
        raise UsageError("Merging needs two different series.")
    anchors = tuple(sorted(members - set(media)))
    return catalogue.record_decision(
        kind, series=series_ids, media=media, anchors=anchors, officer=officer, reason=reason, held=held
    )
