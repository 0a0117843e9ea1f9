"""How many points unrelated pictures share, and how many views of one scene do.

    python bench/views.py [--data DIR] [--pairs N] [--workers N] [--json FILE]

The curve of the link same-view rests on it. DIR holds `manifest.csv`. Compared are all pairs of a group of
the sets series, camera and neardup (many do not overlap: what is found of them is a lower bound), N pairs of
different groups, distractors among them, and pairs that are hard to tell apart: quarters of one wallpaper,
walls of different tiles cut from wallpapers, players' frames and logos around different pictures. Films give
frames. All is decoded in the cage and compared as linking does it, and nothing is kept. It asserts nothing.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ground_truth import asked, keep, options, rows_of
from numpy.typing import NDArray

from foureyes import __version__
from foureyes.engine import decoding
from foureyes.engine.fingerprints import local
from foureyes.engine.matching import geometry
from foureyes.engine.model import Fault, ViewPair
from foureyes.engine.series.calibration import shipped
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.series.links.same_view import SameView, score
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.looks import Look, caged, look_of
from foureyes.engine.steps.viewing import best_view

Pixels = NDArray[np.uint8]

TRUTH_SETS = {"series", "camera", "neardup", "video", "country"}
ONE_PLACE = {
    "openpano_CMU0": "openpano_CMU",
    "openpano_CMU1": "openpano_CMU",
    "openpano_CMU2": "openpano_CMU",
}
"""One campus: pairs across these are neither true nor false."""
FRAMES_OF_A_FILM = 4
STEPS = (10, 12, 15, 18, 20, 25, 30, 40, 60, 100)


@dataclass(frozen=True)
class Item:
    """One picture, frame or made-up picture."""

    name: str
    groups: frozenset[str]
    look: Look
    kind: str = "picture"


@dataclass(frozen=True)
class Outcome:
    """What two items came to, in all ways of comparing."""

    pair: tuple[str, str]
    inliers: dict[str, int]
    score: float
    strength: float
    fixed: bool


def main() -> None:
    arguments = _arguments()
    cv2.setNumThreads(1)
    began = time.process_time()
    items = _items(arguments.data)
    looked = time.process_time() - began
    numbers = random.Random(1)
    parts = {
        "true": _true(items),
        "true, films": _true_films(items, numbers),
        "false": _false(items, numbers, arguments.pairs),
        "hard": _hard(items),
    }
    result: dict[str, object] = {"items": len(items), "features_cpu_ms": round(1000 * looked / len(items), 1)}
    for name, pairs in parts.items():
        began, wall = time.process_time(), time.perf_counter()
        with ThreadPoolExecutor(arguments.workers) as pool:
            found = list(pool.map(_compared, pairs))
        spent = time.process_time() - began
        result[name] = _summary(found, spent)
        print(name, len(pairs), f"{time.perf_counter() - wall:.0f} s", file=sys.stderr, flush=True)
        if name == "true":
            result["groups"] = _by_group(items, found)
    result["machine"] = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "foureyes": __version__,
    }
    _print(result)
    keep(result, arguments.json)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    return asked(parser)


def _items(data: Path) -> list[Item]:
    """Looks at everything judged, and at what is made of the wallpapers."""
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(data):
        if row["set"] in TRUTH_SETS:
            true = row["group"] not in ("", "-") and row["role"] != "distractor" and row["set"] != "country"
            groups[row["path"]] |= {row["group"]} if true else set()
    walls = [
        str(path.relative_to(data)) for path in sorted((data / "distractors").rglob("*")) if path.is_file()
    ]
    items: list[Item] = []
    with caged(EngineSettings()) as decoder:
        for path in sorted({*groups, *walls}):
            frames = _pixels(decoder, data / path)
            kind = "picture" if len(frames) == 1 else "film"
            for at, pixels in frames:
                look = look_of(path, pixels, at)
                items.append(Item(f"{path}@{at:.1f}", frozenset(groups.get(path, ())), look, kind))
            if path in walls and len(frames) == 1:
                items += _made_up(path, frames[0][1])
    return items


def _pixels(decoder: decoding.Decoder, path: Path) -> list[tuple[float, Pixels]]:
    with path.open("rb") as stream:
        content = decoding.sniff(stream.read(4096))
        decoded = decoder.decode(stream.fileno(), content) if content.is_media else None
    if decoded is None or isinstance(decoded, Fault) or not decoded.frames:
        return []
    places = np.unique(np.linspace(0, len(decoded.frames) - 1, FRAMES_OF_A_FILM).round().astype(int))
    return [(decoded.frames[place].at_seconds, decoded.frames[place].pixels) for place in places]


def _made_up(path: str, wall: Pixels) -> Iterable[Item]:
    """Quarters of a wallpaper, a wall of one tile of it, and it inside a player and under a logo."""
    height, width = wall.shape[0] // 2, wall.shape[1] // 2
    for number, (top, left) in enumerate(((0, 0), (0, width), (height, 0), (height, width))):
        quarter = wall[top : top + height, left : left + width]
        enlarged = cv2.resize(quarter, None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC)
        yield _item(path, f"quarter {number}", np.asarray(enlarged, np.uint8))
    side = min(wall.shape[:2]) // 6
    tile = wall[height : height + side, width : width + side]
    yield _item(path, "tiles", np.ascontiguousarray(np.tile(tile, (5, 7, 1))))
    screen = np.full((480, 640, 3), 30, np.uint8)
    for x in range(20, 620, 40):
        cv2.circle(screen, (x, 450), 9, (200, 200, 200), 2)
        cv2.putText(screen, chr(65 + x % 26), (x - 8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (230, 230, 90), 2)
    screen[40:430, 20:620] = cv2.resize(wall, (600, 390), interpolation=cv2.INTER_AREA)
    yield _item(path, "player", screen)
    marked = np.asarray(cv2.resize(wall, (640, 480), interpolation=cv2.INTER_AREA), np.uint8)
    cv2.putText(marked, "FOUR EYES news", (330, 450), cv2.FONT_HERSHEY_TRIPLEX, 1.1, (255, 255, 255), 2)
    cv2.rectangle(marked, (320, 415), (632, 465), (240, 40, 40), 3)
    yield _item(path, "logo", marked)


def _item(path: str, made: str, pixels: Pixels) -> Item:
    return Item(f"{path} {made}", frozenset(), look_of(f"{path} {made}", pixels, 0.0), made.split(" ", 1)[0])


def _true(items: Sequence[Item]) -> list[tuple[Item, Item]]:
    still = [one for one in items if one.kind == "picture"]
    return [(a, b) for a, b in itertools.combinations(still, 2) if a.groups & b.groups]


def _true_films(items: Sequence[Item], numbers: random.Random) -> list[tuple[Item, Item]]:
    """Frames of different films of a group, and screenshots of them: a sample, at any times."""
    moving = [one for one in items if any(group.startswith("tmk") for group in one.groups)]
    pairs = [
        (a, b)
        for a, b in itertools.combinations(moving, 2)
        if a.groups & b.groups and a.look.sha256 != b.look.sha256
    ]
    return numbers.sample(pairs, min(400, len(pairs)))


def _false(items: Sequence[Item], numbers: random.Random, count: int) -> list[tuple[Item, Item]]:
    real = [one for one in items if one.kind in ("picture", "film")]
    places = [frozenset(ONE_PLACE.get(group, group) for group in one.groups) for one in real]
    chosen: set[tuple[int, int]] = set()
    most = len(real) * (len(real) - 1) // 4
    while len(chosen) < min(count, most):
        a, b = sorted(numbers.sample(range(len(real)), 2))
        if not places[a] & places[b] and real[a].look.sha256 != real[b].look.sha256:
            chosen.add((a, b))
    return [(real[a], real[b]) for a, b in sorted(chosen)]


def _hard(items: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Quarters of one wallpaper; tiles of any two; players and logos around any two."""
    pairs = []
    for kind in ("quarter", "tiles", "player", "logo"):
        for a, b in itertools.combinations([one for one in items if one.kind == kind], 2):
            together = a.name.rsplit(" ", 2)[0] == b.name.rsplit(" ", 2)[0]
            if kind != "quarter" or together:
                pairs.append((a, b))
    return pairs


