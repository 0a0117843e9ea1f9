"""Text in pictures: what is read at which size, which pairs that brings together, and what it costs.

    python bench/texts.py [--data DIR] [--pictures N] [--json FILE]

DIR holds `manifest.csv` and pictures. Texts are drawn on pictures of the sets series, distractors and camera:
the same text laid over two different pictures; the same poster put into two pictures by two homographies;
different texts in one font, which are the chance to be wrong; and pages of different passages of our own
documentation in one layout. Words are drawn from our documentation too, in fonts of this machine where there
are some. Then the pictures of DIR themselves, by the truth of the manifest, and a hundred thousand made-up
readings for cost and memory. A program for people: it asserts nothing, and nothing here is tuned.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import random
import re
import resource
import string
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ground_truth import asked, keep, options, rows_of
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from foureyes import __version__
from foureyes.engine.fingerprints import texts
from foureyes.engine.matching.texts import Read, folded, shared_texts
from foureyes.engine.model import TextLine, TextPair
from foureyes.engine.series.calibration import shipped
from foureyes.engine.series.links.same_text import LAID_OVER, SameText, score

Pixels = NDArray[np.uint8]
ROOT = Path(__file__).parents[1]
SETS = ("series", "distractors", "camera")
SIDES = (320, 416, 512, 640, 800)
HEIGHTS = (0.015, 0.02, 0.03, 0.05)
"""Of the longer side: what letters are high."""
GATE_SIDE = 256
CORPUS = 5000
"""Media that are held besides, as far as rarity goes."""
FONTS = Path("/usr/share/fonts")
STRENGTHS = (0.3, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Bearing:
    """A picture with what was drawn on it."""

    name: str
    text: str
    pixels: Pixels
    high: float = 0.0


def main() -> None:
    arguments = _arguments()
    rng = random.Random(7)
    reader = texts.Reader(texts.weights())
    plain = list(_pictures(arguments.data, arguments.pictures, rng))
    words = _words()
    figures: dict[str, Any] = {"version": __version__, "machine": platform.machine(), "pictures": len(plain)}
    figures["cost"] = _cost(reader, plain)
    laid = [one for high in HEIGHTS for one in _laid_over(plain, words, high, rng)]
    figures["read"] = _read_at_sizes(reader, laid)
    figures["gate"] = _gate(reader, laid, plain)
    figures["laid over two pictures"] = _found(reader, laid)
    figures["poster in two pictures"] = _found(reader, list(_posters(plain, words, rng)))
    figures["different texts"] = _wrong(reader, list(_different(plain, words, rng)))
    figures["different pages"] = _wrong(reader, list(_pages()))
    figures["as they are"] = _by_truth(reader, arguments.data)
    figures["a hundred thousand readings"] = _large(words, rng)
    for name, said in figures.items():
        print(f"{name}: {json.dumps(said, indent=2) if isinstance(said, (dict, list)) else said}")
    keep(figures, arguments.json)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--pictures", type=int, default=80, help="pictures that are drawn on")
    return asked(parser)


def _opened(path: Path, side: int) -> Image.Image | None:
    try:
        with Image.open(path) as image:
            picture = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def _pictures(data: Path, count: int, rng: random.Random) -> Iterator[tuple[str, Image.Image]]:
    """Large enough ones, in an order of chance, with their group."""
    rows = [row for row in rows_of(data) if row["set"] in SETS]
    rng.shuffle(rows)
    for row in rows:
        picture = _opened(data / row["path"], 1600)
        if picture is not None and max(picture.size) >= 700 and count > 0:
            count -= 1
            yield row["group"] or row["path"], picture


def _words() -> list[str]:
    told = " ".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
    return sorted({word for word in re.findall(r"[A-Za-z]{3,11}", told) if word.islower()})


def _font(rng: random.Random, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    known = sorted(FONTS.rglob("*.ttf")) if FONTS.is_dir() else []
    return ImageFont.truetype(str(rng.choice(known)), size) if known else ImageFont.load_default(size)


def _text(words: Sequence[str], rng: random.Random) -> str:
    return " ".join(rng.choice(words) for _ in range(rng.randint(2, 4)))


def _draw(
    picture: Image.Image, text: str, high: float, rng: random.Random, place: float | None = None
) -> Pixels:
    """One line near the upper or lower edge, plain or outlined, opaque or not; then a JPEG."""
    picture = picture.copy()
    size = max(picture.size) * high
    font = _font(rng, size)
    left, top, right, _ = ImageDraw.Draw(picture).textbbox((0, 0), text, font=font)
    while right - left > 0.95 * picture.width:
        size *= 0.9
        font = _font(rng, size)
        left, top, right, _ = ImageDraw.Draw(picture).textbbox((0, 0), text, font=font)
    x = rng.uniform(0, picture.width - (right - left)) if place is None else place * picture.width
    y = rng.choice([0.02, 0.93]) * picture.height
    layer = Image.new("RGBA", picture.size)
    colour = rng.choice([(255, 255, 255), (255, 255, 255), (0, 0, 0), (255, 220, 0)])
    opaque = rng.choice([255, 255, 170])
    edge = (0, 0, 0, opaque) if colour != (0, 0, 0) else (255, 255, 255, opaque)
    ImageDraw.Draw(layer).text(
        (x - left, y - top),
        text,
        (*colour, opaque),
        font,
        stroke_width=rng.choice([0, 0, 2]),
        stroke_fill=edge,
    )
    picture.paste(layer, (0, 0), layer)
    return _as_jpeg(picture)


def _as_jpeg(picture: Image.Image) -> Pixels:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return np.asarray(Image.open(out).convert("RGB"))


def _reduced(pixels: Pixels, side: int) -> Pixels:
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _laid_over(
    plain: Sequence[tuple[str, Image.Image]], words: Sequence[str], high: float, rng: random.Random
) -> Iterator[Bearing]:
    """Each two pictures get one text."""
    for (_, one), (_, other) in zip(plain[::2], plain[1::2], strict=False):
        text = _text(words, rng)
        for picture in (one, other):
            yield Bearing(text, text, _draw(picture, text, high, rng), high)


def _posters(
    plain: Sequence[tuple[str, Image.Image]], words: Sequence[str], rng: random.Random
) -> Iterator[Bearing]:
    """Each two pictures get one poster of three lines, seen from another side in each."""
    for (_, one), (_, other) in zip(plain[::2], plain[1::2], strict=False):
        lines = [_text(words, rng) for _ in range(3)]
        poster = Image.new("RGB", (600, 300), (235, 225, 190))
        for number, line in enumerate(lines):
            ImageDraw.Draw(poster).text((30, 30 + 85 * number), line, (40, 30, 90), _font(rng, 40))
        for picture in (one, other):
            yield Bearing(" ".join(lines), " ".join(lines), _put_into(picture, np.asarray(poster), rng))


def _put_into(picture: Image.Image, poster: Pixels, rng: random.Random) -> Pixels:
    wide = picture.width * rng.uniform(0.35, 0.5)
    high = wide * poster.shape[0] / poster.shape[1]
    x, y = (rng.uniform(0.05, 0.45) * side for side in picture.size)
    level = [(0, 0), (poster.shape[1], 0), (poster.shape[1], poster.shape[0]), (0, poster.shape[0])]
    square = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    bent = [(a + rng.uniform(-0.08, 0.08) * wide, b + rng.uniform(-0.08, 0.08) * high) for a, b in square]
    moved = cv2.getPerspectiveTransform(np.array(level, np.float32), np.array(bent, np.float32))
    size = picture.size
    laid = cv2.warpPerspective(poster, moved, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full(poster.shape[:2], 255, np.uint8), moved, size)[:, :, None] > 127
    return _as_jpeg(Image.fromarray(np.where(mask, laid, np.asarray(picture)).astype(np.uint8)))


def _different(
    plain: Sequence[tuple[str, Image.Image]], words: Sequence[str], rng: random.Random
) -> Iterator[Bearing]:
    for number, (_, picture) in enumerate(plain):
        for again in range(3):
            text = _text(words, rng)
            yield Bearing(f"{number}.{again}", text, _draw(picture, text, 0.04, rng, place=0.05))


def _pages() -> Iterator[Bearing]:
    """Passages of 30 lines of our own documentation, each of another page."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        told = re.sub(r"[^\x20-\x7e]+", " ", path.read_text("utf-8"))
        lines = [told[at : at + 60] for at in range(0, 1800, 60)]
        page = Image.new("RGB", (512, 640), "white")
        for number, line in enumerate(lines):
            font = ImageFont.load_default(14)
            ImageDraw.Draw(page).text((15, 10 + 20 * number), line, fill="black", font=font)
        yield Bearing(path.name, " ".join(lines), np.asarray(page))


