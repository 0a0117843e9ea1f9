"""A workspace's own calibration: fitted to labels or rulings, kept beside the catalogue, put to use by hand.

Nothing changes for linking until `use` is called. A file that does not fit this version is passed over, and
said so.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from foureyes.engine import series
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.errors import UsageError
from foureyes.engine.series.calibration import Calibration, curve_of, from_json, shipped
from foureyes.engine.series.labelling import Labels, labels_of, totals_of
from foureyes.engine.series.links import LINKS
from foureyes.engine.series.links.same_scene import SameScene
from foureyes.engine.series.recalibrating import Crossing, Recalibrated, crossings, recalibrate, to_json

IN_USE = "in-use.json"
NO_GROUP = frozenset({"", "-"})
LABELLED_AT_LEAST = 20
"""Media that belong with another one: fewer say nothing that 19 times in 20 would hold."""


class Labelled(NamedTuple):
    """Labels, and where they are from."""

    labels: Labels
    source: str
    """In words."""
    not_held: int = 0
    """Paths that are no media of the source."""


class InUse(NamedTuple):
    """What linking goes by, and what people should know of it."""

    calibration: Calibration
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What labels say, and what it would change."""

    file: Path
    source: str
    made: Recalibrated
    crossings: tuple[Crossing, ...]
    """Pairs that would be linked and were not, and the other way."""
    series: tuple[int, int]
    """Before and after."""
    media_in_series: tuple[int, int]
    not_held: int = 0
    """Paths of the labels that are no media of their source: they were passed over."""


def in_use(workspace: Workspace) -> InUse:
    """The workspace's own calibration where there is one that fits this version, else the shipped one."""
    path = workspace.calibrations / IN_USE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return InUse(shipped(), ())
    except OSError as error:
        return InUse(
            shipped(), (f"{path} cannot be read ({error.strerror}): the shipped calibration counts",)
        )
    try:
        own = from_json(text)
        versions = _versions(text)
    except ValueError:
        return InUse(shipped(), (f"{path} is no calibration: the shipped one counts",))
    return _fitting(own, versions)


def measure(catalogue: Catalogue, evidence: series.LinkEvidence, known: Labelled) -> CalibrationReport:
    """Fit all kinds to labels, write the data file, and say what it would change. Puts nothing to use.

    Raises:
        WorkspaceError: no right to write there.
    """
    now = datetime.now(UTC)
    made = recalibrate(evidence, known.labels, f"{now:%Y-%m-%d}, from {known.source}")
    file = catalogue.workspace.calibrations / f"{now:%Y-%m-%dT%H%M%S}.json"
    with engine_errors():
        write_durably(file, to_json(made, known.source).encode())
    after = replace(evidence, calibration=made.calibration)
    ruled = catalogue.decisions()
    built = [series.build(one, ruled, ()) for one in (evidence, after)]
    sizes = [[len(one.members) for one in side.series] for side in built]
    return CalibrationReport(
        file,
        known.source,
        made,
        tuple(crossings(evidence.media, built[0].links, built[1].links)),
        (len(sizes[0]), len(sizes[1])),
        (sum(sizes[0]), sum(sizes[1])),
        known.not_held,
    )


def use(workspace: Workspace, file: Path) -> None:
    """Let linking go by a data file from now on.

    Raises:
        UsageError: it cannot be read, or is none.
        WorkspaceError: no right to write there.
    """
    try:
        text = file.read_text("utf-8")
        from_json(text)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} is no calibration that can be read.") from error
    with engine_errors():
        write_durably(workspace.calibrations / IN_USE, text.encode())


def reset(workspace: Workspace) -> bool:
    """Go back to the shipped calibration; whether there was another one. The dated files stay."""
    path = workspace.calibrations / IN_USE
    there = path.exists()
    with engine_errors():
        path.unlink(missing_ok=True)
    return there


def labelled(catalogue: Catalogue, given: tuple[Path, str] | None) -> Labelled:
    """Labels of a file and the source that its paths are of, or those of rulings; raises as those do."""
    return labels_of_rulings(catalogue) if given is None else labels_of_file(catalogue, *given)


