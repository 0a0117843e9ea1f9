"""Maker notes: what cameras say in their makers' own forms, as far as it tells one camera from another.

Serial numbers, lens numbers, firmware, owner and running numbers only, never a picture's settings. Never
takes a value from outside of the note: programs that move a note without its offsets would else make up
serial numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from foureyes.engine.decoding.metadata.damaged import Damaged
from foureyes.engine.decoding.metadata.makers import CANON, FIXED, MAKERS, Maker
from foureyes.engine.decoding.metadata.text import utf16
from foureyes.engine.decoding.metadata.tiff import Directory, Tiff
from foureyes.engine.model import Fact, FactName, Origin

_LIKELY_ENTRIES = 255
"""A first count above this is read in the wrong byte order."""
_KODAK_SERIAL = re.compile(rb"[CK][A-Z0-9]{3} ?[A-Z0-9]{2,4}[0-9]{4,8}(?=[ \0])")


def facts(exif: Directory, tag: int, make: str, model: str) -> Iterator[Fact]:
    """Facts of the maker note that a tag of an EXIF directory holds.

    Args:
        exif: the directory that holds the note.
        tag: its number there.
        make: the camera's maker as EXIF states it: some notes have no other name.
        model: the camera's model, since some makers move numbers about between models.

    Raises:
        Damaged: a note with a known beginning cannot be read.
    """
    note = exif.view(tag)
    if note is None or len(note) < 12:  # noqa: PLR2004 - the smallest directory
        return
    head = bytes(note[:128])
    yield from _fixed_facts(bytes(note[:256]), make)
    maker = _maker(head, make.upper())
    if maker is None:
        return
    at = exif.entries[tag].at
    try:
        directory = _opened(exif.block, at, note, maker)
        yield from _tag_facts(directory, maker, model)
    except Damaged:
        if maker.signature:
            raise


def facts_of_canon(block: Tiff, at: int) -> Iterator[Fact]:
    """Facts of a Canon note that is a TIFF block of its own, as CR3 has it."""
    yield from _tag_facts(block.directory(at, _wanted(CANON)), CANON, "")


def _maker(head: bytes, make: str) -> Maker | None:
    for maker in MAKERS:
        if head.startswith(maker.signature) if maker.signature else make.startswith(maker.make):
            return maker
    return None


def _opened(outer: Tiff, at: int, note: memoryview, maker: Maker) -> Directory:
    """The note's directory; values outside of the note are taken out of it."""
    order = _order(outer, note, maker)
    if maker.base is not None:
        block = Tiff(note[maker.base :], order)
        first = maker.directory - maker.base
        if maker.pointer is not None:
            first = block.number(maker.pointer, "I")
        return block.directory(first, _wanted(maker))
    end = at + len(note)
    shift = _shift(note, at) if maker is CANON else 0
    block = Tiff(outer.data[:end], order)
    directory = block.directory(at + maker.directory, _wanted(maker))
    moved = _counted_from_note(directory, at) and maker.make == "SAMSUNG"
    for tag, entry in list(directory.entries.items()):
        if not at <= entry.at < directory.end:  # not a short value, which stands in the directory itself
            entry = entry._replace(at=entry.at + (at if moved else shift))  # noqa: PLW2901 - the corrected one
            directory.entries[tag] = entry
        if not at <= entry.at < end:
            del directory.entries[tag]
            block.lost += 1
    return directory


def _order(outer: Tiff, note: memoryview, maker: Maker) -> str:
    if maker.order:
        return maker.order
    if maker.mark is not None:
        stated = {b"II": "<", b"MM": ">"}.get(bytes(note[maker.mark : maker.mark + 2]))
        if stated:
            return stated
    count = Tiff(note, outer.order).number(maker.directory, "H")
    other = ">" if outer.order == "<" else "<"
    return other if count > _LIKELY_ENTRIES else outer.order


def _shift(note: memoryview, at: int) -> int:
    """Canon ends its notes with a TIFF header and the place where the note once stood."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(bytes(note[-8:-4]))
    if order is None:
        return 0
    return at - int.from_bytes(note[-4:], "little" if order == "little" else "big")


def _counted_from_note(directory: Directory, at: int) -> bool:
    """Samsung counts from the note in some models and from the TIFF header in others."""
    far = [entry.at for entry in directory.entries.values() if not at <= entry.at < directory.end]
    return bool(far) and min(far) < at


def _wanted(maker: Maker) -> frozenset[int]:
    return frozenset(maker.tags) | maker.needed


def _tag_facts(directory: Directory, maker: Maker, model: str) -> Iterator[Fact]:
    stated: set[Fact] = set()
    for tag, (name, reading) in maker.tags.items():
        if tag in directory.entries and (value := reading(directory, tag)):
            stated.add(Fact(name, value, Origin.MAKER_NOTE))
            yield Fact(name, value, Origin.MAKER_NOTE)
    if maker.further is not None:
        yield from (fact for fact in maker.further(directory, model) if fact not in stated)
    if directory.block.lost:
        said = f"maker note: {directory.block.lost} values lie outside of it"
        yield Fact(FactName.METADATA_FAULT, said, Origin.MAKER_NOTE)


def _fixed_facts(head: bytes, make: str) -> Iterator[Fact]:
    for signature, at, size in FIXED:
        if head.startswith(signature) and (serial := utf16(head[at : at + size])):
            yield Fact(FactName.BODY_SERIAL, serial, Origin.MAKER_NOTE)
    if "KODAK" in make.upper() and (match := _KODAK_SERIAL.match(head)):
        yield Fact(FactName.BODY_SERIAL, match[0].decode("ascii"), Origin.MAKER_NOTE)
