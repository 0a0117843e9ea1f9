"""Which edits of a picture are found again: ours and a 64-bit pHash, kind by kind, on the same files.

    python bench/edits.py [--data DIR] [--peer-python PYTHON] [--json FILE] [--workers N]

DIR holds `manifest.csv`; what is compared is its set `neardup`: each edit with the original of its group, and
all pictures of different groups, distractors among them, as the chance to be wrong. Ours is what the engine
itself stores of a caged ingest: PDQ in eight orientations, within 31 bits, quality 50 and more. The peer is
`imagehash.phash` within 10 of 64 bits, EXIF rotation applied; it wants a Python that has `imagehash` and
Pillow (`--peer-python`), and without one only our side is measured. Every miss is listed with the kind of
method that could find it. A program for people: it asserts nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ground_truth import asked, keep, options, rows_of

from foureyes import __version__
from foureyes.engine import matching, pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings

PHASH_BITS = 10
SIZES = ("original", "edit", "view", "distractor")
KINDS = (
    ("turned or mirrored, EXIF says how", r"EXIF orientation"),
    ("turned by an odd angle", r"rotated text"),
    ("rotation", r"rotate"),
    ("mirror", r"flip|mirror|transpose|transverse"),
    ("aspect and size", r"aspect|resize"),
    ("blur and sharpening", r"blur|sharpen"),
    ("contrast and colour", r"contrast|saturation"),
    ("colour mode or format", r"colour mode"),
    ("another exposure, framing shifted", r"exposure"),
    ("spliced in place", r"splic"),
    ("same bytes", r"byte-identical"),
    ("another view", r"view"),
)
"""Kinds of edit told apart by the manifest's words, the first that fits."""
NEEDS_FEATURES = {
    "turned by an odd angle",
    "another view",
    "another exposure, framing shifted",
    "spliced in place",
}
"""Kinds that move what a hash of the whole picture sees: what these leave missed, only local features with a
geometric check could find."""
PEER = """
import json, sys
import imagehash
from PIL import Image, ImageOps
out = {}
for path in json.load(sys.stdin):
    try:
        with Image.open(path) as image:
            out[path] = str(imagehash.phash(ImageOps.exif_transpose(image)))
    except Exception as error:
        out[path] = None
json.dump(out, sys.stdout)
"""

Apart = Callable[[str, str], int | None]
"""Bits between two files by path, None where either has no hash."""


@dataclass(frozen=True)
class File:
    """One row of the manifest that is compared."""

    path: str
    sha256: str
    group: str
    role: str
    kind: str


@dataclass(frozen=True)
class Side:
    """One way to compare, and how near is the same."""

    name: str
    apart: Apart
    radius: int


