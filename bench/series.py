"""How right the series are: precision, recall and B-cubed F1 against the ground truth of a data folder.

    python bench/series.py [--data DIR] [--similar N] [--peer PYTHON] [--json FILE] [--workers N]

DIR holds `manifest.csv`: a row per file with path, set, group, role and edit. A group of the sets series,
camera, neardup and video is a true series; all else belongs to nothing. Beside the engine's figures stand
those of copies only (the same-picture links alone) and, with --peer, of SSCD at its published threshold.
Files of the sets that were collected to break decoders (`hostile`, `metadata`) carry no truth: they are taken
in too, and what is joined among them alone is listed but not judged, for many are variants of one file. With
--similar that many pictures are drawn that look alike and do not belong together (`series_similar.py` says
what is true of them). With --network an ONNX file looks for scenes too, as `foureyes networks add` sets it,
or with --instead in place of the shipped one. Nothing here is tuned or kept. Processor time is that of this
process and of those it ended: what the ingest's own workers take is measured by bench/ingest.py.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import gammaincinv
from series_orders import by_chance, by_hand, by_worth, reviewed, with_proposals
from series_printing import show
from series_scores import Groups, edits, false, fragments, score
from series_similar import make
from series_truth import Labels, campus_as_one, labels, paths_of, with_families

from foureyes import __version__
from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import Link, Progress
from foureyes.engine.series import grouping
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.fitting import Scored, cllr, reliability
from foureyes.engine.series.labelling import scored_by, totals_of
from foureyes.engine.series.links import LINKS, LinkEvidence, propose
from foureyes.engine.settings import EngineSettings, SceneModel
from foureyes.engine.steps import networks
from foureyes.engine.steps.linking import gather
from foureyes.engine.steps.listed import links_nothing

COPIES = "same-picture"
SIMILAR = "similar"
PEER_THRESHOLD = 0.75
"""Cosine from which SSCD's authors take a pair for copies: 90 % precision on DISC (their README)."""
RANDOM_ORDERS = (1, 2, 3)


