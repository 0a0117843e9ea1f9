"""What `bench/series.py` knows to be true: groups of the manifest, and what is neither right nor wrong."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import Linkable

TRUTH_SETS = {"series", "camera", "neardup", "video"}
UNJUDGED_SETS = {"hostile", "metadata"}
ONE_CAMPUS = {"openpano_CMU0", "openpano_CMU1", "openpano_CMU2"}
"""One campus: series of their own by place, one where camera and day make a series."""
BUILDING = "openpano_NSH"

Truth = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Labels:
    """What is known of each media, by SHA-256."""

    groups: dict[str, frozenset[str]]
    judged: set[str]
    """Media of the manifest: scores are means over these."""
    path: dict[str, str]
    edits: dict[str, tuple[str, str]]
    """Of each edit: its set and kind, and its group."""
    family: dict[str, str] = field(default_factory=dict)
    """What a generated picture was cut from, and the pictures that were cut up: a link between two of one
    family is neither right nor wrong. Everything else that is linked with a generated picture is wrong."""

    @property
    def intruders(self) -> set[str]:
        """Generated pictures."""
        return self.family.keys() - self.judged


def labels(data: Path, held: Iterable[Linkable], paths: Mapping[str, Sequence[str]]) -> Labels:
    """Labels of everything that is held of the data folder."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            rows[row["path"]].append(row)
    groups, judged, path, edits = {}, set(), {}, {}
    for media in held:
        own = sorted(paths.get(media.sha256, media.paths))
        said = [row for one in own for row in rows.get(one, ())]
        # A distractor of a named group is one that another file was made from: a screenshot shows that clip.
        true = [row for row in said if row["set"] in TRUTH_SETS and row["group"] not in {"", "-"}]
        groups[media.sha256] = frozenset(row["group"] for row in true)
        path[media.sha256] = own[0] if own else media.sha256
        if any(row["set"] not in UNJUDGED_SETS for row in said):
            judged.add(media.sha256)
        for row in true:
            if row["role"] == "edit":
                edits[media.sha256] = (f"{row['set']}: {row['edit'] or 'unnamed'}", row["group"])
    return Labels(groups, judged, path, edits)


def with_families(known: Labels, cut_from: Mapping[str, str], paths: Mapping[str, Sequence[str]]) -> Labels:
    """The same with generated pictures; `cut_from` says by path what each was cut from."""
    sources = set(cut_from.values())
    family = {}
    for sha256, own in paths.items():
        if (of := next((cut_from[one] for one in own if one in cut_from), None)) is not None:
            family[sha256] = of
        elif own and (whole := next((one for one in own if one in sources), None)) is not None:
            family[sha256] = whole
        elif BUILDING in known.groups.get(sha256, frozenset()) and BUILDING in sources:
            family[sha256] = BUILDING
    return Labels(known.groups, known.judged, known.path, known.edits, family)


def campus_as_one(groups: Truth) -> dict[str, frozenset[str]]:
    """Another reading: one camera and one day make one series."""
    return {
        sha256: frozenset("openpano_CMU" if group in ONE_CAMPUS else group for group in of)
        for sha256, of in groups.items()
    }


def paths_of(catalogue: Catalogue) -> dict[str, list[str]]:
    """Every path that holds a media."""
    paths: dict[str, list[str]] = defaultdict(list)
    for record in catalogue.iterate_occurrences():
        if record.sha256 is not None:
            paths[record.sha256].append(record.occurrence.path)
    return paths