def main() -> None:
    arguments = _arguments()
    files = _files(arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        sides = [_ours(arguments.data, files, Path(folder), arguments.workers)]
    if arguments.peer_python:
        sides.append(_phash(arguments.data, files, arguments.peer_python))
    result = {
        "machine": {"python": platform.python_version(), "foureyes": __version__},
        "files": {role: sum(one.role == role for one in files) for role in SIZES},
        "sides": {side.name: _measured(side, files) for side in sides},
    }
    _print(result)
    keep(result, arguments.json)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--peer-python", help="a Python that has imagehash")
    parser.add_argument("--workers", type=int, default=2)
    return asked(parser)


def _files(data: Path) -> list[File]:
    rows = [row for row in rows_of(data) if row["set"] == "neardup"]
    return [
        File(row["path"], row["sha256"], row["group"].strip("-"), row["role"], _kind(row)) for row in rows
    ]


def _kind(row: Mapping[str, str]) -> str:
    if row["role"] not in {"edit", "view"}:
        return ""
    said = row["edit"] if row["role"] == "edit" else "view"
    return next((kind for kind, words in KINDS if re.search(words, said)), said or "unnamed")


def _ours(data: Path, files: Sequence[File], folder: Path, workers: int) -> Side:
    """What the engine stores of these files, taken in as any folder is."""
    seized = folder / "seized"
    for one in files:
        there = seized / one.path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes((data / one.path).read_bytes())
    workspace, settings = Workspace.create(folder / "workspace"), EngineSettings(workers=workers)
    pipeline.ingest(seized, workspace, settings, source="bench", with_linking=False)
    with Catalogue.open(workspace, settings) as catalogue:
        table = catalogue.fingerprints("pdq")
        good = np.asarray(table.quality) >= matching.LEAST_QUALITY
        values = {
            bytes(sha256).hex(): value.copy()
            for sha256, value in zip(table.sha256[good], table.values[good], strict=True)
        }
    held = {one.path: values.get(one.sha256) for one in files}

    def apart(a: str, b: str) -> int | None:
        one, two = held[a], held[b]
        return None if one is None or two is None else matching.nearest_bits(one[None], two[None])

    return Side(f"Foureyes, PDQ in 8 orientations within {matching.LINKING_RADIUS} bits", apart, 31)


def _phash(data: Path, files: Sequence[File], python: str) -> Side:
    paths = [str((data / one.path).resolve()) for one in files]
    done = subprocess.run(
        [python, "-c", PEER], input=json.dumps(paths), capture_output=True, text=True, check=True
    )
    hashes = json.loads(done.stdout)
    held = {one.path: hashes[path] for one, path in zip(files, paths, strict=True)}

    def apart(a: str, b: str) -> int | None:
        one, two = held[a], held[b]
        return None if one is None or two is None else (int(one, 16) ^ int(two, 16)).bit_count()

    return Side(f"pHash within {PHASH_BITS} of 64 bits", apart, PHASH_BITS)


def _measured(side: Side, files: Sequence[File]) -> dict[str, object]:
    """Per kind of edit how many are within the radius of their group's original, and all false pairs."""
    originals = {one.group: one for one in files if one.role == "original"}
    firsts = {one.group: one for one in reversed(files) if one.role == "view"} | originals
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    missed = []
    for one in files:
        first = firsts.get(one.group)
        if not one.kind or first is None or first is one:
            continue
        bits = side.apart(one.path, first.path)
        found = bits is not None and bits <= side.radius
        kinds[one.kind][0] += found
        kinds[one.kind][1] += 1
        if not found:
            missed.append({"path": one.path, "kind": one.kind, "bits": bits})
    false, strangers, nearest = [], 0, None
    for a, b in itertools.combinations(files, 2):
        if (a.group and a.group == b.group) or a.sha256 == b.sha256:
            continue
        bits = side.apart(a.path, b.path)
        if bits is None:
            continue
        strangers += 1
        nearest = bits if nearest is None else min(nearest, bits)
        if bits <= side.radius:
            false.append([a.path, b.path, bits])
    return {
        "kinds": dict(sorted(kinds.items())),
        "missed": missed,
        "false": false,
        "strangers": strangers,
        "nearest_strangers_bits": nearest,
    }


def _print(result: Mapping[str, object]) -> None:
    sides = result["sides"]
    assert isinstance(sides, dict)
    print(result["machine"], result["files"])
    names = list(sides)
    print("\n" + "\n".join(f"({number}) {name}" for number, name in enumerate(names, 1)))
    print(f"\n{'found of':36}" + "".join(f"{f'({number})':>12}" for number, _ in enumerate(names, 1)))
    kinds = sorted({kind for side in sides.values() for kind in side["kinds"]})
    for kind in kinds:
        cells = [side["kinds"].get(kind, [0, 0]) for side in sides.values()]
        print(f"{kind:36}" + "".join(f"{f'{found} of {of}':>12}" for found, of in cells))
    for title, left in (("all edits", {"another view"}), ("all", set())):
        counts = [
            [sum(cell[place] for kind, cell in side["kinds"].items() if kind not in left) for place in (0, 1)]
            for side in sides.values()
        ]
        print(f"{title:36}" + "".join(f"{f'{found} of {of}':>12}" for found, of in counts))
    for name, side in sides.items():
        print(f"\n{name}: {len(side['false'])} false of {side['strangers']} pairs of strangers", end="")
        print(f", the nearest {side['nearest_strangers_bits']} bits apart")
        for false in side["false"]:
            print(f"  false: {false}")
        for miss in side["missed"]:
            what = " (local features)" if miss["kind"] in NEEDS_FEATURES else ""
            print(f"  missed: {miss['path']}: {miss['kind']}, {miss['bits']} bits{what}")


if __name__ == "__main__":
    main()