def _cost(reader: texts.Reader, plain: Sequence[tuple[str, Image.Image]]) -> dict[str, Any]:
    """CPU milliseconds a picture at each size: finding lines, and all; and lines read."""
    told = {}
    for side in SIDES:
        seen = [_reduced(np.asarray(picture), side) for _, picture in plain]
        start = time.process_time()
        for pixels in seen:
            reader.spots(pixels, side)
        spotted = time.process_time()
        lines = sum(len(reader.read(pixels, side)) for pixels in seen)
        ended = time.process_time()
        told[side] = {
            "finding": round(1e3 * (spotted - start) / len(seen), 1),
            "all": round(1e3 * (ended - spotted) / len(seen), 1),
            "lines": lines,
        }
    return {**told, "resident MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def _read_at_sizes(reader: texts.Reader, laid: Sequence[Bearing]) -> dict[str, Any]:
    """Share of texts of which 90 % is read, by how high they are and at which size they were looked at."""
    told: dict[str, dict[str, float]] = {}
    for high in HEIGHTS:
        some = [one for one in laid if one.high == high]
        told[f"{high:.1%}"] = {
            str(side): round(
                sum(_is_read(one.text, reader.read(_reduced(one.pixels, side), side)) for one in some)
                / len(some),
                2,
            )
            for side in SIDES[2:]
        }
    return told


def _is_read(text: str, lines: Sequence[TextLine]) -> bool:
    wanted = folded(text)
    return any(SequenceMatcher(None, wanted, folded(line.text)).ratio() >= 0.9 for line in lines)


def _gate(
    reader: texts.Reader, laid: Sequence[Bearing], plain: Sequence[tuple[str, Image.Image]]
) -> dict[str, Any]:
    """Were only those read on whose thumbnail a line is found: how many texts that would find, and spare."""
    share: dict[str, Any] = {}
    for high in HEIGHTS:
        some = [one for one in laid if one.high == high]
        passed = sum(bool(reader.spots(_reduced(one.pixels, GATE_SIDE), 320)) for one in some)
        share[f"{high:.1%}"] = round(passed / len(some), 2)
    spared = sum(not reader.spots(_reduced(np.asarray(picture), GATE_SIDE), 320) for _, picture in plain)
    return {"passed, of those with text": share, "spared, of those without": round(spared / len(plain), 2)}


def _reads(reader: texts.Reader, borne: Sequence[Bearing]) -> list[Read]:
    return [
        Read(f"{number:06}", reader.read(_reduced(one.pixels, texts.SIDE)))
        for number, one in enumerate(borne)
    ]


def _strength(pair: TextPair, media: int = CORPUS) -> float:
    worth = shipped().strength(SameText.name, score(pair, media))
    return min(worth, LAID_OVER if pair.fixed else SameText.cap)


def _found(reader: texts.Reader, borne: Sequence[Bearing]) -> dict[str, Any]:
    """Pairs with one text, by what the link between them says; and linked pairs of different texts."""
    reads = _reads(reader, borne)
    said = {(pair.a, pair.b): _strength(pair) for pair in shared_texts(reads)}
    true: dict[str, dict[str, Any]] = {}
    names = [f"{number:06}" for number in range(len(borne))]
    for high in sorted({one.high for one in borne}):
        pairs = [(names[at], names[at + 1]) for at in range(0, len(borne) - 1, 2) if borne[at].high == high]
        true[f"{high:.1%}"] = {
            "pairs": len(pairs),
            **{f"from {least}": sum(said.get(pair, 0.0) >= least for pair in pairs) for least in STRENGTHS},
        }
    texts_of = {name: one.text for name, one in zip(names, borne, strict=True)}
    false = [worth for (a, b), worth in said.items() if texts_of[a] != texts_of[b]]
    return {"true": true, "false": _falsely(false, len(borne))}


def _wrong(reader: texts.Reader, borne: Sequence[Bearing]) -> dict[str, Any]:
    reads = _reads(reader, borne)
    every = list(combinations([one.sha256 for one in reads], 2))
    pairs = [
        pair for pair in shared_texts(reads, also=every) if borne[int(pair.a)].text != borne[int(pair.b)].text
    ]
    strongest = max(pairs, key=_strength, default=None)
    return _falsely([_strength(pair) for pair in pairs], len(borne)) | {
        "strongest": strongest and f"{strongest.text} ({strongest.letters} letters beyond chance)"
    }


def _falsely(strengths: Sequence[float], pictures: int) -> dict[str, Any]:
    return {
        "pairs looked at": pictures * (pictures - 1) // 2,
        "share letters": len(strengths),
        **{f"from {least}": sum(worth >= least for worth in strengths) for least in STRENGTHS},
    }


def _by_truth(reader: texts.Reader, data: Path) -> dict[str, Any]:
    """Every picture of the data but those that break decoders, by its group."""
    reads, group = [], {}
    lines = 0
    for row in rows_of(data):
        picture = None if row["set"] in {"hostile", "speech"} else _opened(data / row["path"], texts.SIDE)
        if picture is None or min(picture.size) < 16:
            continue
        read = reader.read(np.asarray(picture))
        lines += len(read)
        reads.append(Read(row["path"], read))
        group[row["path"]] = row["group"]
    said: dict[str, list[str]] = defaultdict(list)
    for pair in shared_texts(reads):
        true = group[pair.a] == group[pair.b] != ""
        worth = _strength(pair, len(reads))
        if worth >= STRENGTHS[0]:
            kind = "true" if true else "other group"
            said[kind].append(f"{worth:.1f} {pair.text!r} {pair.a} {pair.b}")
    return {
        "pictures": len(reads),
        "with text": sum(bool(one.lines) for one in reads),
        "lines": lines,
        **said,
    }


def _large(words: Sequence[str], rng: random.Random) -> dict[str, Any]:
    """Made-up readings of three texts each: one in ten bears a shared one, one in a hundred a site's mark."""
    place = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.2), (0.1, 0.2))
    shared = [_text(words, rng) + " " + _text(words, rng) for _ in range(5_000)]
    mark = "www.pictures-of-example.net"
    media = []
    for number in range(100_000):
        said = [_text(words, rng) for _ in range(2)]
        said.append(mark if number % 100 == 0 else rng.choice(shared) if number % 10 == 0 else _noise(rng))
        media.append(Read(f"{number:08}", [TextLine(text, 0.9, place) for text in said]))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    pairs = shared_texts(media)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    worth = [_strength(pair, len(media)) for pair in pairs]
    return {
        "CPU seconds": round(time.process_time() - start, 1),
        "MB more": grown,
        "pairs": len(pairs),
        **{f"from {least}": sum(one >= least for one in worth) for least in STRENGTHS},
    }


def _noise(rng: random.Random) -> str:
    return "".join(rng.choice(string.ascii_lowercase) for _ in range(12))


if __name__ == "__main__":
    main()
