"""IPTC-IIM data sets of JPEG, TIFF, PNG and PSD to typed facts. Knows the application record only.

Does not ask data set 1:90 for the encoding: programs write UTF-8 without saying so, and what is valid as
UTF-8 is hardly ever anything else; the rest is read as Latin-1.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.decoding.metadata.blocks import blocks_of
from foureyes.engine.decoding.metadata.damaged import Damaged, guarded
from foureyes.engine.decoding.metadata.dates import packed_time
from foureyes.engine.decoding.metadata.text import decoded
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

SETS_AT_MOST = 2000
_MARKER = 0x1C
_EXTENDED = 0x8000
"""A length with this bit states how many bytes state the real length."""
_APPLICATION = 2
_TEXTS = {
    5: FactName.DESCRIPTION,
    25: FactName.KEYWORD,
    26: FactName.PLACE_NAME,
    27: FactName.PLACE_NAME,
    40: FactName.COMMENT,  # special instructions; Facebook puts its own mark here
    65: FactName.SOFTWARE,
    80: FactName.ARTIST,
    90: FactName.PLACE_NAME,
    92: FactName.PLACE_NAME,
    95: FactName.PLACE_NAME,
    101: FactName.PLACE_NAME,
    116: FactName.COPYRIGHT,
    120: FactName.DESCRIPTION,
}
_CREATED = (55, 60)
_DIGITISED = (62, 63)


class IptcReader:
    """Reads IPTC-IIM."""

    name = "iptc"
    version = 1

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """Facts of every IPTC block of a file, each once."""
        seen: set[Fact] = set()
        for block in blocks_of(untrusted).iptc:
            for fact in guarded(_facts(block), "IPTC", Origin.IPTC):
                if fact not in seen:
                    seen.add(fact)
                    yield fact


def _facts(block: bytes) -> Iterator[Fact]:
    stated: dict[int, str] = {}
    for record, number, value in _data_sets(block):
        if record != _APPLICATION:
            continue
        if number in (*_CREATED, *_DIGITISED):
            stated.setdefault(number, decoded(value))
        elif number in _TEXTS and (text := decoded(value)):
            yield Fact(_TEXTS[number], text, Origin.IPTC)
    for day, clock in (_CREATED, _DIGITISED):
        if moment := packed_time(stated.get(day, ""), stated.get(clock, "")):
            yield Fact(FactName.CAPTURED_AT, moment, Origin.IPTC)
            break


def _data_sets(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(record, number, value) of each set: 0x1C, record, number, length (2 or more), value."""
    at = 0
    for _ in range(SETS_AT_MOST):
        if at + 5 > len(block) or block[at] != _MARKER:
            return
        record, number = block[at + 1], block[at + 2]
        size = int.from_bytes(block[at + 3 : at + 5], "big")
        at += 5
        if size & _EXTENDED:
            width = size & ~_EXTENDED
            if width > 4:  # noqa: PLR2004 - four bytes state more than any block has
                raise Damaged("a data set states no length")
            size = int.from_bytes(block[at : at + width], "big")
            at += width
        if at + size > len(block):
            raise Damaged("a data set is longer than its block")
        yield record, number, block[at : at + size]
        at += size


READER = IptcReader()
