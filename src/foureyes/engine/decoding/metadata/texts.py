"""Plain texts that containers carry: comments of JPEG and GIF, texts of PNG. Knows no other standard."""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.decoding.metadata.blocks import blocks_of
from foureyes.engine.decoding.metadata.dates import stated_time
from foureyes.engine.decoding.metadata.text import clean
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

_KEYWORDS = {
    "title": FactName.DESCRIPTION,
    "description": FactName.DESCRIPTION,
    "author": FactName.ARTIST,
    "copyright": FactName.COPYRIGHT,
    "software": FactName.SOFTWARE,
}
"""Keywords that the PNG standard defines; all else is a comment that keeps its keyword."""
_CREATED = ("creation time", "create-date", "date:create")


class TextsReader:
    """Reads plain texts of containers."""

    name = "texts"
    version = 1

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """One fact per text."""
        blocks = blocks_of(untrusted)
        origin = Origin.JPEG if blocks.segments else Origin.CONTAINER
        for untrusted_keyword, untrusted_text in blocks.texts:
            keyword, text = clean(untrusted_keyword), clean(untrusted_text.partition("\0")[0])
            if text:
                yield _fact(keyword, text, origin)


def _fact(keyword: str, text: str, origin: Origin) -> Fact:
    lower = keyword.lower()
    if lower in _KEYWORDS:
        return Fact(_KEYWORDS[lower], text, origin)
    moment = stated_time(text) if lower in _CREATED else None
    if moment:
        return Fact(FactName.CAPTURED_AT, moment, origin)
    said = text if lower == "comment" else f"{keyword}: {text}"
    return Fact(FactName.COMMENT, clean(said), origin)


READER = TextsReader()
