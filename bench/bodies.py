"""How often two media of one series state two camera bodies, and how often two of different series do.

    python bench/bodies.py --data DIR [--workers N]

DIR holds `manifest.csv` as for `bench/series.py`, which reads it. Pairs of judged media are counted by what
their body serials say, worthless ones left out, and with it the series in which any is stated: pairs of one
series are one observation. Nothing here is tuned or kept.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from series import taken_in
from series_truth import Labels, labels, paths_of

from foureyes.engine import series
from foureyes.engine.series.links.shots import Shot, shot_of


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        taken_in(arguments.data, Path(folder), arguments.workers) as catalogue,
    ):
        held = list(catalogue.linkable(series.FACTS))
        known = labels(arguments.data, held, paths_of(catalogue))
    shots = {one.sha256: shot_of(one) for one in held if one.sha256 in known.judged}
    for (true, said), count in sorted(pairs(shots, known).items()):
        print(f"{count:8,} pairs of {'one series' if true else 'two series'}: {said}")
    for group, bodies in sorted(bodies_of(shots, known).items()):
        stated = ", ".join(f"{serial} ({count})" for serial, count in sorted(bodies.items()))
        print(f"{group:24} {len(bodies)} {'body' if len(bodies) == 1 else 'bodies'}: {stated}")


def pairs(shots: Mapping[str, Shot], known: Labels) -> Counter[tuple[bool, str]]:
    """By whether two media belong together, what their serials say."""
    counts: Counter[tuple[bool, str]] = Counter()
    for one, other in itertools.combinations(shots.values(), 2):
        true = bool(known.groups[one.sha256] & known.groups[other.sha256])
        counts[true, _said(one, other)] += 1
    return counts


def bodies_of(shots: Mapping[str, Shot], known: Labels) -> dict[str, Counter[str]]:
    """Of each series that states any, its bodies with the number of media."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for shot in shots.values():
        for group in known.groups[shot.sha256]:
            if shot.serial:
                found[group][shot.serial] += 1
    return found


def _said(one: Shot, other: Shot) -> str:
    if not one.serial or not other.serial:
        return "a serial is not known"
    if one.serial == other.serial:
        return "one body"
    same = (one.maker, one.model) == (other.maker, other.model)
    return f"two bodies{', of one model' if same else ''}"


if __name__ == "__main__":
    main()
