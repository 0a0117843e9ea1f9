"""Lines of text as rows of one width, as the catalogue keeps them, and back. Never reads a picture.

A row holds the corners of its line (eight numbers of 16 bits) and the text in UTF-8, cut where it is longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Fingerprint, TextLine

KIND = "text"
VERSION = 1
"""Raised whenever the same pixels would be read otherwise: all is read anew then."""
_PLACE_BYTES = 16
_TEXT_BYTES = 96
WIDTH = _PLACE_BYTES + _TEXT_BYTES
_SCALE = 65_535


def packed(lines: Iterable[TextLine], at_seconds: float = 0.0) -> list[Fingerprint]:
    """A row for each line of one picture or frame; one of zeros where there is none: it was looked at."""
    rows = [
        Fingerprint(KIND, VERSION, _value(line), max(1, round(100 * line.sure)), at_seconds) for line in lines
    ]
    return rows or [Fingerprint(KIND, VERSION, bytes(WIDTH), 0, at_seconds)]


def unpacked(value: NDArray[np.uint8], quality: int, at_seconds: float) -> TextLine | None:
    """The line of one row; None for one of zeros."""
    content = value.tobytes()
    text = content[_PLACE_BYTES:].rstrip(b"\0").decode("utf-8", "ignore")
    if not text:
        return None
    corners = np.frombuffer(content[:_PLACE_BYTES], "<u2").reshape(4, 2) / _SCALE
    place = tuple((round(x, 4), round(y, 4)) for x, y in corners.tolist())
    return TextLine(text, quality / 100, place, at_seconds)


def _value(line: TextLine) -> bytes:
    corners = np.clip(np.array(line.place, np.float64), 0.0, 1.0) * _SCALE
    text = b"".join(_whole(line.text))
    return np.round(corners).astype("<u2").tobytes() + text.ljust(_TEXT_BYTES, b"\0")


def _whole(text: str) -> Iterator[bytes]:
    """Its letters in UTF-8 as far as they fit; none is cut in two."""
    left = _TEXT_BYTES
    for letter in text.replace("\0", ""):
        content = letter.encode("utf-8", "ignore")
        left -= len(content)
        if left < 0:
            return
        yield content