def main() -> None:
    arguments = _arguments()
    if not (arguments.data / "manifest.csv").is_file():
        sys.exit(f"There is no manifest.csv in {arguments.data}: say where the data is with --data DIR.")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, clock = Path(name), _Clock()
        cut_from = make(arguments.data, folder / SIMILAR, arguments.similar) if arguments.similar else {}
        clock.lap("drawing")
        own = None
        if arguments.network:
            scale = arguments.floor, arguments.likely
            own = SceneModel(
                arguments.network, "", arguments.side, layout="", floor=scale[0], likely=scale[1]
            )
        catalogue = stack.enter_context(
            taken_in(
                arguments.data,
                folder,
                arguments.workers,
                bool(cut_from),
                own=own,
                instead=arguments.instead,
            )
        )
        clock.lap("ingest")
        settings = networks.applied(EngineSettings(workers=arguments.workers), catalogue.workspace)
        gathered = gather(catalogue, links_nothing(catalogue), clock.stage, settings)
        evidence = gathered.evidence
        clock.lap(clock.running)
        paths = paths_of(catalogue)
        known = labels(arguments.data, evidence.media.values(), paths)
        if cut_from:
            known = with_families(known, cut_from, paths)
        clock.lap("labels")
        lines: dict[str, Groups] = {}
        if arguments.peer:
            lines["SSCD at .75"] = _peer(
                arguments.peer, [arguments.data, folder / SIMILAR], known, paths, folder
            )
        clock.lap("the peer")
        result = measured(evidence, known, lines, clock)
        result["notes"] += gathered.notes
    result["machine"] = {
        "processor": _processor(),
        "python": platform.python_version(),
        "foureyes": __version__,
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    result["cpu_seconds"] = {stage: round(spent, 2) for stage, spent in clock.spent.items()}
    result["cpu_milliseconds_a_media"] = {
        stage: round(1000 * spent / len(evidence.media), 2) for stage, spent in clock.spent.items()
    }
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--similar", type=int, default=0, help="pictures that look alike, mixed in")
    parser.add_argument("--peer", type=Path, help="a Python that has what series_peer.py needs")
    parser.add_argument("--network", type=Path, help="an ONNX file that looks for scenes too")
    parser.add_argument("--side", type=int, default=0, help="pixels that it sees, if its input does not say")
    parser.add_argument("--floor", type=float, default=0.5, help="its cosine of candidates")
    parser.add_argument(
        "--likely", type=float, default=0.7, help="its cosine that one stranger in 300 reaches"
    )
    parser.add_argument("--instead", action="store_true", help="in place of the shipped network")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


class _Clock:
    """Processor time of each stage, of this process and of those that it waited for."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.running = ""
        self._last = _processor_seconds()

    def lap(self, name: str) -> None:
        now = _processor_seconds()
        self.spent[name] += now - self._last
        self._last = now

    def stage(self, progress: Progress) -> None:
        if progress.stage != self.running:
            self.lap(self.running or "before linking")
            self.running = progress.stage


def _processor_seconds() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def taken_in(
    data: Path,
    folder: Path,
    workers: int,
    similar: bool = False,
    *,
    own: SceneModel | None = None,
    instead: bool = False,
) -> Catalogue:
    """Ingest the folder by the engine itself, into a workspace of its own; open it for writing."""
    workspace = Workspace.create(folder / "workspace")
    if own is not None:
        pipeline.add_network(workspace, own, instead=instead)
    settings = EngineSettings(workers=workers)
    pipeline.ingest(data, workspace, settings, source="bench", with_linking=False)
    if similar:
        pipeline.ingest(folder / SIMILAR, workspace, settings, source="similar", with_linking=False)
    return Catalogue.open(workspace, settings, write=True, purpose="bench")


def measured(
    evidence: LinkEvidence, known: Labels, lines: dict[str, Groups], clock: _Clock
) -> dict[str, Any]:
    """Everything that is told but the machine."""
    built = series.build(evidence, (), ())
    clock.lap("grouping")
    asked = series.questions(built.series, built.links, (), loners=True)
    groups: Groups = [one.members for one in built.series]
    others = frozenset(maker.name for maker in LINKS) - {COPIES}
    copies = series.build(replace(evidence, off=others), (), ())
    copied: Groups = [one.members for one in copies.series]
    lines = {
        "foureyes": groups,
        "with proposals": with_proposals(built, asked, known),
        "copies only": copied,
        **lines,
    }
    readings = {"by place": known.groups, "campus as one": campus_as_one(known.groups)}
    return {
        "media": len(evidence.media),
        "similar": len(known.intruders),
        "links": dict(Counter(link.kind for link in built.links)),
        "scores": {
            reading: {name: asdict(score(found, truth, known)) for name, found in lines.items()}
            for reading, truth in readings.items()
        },
        "proposals": {
            "asked": len(asked),
            "by kind": dict(Counter(one.kind.value for one in asked)),
            "between, true": sum(
                one.kind.value == "between"
                and bool(known.groups.get(one.a, frozenset()) & known.groups.get(one.b, frozenset()))
                for one in asked
            ),
        },
        "decisions": {
            "by worth": reviewed(evidence, built, known, by_worth),
            **{
                f"by chance {seed}": reviewed(evidence, built, known, by_chance(seed))
                for seed in RANDOM_ORDERS
            },
            "copies only, by hand": by_hand(copied, known),
        },
        "edits": edits(groups, known),
        "series": fragments(groups, known),
        **_borne_out(built, known),
        "left_out": _left_out(evidence, known, built.links),
        "false": false(groups, known),
        "unjudged": [
            sorted(known.path[one] for one in group)
            for group in groups
            if not set(group) & (known.judged | known.intruders)
        ],
        "notes": list(built.notes),
    }


def _borne_out(built: series.Built, known: Labels) -> dict[str, Any]:
    """What strengths say beside what they come to, by kind and together; and false links of the machine."""
    named = {one: known.groups.get(one, frozenset()) for one in (*known.judged, *known.intruders)}
    neutral = [one for one in built.links if not _cut_from_one(one, known)]
    totals = totals_of(named)
    numbers = {sha256: number for number, sha256 in enumerate(sorted(named))}
    names = list(numbers)
    inside = [one for one in neutral if one.a in numbers and one.b in numbers]
    edges = [
        Link(names[a], names[b], "all together", strength, "")
        for strength, a, b in grouping.edges_of(inside, numbers)
    ]
    by_kind: dict[str, list[Scored]] = {**scored_by(inside, named), **scored_by(edges, named)}
    home = {sha256: one.id for one in built.series for sha256 in one.members}
    linked = [one for one in edges if one.strength >= grouping.LINKED]
    counted = {
        "from 4 on": linked,
        "from 5 on": [one for one in linked if one.strength >= grouping.STRONG],
        "inside series": [one for one in linked if one.a in home and home[one.a] == home.get(one.b)],
    }
    return {
        "reliability": {
            kind: {
                "cllr": round(cllr(said, totals), 4),
                "bins": [row._asdict() for row in reliability(said, totals)],
            }
            for kind, said in by_kind.items()
        },
        "linked_edges": {
            "false pairs looked through": round(totals.false),
            **{name: _false_share(found, named) for name, found in counted.items()},
        },
    }


def _false_share(edges: Sequence[Link], named: dict[str, frozenset[str]]) -> dict[str, float]:
    """How many edges are false, and what share of all such may be at most, 19 times in 20 (Garwood)."""
    false = sum(not named[one.a] & named[one.b] for one in edges)
    return {
        "edges": len(edges),
        "false": false,
        "share at most": round(float(gammaincinv(false + 1, 0.95)) / max(1, len(edges)), 6),
    }


def _cut_from_one(link: Link, known: Labels) -> bool:
    family = known.family.get(link.a)
    return family is not None and family == known.family.get(link.b)


def _left_out(evidence: LinkEvidence, known: Labels, links: Sequence[Link]) -> dict[str, Any]:
    """The scores without each kind of link that said anything."""
    told = {}
    for kind in sorted({link.kind for link in links}):
        built = series.build(replace(evidence, off=frozenset({kind})), (), ())
        found = score([one.members for one in built.series], known.groups, known)
        told[kind] = {
            name: getattr(found, name) for name in ("b3_precision", "b3_recall", "b3_f1", "pairs_false")
        }
    alone = {kind: len(list(propose(replace(evidence, off=_all_but(kind))))) for kind in told}
    return {kind: {**told[kind], "links": alone[kind]} for kind in told}


def _all_but(kind: str) -> frozenset[str]:
    return frozenset(maker.name for maker in LINKS) - {kind}


def _peer(
    python: Path, roots: Sequence[Path], known: Labels, paths: dict[str, list[str]], folder: Path
) -> Groups:
    """Pictures that SSCD takes for copies, joined by every such pair; films are not looked at."""
    names, files = [], []
    for sha256 in sorted({*known.judged, *known.intruders}):
        here = [root / path for root in roots for path in paths.get(sha256, ()) if (root / path).is_file()]
        if here:
            names.append(sha256)
            files.append(str(here[0]))
    listed, out = folder / "peer.json", folder / "peer.npz"
    listed.write_text(json.dumps(files), encoding="utf-8")
    script = Path(__file__).with_name("series_peer.py")
    subprocess.run([python, script, listed, out], check=True, stderr=subprocess.DEVNULL)
    found = np.load(out)
    vectors = found["vectors"] / np.linalg.norm(found["vectors"], axis=1, keepdims=True)
    print(f"SSCD: {len(vectors)} of {len(files)} files, {1000 * float(found['seconds']):.0f} CPU ms each")
    groups = ConstrainedGroups(len(vectors))
    for at in range(0, len(vectors), 1000):
        near = vectors[at : at + 1000] @ vectors.T >= PEER_THRESHOLD
        for one, other in zip(*np.nonzero(near), strict=True):
            groups.join(at + int(one), int(other))
    kept = found["numbers"]
    return [[names[kept[item]] for item in group] for group in groups.groups()]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


if __name__ == "__main__":
    began = time.perf_counter()
    main()
    print(f"\n{time.perf_counter() - began:.0f} seconds in all")
