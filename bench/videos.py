"""How well films are compared by their frames: real edits, and made films that teach the stop-list.

    python bench/videos.py [--data DIR] [--films 12] [--json FILE] [--workers N]

First the set `video` of DIR's `manifest.csv`, taken in by the engine itself: what each two films share, and
which edits are linked to another media of their group. Then films made of DIR's photographs, shown still or
panned over at 10 frames a second, all with one moving opening of three seconds: what strangers share by it,
what real copies and cuts share, and how many strangers are linked with the stop-list at its threshold and
without one. A program for people: it asserts nothing.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from ground_truth import asked, keep, options, rows_of
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from foureyes import __version__
from foureyes.engine import fingerprints, matching, pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.formats.video import DECODER
from foureyes.engine.decoding.untrusted import opened
from foureyes.engine.matching.titles import FILMS, HALF
from foureyes.engine.model import Link, Linkable, MediaKind, NearPair
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.settings import DecodingSettings, EngineSettings
from foureyes.engine.steps import finding

SIZE = (320, 180)
RATE = 10
CARD_SECONDS = 3
LENGTHS = (5, 10, 20, 40)
"""Seconds of content behind the opening."""
NO_STOP_LIST = 10**9

Pixels = np.ndarray


class Film(NamedTuple):
    """Fingerprints of one made film."""

    name: str
    seconds: float
    values: np.ndarray
    quality: np.ndarray
    at: np.ndarray


def main() -> None:
    arguments = _arguments()
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        real = _real(arguments.data, Path(folder), arguments.workers)
        made = _made(arguments.data, Path(folder), arguments.films)
    result = {
        "machine": {
            "python": platform.python_version(),
            "foureyes": __version__,
            "cpu_seconds": round(time.process_time() - began),
        },
        "thresholds": {"films": FILMS, "half": HALF},
        "real": real,
        "made": made,
    }
    _print(result)
    keep(result, arguments.json)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--films", type=int, default=12, help="made films of their own content")
    parser.add_argument("--workers", type=int, default=2)
    return asked(parser)


def _real(data: Path, folder: Path, workers: int) -> dict[str, object]:
    """The set `video`: pairs of films, edits found, pairs of strangers linked."""
    rows = {row["sha256"]: row for row in rows_of(data) if row["set"] == "video"}
    workspace, settings = Workspace.create(folder / "workspace"), EngineSettings(workers=workers)
    pipeline.ingest(data / "video", workspace, settings, source="bench", with_linking=False)
    with Catalogue.open(workspace, settings) as catalogue:
        held = list(catalogue.linkable(series.FACTS))
        near = finding.near_media(catalogue)
    bare = [Linkable(one.sha256, one.kind, (), one.paths, one.frames) for one in held]
    links = {(one.a, one.b): one for one in _links(bare, near.pairs)}
    linked = {pair for pair, one in links.items() if one.strength >= LINKED}
    partners: dict[str, set[str]] = defaultdict(set)
    for a, b in linked:
        partners[a].add(b)
        partners[b].add(a)
    edits = {sha256: row for sha256, row in rows.items() if row["role"] == "edit"}
    found = {
        sha256: any(rows[other]["group"] == row["group"] for other in partners[sha256] if other in rows)
        for sha256, row in edits.items()
    }
    return {
        "edits_found": [sum(found.values()), len(found)],
        "missed": sorted(
            f"{Path(row['path']).name}: {row['edit']}" for one, row in edits.items() if not found[one]
        ),
        "false": [
            [rows[a]["path"], rows[b]["path"]]
            for a, b in sorted(linked)
            if a in rows and b in rows and rows[a]["group"] != rows[b]["group"]
        ],
        "films": [
            {
                "a": Path(rows[pair.a]["path"]).name,
                "b": Path(rows[pair.b]["path"]).name,
                "strength": links[pair.a, pair.b].strength,
                "evidence": links[pair.a, pair.b].evidence,
            }
            for pair in near.pairs
            if pair.shared and {pair.a, pair.b} <= rows.keys() and min(pair.shared.of_a, pair.shared.of_b) > 1
        ],
    }  # fmt: skip


def _links(held: Sequence[Linkable], near: Sequence[NearPair]) -> tuple[Link, ...]:
    return series.build(series.evidence(held, near), (), ()).links


def _made(data: Path, folder: Path, count: int) -> list[dict[str, object]]:
    """Films of one opening and their own content, by the length of the content."""
    photos = _photos(data, 2 * count)
    told = []
    for seconds, moving in itertools.product(LENGTHS, (False, True)):
        shown = _pan if moving else _slides
        films = [
            _filmed(folder, f"film {n}", [*_card(data), *shown(photos[2 * n : 2 * n + 2], seconds)])
            for n in range(count)
        ]
        content = list(shown(photos[:2], seconds))
        cuts = {
            "re-encoded": _filmed(folder, "copy", [*_card(data), *content], rate_factor=38),
            "half": _filmed(folder, "half", content[: len(content) // 2], rate_factor=34),
            "quarter": _filmed(folder, "quarter", content[: len(content) // 4], rate_factor=34),
        }
        told.append(
            {
                "content": f"{seconds} s, {'moving' if moving else 'still'}",
                "frames_at_median": int(np.median([len(one.at) for one in films])),
                "strangers_share_at_most": _largest_share(_near(films, NO_STOP_LIST)),
                "shares": {
                    name: _largest_share(_near([films[0], cut], NO_STOP_LIST)) for name, cut in cuts.items()
                },
                "strangers_linked": {
                    str(some): [_linked(films[:some], title_films) for title_films in (NO_STOP_LIST, FILMS)]
                    for some in (2, FILMS - 1, FILMS, count)
                    if some <= count
                },
                "copies_linked_beside_titles": _copies_linked(films, cuts["re-encoded"]),
            }
        )
    return told


def _photos(data: Path, count: int) -> list[Pixels]:
    """Photographs of different groups first, so that films are strangers."""
    found: dict[str, Pixels] = {}
    paths = sorted((data / "distractors").rglob("*.jpg"))
    for path in paths:
        if len(found) == count:
            break
        with Image.open(path) as image:
            found[path.name] = np.asarray(ImageOps.fit(image.convert("RGB"), (2 * SIZE[0], 2 * SIZE[1])))
    if len(found) < count:
        sys.exit(f"{count} photographs are needed, {len(found)} are in {data / 'distractors'}.")
    return list(found.values())


def _card(data: Path) -> Iterator[Pixels]:
    """An opening: a picture with words on it that comes up and moves through."""
    path = min((data / "distractors").rglob("*.jpg"), key=lambda one: one.name[::-1])
    with Image.open(path) as image:
        card = ImageOps.fit(image.convert("RGB"), SIZE).filter(ImageFilter.GaussianBlur(2))
    draw = ImageDraw.Draw(card)
    for line in range(4):
        draw.text((30, 30 + 30 * line), "FOUREYES PICTURES PRESENTS", fill="white", font_size=18)
    pixels = np.asarray(card, np.float32)
    for number in range(CARD_SECONDS * RATE):
        near = np.roll(pixels, (2 * number, 4 * number), axis=(0, 1))
        yield np.asarray(near * min(1.0, (number + 1) / RATE), np.uint8)


def _pan(photos: Sequence[Pixels], seconds: int) -> Iterator[Pixels]:
    """A window that moves over each photograph in turn."""
    each = max(1, seconds * RATE // len(photos))
    for photo in photos:
        for number in range(each):
            x = round(SIZE[0] * number / each)
            y = round(SIZE[1] * (0.5 + 0.5 * np.sin(4 * number / each)))
            yield photo[y : y + SIZE[1], x : x + SIZE[0]]


def _slides(photos: Sequence[Pixels], seconds: int) -> Iterator[Pixels]:
    """A camera that stands still, before one thing and then before another."""
    for photo in photos:
        for _ in range(max(1, seconds * RATE // len(photos))):
            yield photo[: SIZE[1], : SIZE[0]]


def _filmed(folder: Path, name: str, frames: Sequence[Pixels], rate_factor: int = 26) -> Film:
    """Encoded, decoded and fingerprinted as any film is."""
    path = folder / f"{name}.mp4"
    with av.open(str(path), "w") as film:
        options = {"preset": "ultrafast", "crf": str(rate_factor)}
        stream = film.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
            film.mux(stream.encode(picture))
        film.mux(stream.encode(None))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with opened(descriptor, ContentType(Family.VIDEO, "mp4")) as untrusted:
            made = fingerprints.compute(DECODER.decode(untrusted, DecodingSettings()))
    finally:
        os.close(descriptor)
        path.unlink()
    values = np.stack([np.frombuffer(one.value, np.uint8) for one in made])
    return Film(
        name,
        len(frames) / RATE,
        values,
        np.array([one.quality for one in made]),
        np.array([one.at_seconds for one in made]),
    )


def _near(films: Sequence[Film], title_films: int) -> matching.NearMedia:
    sha256 = np.zeros((sum(len(one.at) for one in films), 32), np.uint8)
    sha256[:, 0] = np.repeat(np.arange(len(films)), [len(one.at) for one in films])
    values, quality, at = (np.concatenate(part) for part in list(zip(*films, strict=True))[2:])
    lasting = {f"{number:02x}" + 62 * "0": one.seconds for number, one in enumerate(films)}
    return matching.near_media(sha256, values, quality, at, title_films=title_films, film_seconds=lasting)


def _largest_share(near: matching.NearMedia) -> float:
    """Of the one that shares more, of its frames or its time, whichever is less; over all pairs."""
    shares = [
        max(
            min(pair.shared.seen_a / pair.shared.of_a, pair.shared.share_a),
            min(pair.shared.seen_b / pair.shared.of_b, pair.shared.share_b),
        )
        for pair in near.pairs
        if pair.shared
    ]
    return round(max(shares, default=0.0), 3)


def _linked(films: Sequence[Film], title_films: int) -> int:
    near = _near(films, title_films)
    names = {name for pair in near.pairs for name in (pair.a, pair.b)}
    held = [Linkable(name, MediaKind.VIDEO) for name in names]
    return sum(one.strength >= LINKED for one in _links(held, near.pairs))


def _copies_linked(films: Sequence[Film], copy: Film) -> bool:
    """Whether a re-encoded copy still links to its film, and to it alone, when the titles are stopped."""
    near = _near([*films, copy], FILMS)
    return {(pair.a[:2], pair.b[:2]) for pair in near.pairs} == {("00", f"{len(films):02x}")}


def _print(result: dict[str, object]) -> None:
    print(result["machine"], result["thresholds"])
    real, made = result["real"], result["made"]
    assert isinstance(real, dict)
    assert isinstance(made, list)
    print("\nreal films: edits linked to a media of their group: {} of {}".format(*real["edits_found"]))
    print(f"  strangers linked: {real['false']}")
    for one in real["films"]:
        print(f"  {one['strength']:.2f}  {one['a']} (A), {one['b']} (B): {one['evidence']}")
    for one in real["missed"]:
        print(f"  missed: {one}")
    print("\nmade films with one opening of 3 s")
    for row in made:
        print(
            f"  {row['content']}, {row['frames_at_median']} frames: strangers share at most "
            f"{row['strangers_share_at_most']}; copies and cuts {row['shares']}; copy links to its film "
            f"alone: {row['copies_linked_beside_titles']}; strangers linked, by films held [without, with "
            f"the stop-list]: {row['strangers_linked']}"
        )


if __name__ == "__main__":
    main()