def labels_of_file(catalogue: Catalogue, manifest: Path, source: str) -> Labelled:
    """Labels from a file with the columns `path` and `group`, of paths of one source.

    An empty group, or `-`, says that the media belongs to nothing. A media on several rows is in all groups.

    Raises:
        UsageError: the file cannot be read, lacks a column, names nothing that is held, or says too little.
    """
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if not {"path", "group"} <= set(rows.fieldnames or ()):
                raise UsageError(f"{manifest} has no columns `path` and `group` in its first line.")
            groups: dict[str, set[str]] = defaultdict(set)
            for row in rows:
                groups[row["path"]] |= {(row["group"] or "").strip()} - NO_GROUP
    except OSError as error:
        raise UsageError(f"{manifest} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{manifest} cannot be read as CSV: it is not UTF-8.") from error
    except csv.Error as error:
        raise UsageError(f"{manifest} cannot be read as CSV: {error}.") from error
    if source not in {one.name for one in catalogue.sources()}:
        raise UsageError(f"No source is called {source!r}: `foureyes status --json` lists them.")
    labels: dict[str, frozenset[str]] = {}
    found = set()
    for held in catalogue.iterate_occurrences():
        if held.sha256 is not None and held.source == source and held.occurrence.path in groups:
            labels[held.sha256] = labels.get(held.sha256, frozenset()) | groups[held.occurrence.path]
            found.add(held.occurrence.path)
    if not labels:
        raise UsageError(f"None of the paths in {manifest} is a path of the source {source!r}.")
    return _enough(Labelled(labels, f"{manifest.name} of {source}", len(groups) - len(found)))


def labels_of_rulings(catalogue: Catalogue) -> Labelled:
    """Labels from what people ruled. Raises UsageError where they say too little."""
    return _enough(Labelled(labels_of(catalogue.decisions()), "rulings of this workspace"))


def _enough(known: Labelled) -> Labelled:
    """The same, where anything can be measured by it; asked before all media are linked for it."""
    totals = totals_of(known.labels)
    if totals.true < LABELLED_AT_LEAST:
        raise UsageError(
            f"Too few media are labelled as belonging with another one, by {known.source}: "
            f"{totals.true:.0f}, where {LABELLED_AT_LEAST} are needed."
        )
    if not totals.false:
        raise UsageError("All labelled media are of one group: some that do not belong to it are needed too.")
    return known


def _versions(text: str) -> dict[str, int]:
    """Of each kind that the file has a curve of; 0 where none is stated."""
    data = json.loads(text)
    stated = {
        kind: one.get("version") for part in ("kinds", "formulas") for kind, one in data.get(part, {}).items()
    }
    return {kind: version if isinstance(version, int) else 0 for kind, version in stated.items()}


def _fitting(own: Calibration, versions: dict[str, int]) -> InUse:
    """Curves of kinds that are still what they were when they were fitted; the shipped ones of all others."""
    base, notes = shipped(), []
    curves, formulas = dict(base.curves), dict(base.formulas)
    for maker in LINKS:
        if maker.name not in versions:
            continue
        if versions[maker.name] != maker.version:
            notes.append(
                f"the calibration in use knows version {versions[maker.name]} of {maker.name}, "
                f"this is version {maker.version}: the shipped one counts for it until "
                "`foureyes calibrate` makes a new one"
            )
        elif maker.name in base.curves:
            curves[maker.name] = own.curves.get(maker.name, base.curves[maker.name])
        elif maker.name in own.formulas:
            formulas[maker.name] = own.formulas[maker.name]
    for name in own.curves.keys() & versions.keys() - base.curves.keys():
        if name.startswith(curve_of(SameScene.name, "")) and versions[name] == SameScene.version:
            curves[name] = own.curves[name]
    made = re.sub(r"[^ -~]", "?", own.made)[:200]
    return InUse(Calibration(made, curves, formulas), (f"calibrated {made}", *notes))
