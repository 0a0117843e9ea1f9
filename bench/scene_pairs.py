"""How near the scene vectors of true and of other pairs are: raw numbers for the curve of `same-scene`.

    python bench/scene_pairs.py --data DIR [--workers N] [--json FILE]

DIR holds `manifest.csv` as for `bench/series.py`, which reads it. Every pair of judged pictures and films is
counted once, by its nearest two vectors, in steps of 0.05; copies are counted too. With it: how far the
candidates that linking would get connect each true series. Nothing here is tuned or kept.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from series import taken_in
from series_truth import Labels, labels, paths_of

from foureyes.engine import series
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import finding, scenes

STEP = 20
"""Bins from 0 to 1."""
FLOORS = (0.5, 0.6, 0.65, 0.7, 0.75)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        taken_in(arguments.data, Path(folder), arguments.workers) as catalogue,
    ):
        known = labels(arguments.data, list(catalogue.linkable(series.FACTS)), paths_of(catalogue))
        report = {"pairs": counted(catalogue, known), "candidates": connected(catalogue, known)}
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def counted(catalogue: Catalogue, known: Labels) -> list[dict[str, float | None]]:
    """True and other pairs of judged media by cosine, and log10 of the ratio of their shares."""
    table = catalogue.fingerprints("scene")
    values = table.values.reshape(len(table), -1).view("<f2").astype(np.float32)
    names = [bytes(one).hex() for one in table.sha256]
    kept = [row for row, name in enumerate(names) if name in known.judged and values[row].any()]
    near: dict[tuple[str, str], float] = {}
    for place, row in enumerate(kept):
        found = values[kept[place + 1 :]] @ values[row]
        for other, cosine in zip(kept[place + 1 :], found.tolist(), strict=True):
            pair = (min(names[row], names[other]), max(names[row], names[other]))
            near[pair] = max(near.get(pair, -1.0), cosine)
    bins: Counter[tuple[int, bool]] = Counter()
    for (a, b), cosine in near.items():
        if a != b:
            bins[min(int(max(cosine, 0.0) * STEP), STEP - 1), bool(known.groups[a] & known.groups[b])] += 1
    totals = {side: sum(count for (_, true), count in bins.items() if true is side) for side in (True, False)}
    rows: list[dict[str, float | None]] = []
    for step in range(STEP):
        true, other = bins[step, True], bins[step, False]
        ratio = math.log10(true / totals[True] * totals[False] / other) if true and other else None
        rows.append(
            {
                "from": step / STEP,
                "true": true,
                "other": other,
                "log10": None if ratio is None else round(ratio, 2),
            }
        )
    return rows


def connected(catalogue: Catalogue, known: Labels) -> list[dict[str, object]]:
    """By floor: candidates, and the true series that they and copies do not connect."""
    near = finding.near_media(catalogue)
    found = scenes.pairs(catalogue, EngineSettings(), copies=near.pairs).pairs
    copies = [(one.a, one.b) for one in near.pairs]
    rows: list[dict[str, object]] = []
    for floor in FLOORS:
        candidates = [(one.a, one.b) for one in found if one.cosine >= floor]
        true = [
            (a, b)
            for a, b in (*copies, *candidates)
            if known.groups.get(a, set()) & known.groups.get(b, set())
        ]
        rows.append({"from": floor, "candidates": len(candidates), "apart": apart(known, true)})
    return rows


def apart(known: Labels, pairs: Iterable[tuple[str, str]]) -> dict[str, list[int]]:
    """True series that the pairs leave in several parts, with the sizes of those."""
    stacks = scenes.scenes.Stacks(pairs)
    parts: dict[str, Counter[str]] = defaultdict(Counter)
    for sha256, groups in known.groups.items():
        for group in groups:
            parts[group][stacks.first(sha256)] += 1
    return {
        name: sorted(part.values(), reverse=True) for name, part in sorted(parts.items()) if len(part) > 1
    }


if __name__ == "__main__":
    main()