def _compared(pair: tuple[Item, Item]) -> Outcome:
    a, b = (one.look for one in pair)
    ways = {
        "xfeat": geometry.view_of(a.xfeat, b.xfeat),
        "sift": geometry.view_of(a.sift, b.sift),
        "sift, mirrored": geometry.view_of(a.sift, local.mirrored(b.sift)),
    }
    inliers = {way: 0 if view is None else view.inliers for way, view in ways.items()}
    names = (pair[0].name, pair[1].name)
    seen = best_view(a, b)
    if seen is None:
        return Outcome(names, inliers, 0.0, 0.0, fixed=False)
    view = seen.view
    record = ViewPair(
        "a",
        "b",
        view.method,
        view.inliers,
        view.share_a,
        view.share_b,
        covers=view.covers,
        agrees=view.agrees,
        mirrored=view.mirrored,
        fixed=view.overlay,
        alone=seen.alone,
        unsure=seen.unsure,
    )
    return Outcome(
        names, inliers, round(score(record), 1), SameView().strength(record, shipped()), view.overlay
    )


def _summary(found: Sequence[Outcome], spent: float) -> dict[str, object]:
    ways = ("xfeat", "sift", "sift, mirrored")
    linked = [one for one in found if one.strength >= LINKED]
    return {
        "pairs": len(found),
        "cpu_ms": round(1000 * spent / max(1, len(found)), 1),
        "linked": len(linked),
        "fixed": sum(one.fixed for one in found),
        "scores": {step: sum(one.score >= step and not one.fixed for one in found) for step in STEPS},
        "inliers": {
            way: {step: sum(one.inliers[way] >= step for one in found) for step in STEPS} for way in ways
        },
        "strengths": dict(sorted(Counter(int(one.strength * 2) / 2 for one in found).items())),
        "highest": [
            [one.score, one.strength, one.fixed, *one.pair]
            for one in sorted(found, key=lambda one: (-one.strength, -one.score))[:12]
        ],
    }


