"""What `/m/` answers for rendered material: single tiles, strips of frames, and films in ranges.

Asked only after the link was checked. It never renders: what is not in the cache is not there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs

from foureyes.engine.catalogue import Catalogue, films, tiles
from foureyes.workbench.access.tokens import Kind, Material
from foureyes.workbench.library import rendering

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
PIECE_BYTES = 4 << 20
"""One answer to a range gives at most so much: a browser asks for the rest when it needs it."""
NUMBER = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


NOT_THERE = Answer(404, b"")


def answer(held: Catalogue, material: Material, query: bytes, untrusted_range: str) -> Answer:
    """One tile, one strip, or one range of a film."""
    with _open(held, material.name) as descriptor:
        if descriptor is None:
            return NOT_THERE
        if material.kind is Kind.TILE:
            return _tile(descriptor, query)
        if material.kind is Kind.STRIP:
            kept = films.outline_of(descriptor)
            return Answer(200, kept.strip) if kept else NOT_THERE
        return _film(descriptor, untrusted_range)


def _tile(descriptor: int, query: bytes) -> Answer:
    asked = parse_qs(query[:200].decode("ascii", "replace"))
    numbers = [asked.get(name, [""])[0] for name in ("level", "column", "row")]
    if not all(NUMBER.fullmatch(one) for one in numbers):
        return NOT_THERE
    level, column, row = map(int, numbers)
    jpeg = tiles.tile_of(descriptor, level, column, row)
    return Answer(200, jpeg) if jpeg else NOT_THERE


def _film(descriptor: int, untrusted_range: str) -> Answer:
    head = films.part_of(descriptor)
    if head is None:
        return NOT_THERE
    if not untrusted_range:
        return Answer(200, os.pread(descriptor, head.length, head.offset), ((b"accept-ranges", b"bytes"),))
    bounds = _bounds(untrusted_range, head.length)
    if bounds is None:
        return Answer(416, b"", ((b"content-range", f"bytes */{head.length}".encode()),))
    first, last = bounds
    body = os.pread(descriptor, last - first + 1, head.offset + first)
    place = f"bytes {first}-{last}/{head.length}".encode()
    return Answer(206, body, ((b"content-range", place), (b"accept-ranges", b"bytes")))


def _bounds(untrusted_range: str, length: int) -> tuple[int, int] | None:
    """First and last byte to send."""
    asked = RANGE.fullmatch(untrusted_range)
    if asked is None or not any(asked.groups()):
        return None
    first_text, last_text = asked.groups()
    if not first_text:  # the last so many bytes
        first, last = max(0, length - int(last_text)), length - 1
    else:
        first, last = int(first_text), min(int(last_text or length - 1), length - 1)
    if first > last or first >= length:
        return None
    return first, min(last, first + PIECE_BYTES - 1)


@contextmanager
def _open(held: Catalogue, name: str) -> Iterator[int | None]:
    try:
        descriptor = rendering.opened(held, name)
    except ValueError:
        descriptor = None
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)
