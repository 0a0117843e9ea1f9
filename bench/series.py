"""How right the series are: precision, recall and B-cubed F1 against the ground truth of a data folder.

    python bench/series.py [--data DIR] [--json FILE] [--workers N]

DIR holds `manifest.csv`: a row per file with path, set, group, role and edit. A group of the sets series,
camera, neardup and video is a true series; all else belongs to nothing. Beside the engine's figures stand
those of copies only (the same-picture links alone). Files of the sets that were collected to break decoders
(`hostile`, `metadata`) carry no truth: they are taken in too, and what is joined among them alone is
listed but not judged, for many are variants of one file. Nothing here is tuned or kept.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import platform
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from foureyes import __version__
from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import Linkable, NearPair
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import finding

TRUTH_SETS = {"series", "camera", "neardup", "video"}
UNJUDGED_SETS = {"hostile", "metadata"}
ONE_CAMPUS = {"openpano_CMU0", "openpano_CMU1", "openpano_CMU2"}
"""One campus: series of their own by place, one where camera and day make a series."""

Truth = Mapping[str, frozenset[str]]
Groups = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Labels:
    """What the manifest says of each media, by SHA-256."""

    groups: dict[str, frozenset[str]]
    judged: set[str]
    path: dict[str, str]
    edits: dict[str, tuple[str, str]]
    """Of each edit: its set and kind, and its group."""


@dataclass(frozen=True)
class Score:
    """One grouping against one reading of the truth."""

    precision: float
    recall: float
    pairs_found: int
    pairs_false: int
    pairs_true: int
    b3_precision: float
    b3_recall: float
    b3_f1: float
    largest_false: int
    """Of any group, the most media beyond its largest true part, and one more; 0 if all groups are true."""
    true_series_mixed: int
    """Pairs of true series that share a group."""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        catalogue = _taken_in(arguments.data, Path(folder), arguments.workers)
        took = time.perf_counter() - began
        with catalogue:
            result = _measured(catalogue, arguments.data)
    result["machine"] = {
        "processor": _processor(),
        "python": platform.python_version(),
        "foureyes": __version__,
        "seconds": round(took, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    _print(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def _taken_in(data: Path, folder: Path, workers: int) -> Catalogue:
    """Ingest the folder by the engine itself, into a workspace of its own."""
    if not (data / "manifest.csv").is_file():
        sys.exit(f"There is no manifest.csv in {data}: say where the data is with --data DIR.")
    workspace = Workspace.create(folder / "workspace")
    settings = EngineSettings(workers=workers)
    pipeline.ingest(data, workspace, settings, source="bench", with_linking=False)
    return Catalogue.open(workspace, settings)


def _measured(catalogue: Catalogue, data: Path) -> dict[str, object]:
    held = list(catalogue.linkable(series.FACTS))
    pairs = finding.near_media(catalogue).pairs
    labels = _labels(data, held, _paths(catalogue))
    began = time.process_time()
    built = series.build(series.evidence(held, pairs), (), ())
    took = time.process_time() - began
    groups = [one.members for one in built.series]
    copies = [one.members for one in series.build(_pixels_only(held, pairs), (), ()).series]
    readings = {"by place": labels.groups, "campus as one": _campus_as_one(labels.groups)}
    return {
        "media": len(held),
        "links": dict(Counter(link.kind for link in built.links)),
        "linking_cpu_seconds": round(took, 3),
        "scores": {
            reading: {
                "foureyes": asdict(_score(groups, truth, labels.judged)),
                "copies only": asdict(_score(copies, truth, labels.judged)),
            }
            for reading, truth in readings.items()
        },
        "edits": _edits(groups, labels),
        "series": _fragments(groups, labels),
        "false": _false(groups, labels),
        "unjudged": [
            sorted(labels.path[one] for one in group) for group in groups if not set(group) & labels.judged
        ],
        "notes": list(built.notes),
    }


def _paths(catalogue: Catalogue) -> dict[str, list[str]]:
    """Every path that holds a media."""
    paths: dict[str, list[str]] = defaultdict(list)
    for record in catalogue.iterate_occurrences():
        if record.sha256 is not None:
            paths[record.sha256].append(record.occurrence.path)
    return paths


def _pixels_only(held: Iterable[Linkable], pairs: Iterable[NearPair]) -> series.LinkEvidence:
    """The same media without what they state of themselves: what a tool for copies has."""
    bare = [Linkable(one.sha256, one.kind, (), one.paths, one.frames) for one in held]
    return series.evidence(bare, pairs)


def _labels(data: Path, held: Iterable[Linkable], paths: Mapping[str, Sequence[str]]) -> Labels:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            rows[row["path"]].append(row)
    groups, judged, path, edits = {}, set(), {}, {}
    for media in held:
        own = sorted(paths.get(media.sha256, media.paths))
        said = [row for one in own for row in rows.get(one, ())]
        true = [
            row for row in said if row["set"] in TRUTH_SETS and row["group"] and row["role"] != "distractor"
        ]
        groups[media.sha256] = frozenset(row["group"] for row in true)
        path[media.sha256] = own[0] if own else media.sha256
        if any(row["set"] not in UNJUDGED_SETS for row in said):
            judged.add(media.sha256)
        for row in true:
            if row["role"] == "edit":
                edits[media.sha256] = (f"{row['set']}: {row['edit'] or 'unnamed'}", row["group"])
    return Labels(groups, judged, path, edits)


def _campus_as_one(groups: Truth) -> dict[str, frozenset[str]]:
    return {
        sha256: frozenset("openpano_CMU" if group in ONE_CAMPUS else group for group in of)
        for sha256, of in groups.items()
    }


def _score(groups: Groups, truth: Truth, judged: set[str]) -> Score:
    """Pairs and B-cubed over all judged media; unlabelled ones are true series of one."""
    kept = [[one for one in group if one in judged] for group in groups]
    found = sum(_pairs(len(group)) for group in kept)
    right = sum(1 for group in kept for a, b in itertools.combinations(group, 2) if truth[a] & truth[b])
    true_groups: dict[str, set[str]] = defaultdict(set)
    for sha256 in judged:
        for group in truth[sha256]:
            true_groups[group].add(sha256)
    true_pairs = len(
        {pair for held in true_groups.values() for pair in itertools.combinations(sorted(held), 2)}
    )
    own = {one: set(group) for group in kept for one in group}
    precision, recall = [], []
    for one in sorted(judged):
        mine = own.get(one, {one})
        same = {one}.union(*(true_groups[name] for name in truth[one]))
        precision.append(len(mine & same) / len(mine))
        recall.append(len(mine & same) / len(same))
    b3_precision, b3_recall = sum(precision) / len(precision), sum(recall) / len(recall)
    mixed = {
        pair
        for group in kept
        for pair in itertools.combinations(sorted({name for one in group for name in truth[one]}), 2)
        if not any(set(pair) <= truth[one] for one in group)
    }
    return Score(
        precision=round(right / found, 4) if found else 1.0,
        recall=round(right / true_pairs, 4) if true_pairs else 1.0,
        pairs_found=found,
        pairs_false=found - right,
        pairs_true=true_pairs,
        b3_precision=round(b3_precision, 4),
        b3_recall=round(b3_recall, 4),
        b3_f1=round(2 * b3_precision * b3_recall / (b3_precision + b3_recall), 4),
        largest_false=max((_falsely_together(group, truth) for group in kept), default=0),
        true_series_mixed=len(mixed),
    )


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _falsely_together(group: Sequence[str], truth: Truth) -> int:
    """Media beyond the largest true part of a group, and one more; 0 for a group that is all true."""
    parts = Counter(name for one in group for name in truth[one])
    largest = max(parts.values(), default=1 if group else 0)
    return 0 if len(group) == largest else len(group) - largest + 1


def _edits(groups: Groups, labels: Labels) -> dict[str, list[int]]:
    """By kind of edit: how many are with any other media of their group, and how many there are."""
    home = {one: set(group) for group in groups for one in group}
    of_group: dict[str, set[str]] = defaultdict(set)
    for sha256, names in labels.groups.items():
        for name in names:
            of_group[name].add(sha256)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for sha256, (kind, group) in sorted(labels.edits.items()):
        others = of_group[group] - {sha256}
        found[kind][0] += bool(home.get(sha256, set()) & others)
        found[kind][1] += 1
    return dict(sorted(found.items()))


def _fragments(groups: Groups, labels: Labels) -> dict[str, list[int]]:
    """By true series: the sizes of the parts that it was found in, ones for media left alone."""
    home = {one: number for number, group in enumerate(groups) for one in group}
    parts: dict[str, Counter[object]] = defaultdict(Counter)
    for sha256, names in labels.groups.items():
        for name in names:
            parts[name][home.get(sha256, sha256)] += 1
    return {name: sorted(part.values(), reverse=True) for name, part in sorted(parts.items())}


def _false(groups: Groups, labels: Labels) -> list[list[str]]:
    """Groups that hold a false pair of judged media, by path."""
    wrong = []
    for group in groups:
        kept = [one for one in group if one in labels.judged]
        if any(not labels.groups[a] & labels.groups[b] for a, b in itertools.combinations(kept, 2)):
            wrong.append(sorted(labels.path[one] for one in kept))
    return wrong


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _print(result: dict[str, object]) -> None:
    machine = result["machine"]
    assert isinstance(machine, dict)
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print(f"{result['media']} media, links {result['links']}, linking {result['linking_cpu_seconds']} CPU s")
    scores = result["scores"]
    assert isinstance(scores, dict)
    columns = (
        "precision",
        "recall",
        "b3_precision",
        "b3_recall",
        "b3_f1",
        "pairs_false",
        "pairs_true",
        "largest_false",
        "true_series_mixed",
    )
    print(f"\n{'':28}" + "".join(f"{name:>18}" for name in columns))
    for reading, sides in scores.items():
        for side, score in sides.items():
            print(f"{reading + ', ' + side:28}" + "".join(f"{score[name]:>18}" for name in columns))
    print("\nedits found, by kind (with any other media of their group)")
    edits = result["edits"]
    assert isinstance(edits, dict)
    for kind, (found, of) in edits.items():
        print(f"  {found:3} of {of:3}  {kind}")
    for name in sorted({kind.partition(":")[0] for kind in edits}):
        own = [counts for kind, counts in edits.items() if kind.startswith(f"{name}:")]
        print(f"  {sum(one[0] for one in own):3} of {sum(one[1] for one in own):3}  {name} in all")
    print("\ntrue series, and the sizes of the parts they were found in")
    fragments = result["series"]
    assert isinstance(fragments, dict)
    for name, parts in fragments.items():
        if sum(parts) > 1:
            print(f"  {name:24} {parts}")
    for title in ("false", "unjudged", "notes"):
        listed = result[title]
        assert isinstance(listed, list)
        print(f"\n{title}: {len(listed)}")
        for one in listed:
            print(f"  {one}")


if __name__ == "__main__":
    main()
