"""Reads what the making of a file leaves in it: how its JPEG is built, what its name is like, who edited it.

These are traces of a model of camera or of a program, never of one device. What many media share says
nothing: see `same_maker_traces.py` for what it is worth.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from foureyes.engine.model import FactName, Linkable, Origin

EDITORS = re.compile(
    r"(?i)photoshop|lightroom|gimp|picasa|paint|photofiltre|acdsee|irfanview|xnview|snapseed|instagram|"
    r"facebook|whatsapp|telegram|viber|snapchat|picsart|vsco|facetune|meitu|pixlr|canva|imagemagick|"
    r"darktable|rawtherapee|affinity|aperture|capture one|capture nx|photos? editor|polarr|fotor|"
    r"microsoft|windows photo|paint\.net|google|shotwell|digikam|krita|corel|ulead|nero|magix|adobe"
)
"""Names of programs that save pictures anew. Firmware of cameras is named like none of them."""
_PROGRAM_SEGMENTS = ("APP13-Photoshop", "APP14-Adobe", "APP12-Ducky")
_COUNTED = re.compile(r"(?P<before>.*?[^0-9])?(?P<number>[0-9]{3,6})(?P<after>(?:[^0-9].*)?)")
_DATED = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}[-_.]?[01][0-9][-_.]?[0-3][0-9]")
_CLOCKED = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])(?:[-_.T ]|[ _]at[ _]){0,2}"
    r"([0-2][0-9])[-_.:]?([0-5][0-9])[-_.:]?([0-5][0-9])"
)
_LONGEST = 40


def is_edited(media: Linkable) -> bool:
    """Whether a program that edits or passes on pictures names itself, or left its segments."""
    for fact in media.facts:
        if fact.name is FactName.SOFTWARE and EDITORS.search(str(fact.value)):
            return True
        if fact.name is FactName.JPEG_LAYOUT and any(one in str(fact.value) for one in _PROGRAM_SEGMENTS):
            return True
    return False


def signature_of(media: Linkable) -> str:
    """How the JPEG is built, whatever it shows: sides, tables, segments, thumbnail. Empty for all else."""
    tables = layout = ""
    for fact in media.facts:
        if fact.origin is Origin.JPEG:
            if fact.name is FactName.QUANTISATION:
                tables = str(fact.value)
            elif fact.name is FactName.JPEG_LAYOUT:
                layout = str(fact.value)
    if not tables or not layout or not media.width:
        return ""
    sides = sorted((media.width, media.height))
    return f"{sides[0]}x{sides[1]} {tables} {layout}"


def naming_of(path: str) -> str:
    """The pattern of a file's name: digits as #, a counter or time as one. `IMG_1234.JPG` is `IMG_#.jpg`.

    Empty where the name has no letters before its digits, or no digits: anybody may have given it.
    """
    name = PurePosixPath(path)
    stem = _DATED.sub("@", name.stem)
    pattern = re.sub(r"[0-9]+", "#", stem)
    if not re.search(r"[A-Za-z]", pattern) or not re.search(r"[@#]", pattern):
        return ""
    return f"{pattern[:_LONGEST]}{name.suffix.casefold()}"


def clock_of(path: str) -> float | None:
    """The moment in a file's name, in seconds since 1970 as if it were UTC; None where there is none.

    `PXL_20230101_123456789.jpg`, `IMG_20230101_123456.jpg`, `WhatsApp Image 2023-01-01 at 12.34.56.jpeg`.
    """
    match = _CLOCKED.search(PurePosixPath(path).stem)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(one) for one in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def counter_of(path: str) -> tuple[str, int] | None:
    """What a file's name counts in, and its number; None where it does not count.

    Names with a date are told apart by that, not by a number: see `clock_of`.
    """
    name = PurePosixPath(path)
    if _DATED.search(name.stem):
        return None
    if (match := _COUNTED.fullmatch(name.stem)) is None:
        return None
    return f"{match['before'] or ''}#{match['after']}{name.suffix.casefold()}", int(match["number"])