def _by_group(items: Sequence[Item], found: Sequence[Outcome]) -> dict[str, list[int]]:
    """Of each group: linked pairs, pairs, media linked with any other, media."""
    groups = {one.name: one.groups for one in items}
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    linked: dict[str, set[str]] = defaultdict(set)
    members: dict[str, set[str]] = defaultdict(set)
    for one in found:
        for group in groups[one.pair[0]] & groups[one.pair[1]]:
            tally[group][0] += one.strength >= LINKED
            tally[group][1] += 1
            members[group].update(one.pair)
            if one.strength >= LINKED:
                linked[group].update(one.pair)
    return {
        group: [*counts, len(linked[group]), len(members[group])] for group, counts in sorted(tally.items())
    }


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
    print(f"{result['items']} pictures and frames, features {result['features_cpu_ms']} CPU ms each")
    for name in ("true", "true, films", "false", "hard"):
        part = result[name]
        assert isinstance(part, dict)
        print(
            f"\n{name}: {part['pairs']} pairs, {part['cpu_ms']} CPU ms each; linked {part['linked']}, ",
            end="",
        )
        print(f"fixed {part['fixed']}\n  at least" + "".join(f"{step:>8}" for step in STEPS))
        for row, counts in {"score": part["scores"], **part["inliers"]}.items():
            print(f"  {row:15}" + "".join(f"{counts[step]:>8}" for step in STEPS))
        if name in ("false", "hard"):
            for one in part["highest"]:
                fixed = "fixed" if one[2] else ""
                print(f"    score {one[0]:6} strength {one[1]:5} {fixed:5} {one[3]} | {one[4]}")
    groups = result["groups"]
    assert isinstance(groups, dict)
    print("\ngroup: linked pairs of pairs, media linked of media")
    for group, (linked, pairs, media, of) in groups.items():
        print(f"  {group:24} {linked:4} of {pairs:4}   {media:3} of {of:3}")


if __name__ == "__main__":
    main()
