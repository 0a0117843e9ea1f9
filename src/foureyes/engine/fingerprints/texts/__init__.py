"""Text that stands in a picture: where its lines are, and what they say. Two networks, run on raw pixels.

It reads Latin, Chinese and Japanese script; what is written in another one comes out as what it looks
like, or as nothing. It says nothing of what a text means, and downloads nothing: the files are of a package.
"""

from __future__ import annotations

from foureyes.engine.fingerprints.texts.packing import KIND, VERSION, packed, unpacked
from foureyes.engine.fingerprints.texts.reader import FRAMES_AT_MOST, LINES_AT_MOST, SIDE, SURE, Reader
from foureyes.engine.fingerprints.texts.weights import Weights, weights
from foureyes.engine.settings import EngineSettings

__all__ = [
    "FRAMES_AT_MOST",
    "KIND",
    "LINES_AT_MOST",
    "SIDE",
    "SURE",
    "VERSION",
    "Reader",
    "Weights",
    "packed",
    "reader_of",
    "unpacked",
    "weights",
]


def reader_of(settings: EngineSettings) -> Reader | None:
    """The reader that is set, its networks loaded; None where text is not to be read.

    Raises ModelUnusable where a file is missing or altered.
    """
    return Reader(weights(settings.texts.weights)) if settings.texts.on else None
