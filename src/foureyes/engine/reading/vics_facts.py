"""What a VICS record states, turned into typed facts and times. Pure functions; run in the cage only.

Nothing is guessed: what is not in a known form is left out, or said to be unreadable. Categories keep
the raw code, as 0 and 5 mean opposite things in different programs.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from foureyes.engine.model import FactName, FactValue

Claim = tuple[FactName, FactValue]

_TEXT_AT_MOST = 1000
_PHOTODNA_BYTES = 144
_HEX_DIGITS = {FactName.STATED_MD5: 32, FactName.STATED_SHA1: 40}
_OF_NOTHING = frozenset({"d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"})
"""Digests of an empty file: exporters write them where they have none."""
_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_TEXTS = {"Series": FactName.SERIES_NAME, "Tags": FactName.TAG, "Comments": FactName.COMMENT}
_FLAGS = {
    "VictimIdentified": FactName.VICTIM_IDENTIFIED,
    "OffenderIdentified": FactName.OFFENDER_IDENTIFIED,
    "IsDistributed": FactName.DISTRIBUTED,
}
_PROPERTIES = {
    "make": FactName.CAMERA_MAKER,
    "cameramake": FactName.CAMERA_MAKER,
    "model": FactName.CAMERA_MODEL,
    "cameramodel": FactName.CAMERA_MODEL,
    "bodyserialnumber": FactName.BODY_SERIAL,
    "cameraserialnumber": FactName.BODY_SERIAL,
    "serialnumber": FactName.BODY_SERIAL,
    "lensmodel": FactName.LENS_MODEL,
    "lensserialnumber": FactName.LENS_SERIAL,
    "software": FactName.SOFTWARE,
    "artist": FactName.ARTIST,
    "copyright": FactName.COPYRIGHT,
    "imagedescription": FactName.DESCRIPTION,
    "cameraownername": FactName.OWNER,
    "ownername": FactName.OWNER,
    "imageuniqueid": FactName.IMAGE_ID,
}
_MOMENT = re.compile(
    r"(\d{4})[-:](\d\d)[-:](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?Z?",
    re.ASCII,
)
_SERIALISED = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_SIGNED = re.compile(r"\s*[+-]?\d{1,3}(?:\.\d+)?\s*", re.ASCII)
_ANGLE = re.compile(r"""[\d\s.,]*(?:deg|°)?[\d\s.,'"]*""", re.ASCII)
_ANGLE_CHARACTERS = 60
_COMPASS = {"N": 1, "S": -1, "E": 1, "W": -1, "NORTH": 1, "SOUTH": -1, "EAST": 1, "WEST": -1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 1602
"""Years 1 and 1601 are how .NET and Windows write that there is no time."""


def claims(media: Mapping[str, Any]) -> Iterator[Claim]:
    """Give all that a Media record states about its content."""
    yield from _category(media.get("Category"))
    for key, name in _TEXTS.items():
        yield from _text(name, media.get(key))
    for key, name in _FLAGS.items():
        yield from _flag(name, key, media.get(key))
    yield from _digest(FactName.STATED_MD5, media.get("MD5"))
    yield from _digest(FactName.STATED_SHA1, media.get("SHA1"))
    yield from _photodna(media)
    properties = _properties(media)
    for key, name in _PROPERTIES.items():
        yield from _text(name, properties.get(key))
    yield from _captured(properties)
    yield from position(properties)


def entry_claims(entry: Mapping[str, Any]) -> Iterator[Claim]:
    """Give what one MediaFiles entry states about its own copy."""
    for key in ("Unallocated", "Deleted"):
        if truth(entry.get(key)):
            yield FactName.COMMENT, key.lower()
    parent = [str(entry[key]) for key in ("ParentFilePath", "ParentFileName") if entry.get(key)]
    if parent:
        yield FactName.COMMENT, clean("inside " + "\\".join(parent))


def truth(stated: object) -> bool | None:
    """Read a flag: exporters write true, "true", "True", 1. None where it is none of these."""
    if isinstance(stated, bool):
        return stated
    text = str(stated).strip().lower()
    return True if text in _YES else False if text in _NO else None


def clean(text: str) -> str:
    """Cut to 1,000 characters that UTF-8 can carry, without control characters."""
    kept = text[: 2 * _TEXT_AT_MOST]
    if not kept.isprintable():
        kept = "".join(c if c.isprintable() or c in "\n\t" else " " for c in kept)
    return kept.strip()[:_TEXT_AT_MOST]


def moment_ns(stated: object) -> int | None:
    """Read a time as nanoseconds since 1970; one without a zone is taken as UTC.

    Forms met: ISO with none to seven digits of fraction, `Z`, `+hh:mm`, `+01:00Z`, and `/Date(ms)/`.
    """
    if not isinstance(stated, str):
        return None
    serialised = _SERIALISED.fullmatch(stated.strip())
    if serialised:
        return int(serialised[1]) * 1_000_000
    match = _MOMENT.fullmatch(stated.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[i] or 0) for i in range(1, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    if year < _FIRST_YEAR:
        return None
    seconds = (moment - _EPOCH) // timedelta(seconds=1) - _zone_seconds(match[8])
    return seconds * 1_000_000_000 + int((match[7] or "0")[:9].ljust(9, "0"))


def position(properties: Mapping[str, str]) -> Iterator[Claim]:
    """Read a position, or say why it is none. A hemisphere that is not stated is never supposed."""
    for keys in (("gpslatitude", "gpslongitude"), ("latitude", "longitude"), ("lat", "lon"), ("lat", "long")):
        if keys[0] in properties or keys[1] in properties:
            try:
                latitude = _angle(properties, keys[0], "NS", 90)
                longitude = _angle(properties, keys[1], "EW", 180)
            except ValueError as error:
                yield FactName.GPS_REJECTED, str(error)
            else:
                yield FactName.LATITUDE, latitude
                yield FactName.LONGITUDE, longitude
            return


def _angle(properties: Mapping[str, str], key: str, letters: str, most: float) -> float:
    """Read one angle. Raises ValueError with words."""
    stated, compass = properties.get(key), properties.get(f"{key}ref")
    if stated is None:
        raise ValueError(f"{key} is not stated")
    text = stated.strip()
    if len(text) > _ANGLE_CHARACTERS:
        raise ValueError(f"{key} is not an angle")
    if compass is None and text[-1:].upper() in letters and text:
        text, compass = text[:-1], text[-1]
    if compass is None and not key.startswith("gps") and _SIGNED.fullmatch(text):
        sign, value = 1, float(text)  # signed degrees say their hemisphere themselves
    elif (
        compass is None
        or compass.strip().upper() not in _COMPASS
        or compass.strip().upper()[0] not in letters
    ):
        raise ValueError(f"{key} has no compass letter: its hemisphere is unknown")
    else:
        sign, value = _COMPASS[compass.strip().upper()], _degrees(text, key)
    if not abs(value) <= most:
        raise ValueError(f"{key} is not on earth")
    return sign * value


def _degrees(text: str, key: str) -> float:
    """Read `12 deg 34'56.78"`, `41, 53, 2.44` or `41.88`, all without a sign."""
    numbers = [float(number) for number in _NUMBER.findall(text)]
    if not _ANGLE.fullmatch(text) or not 1 <= len(numbers) <= 3 or any(n >= 60 for n in numbers[1:]):  # noqa: PLR2004  minutes and seconds of arc
        raise ValueError(f"{key} is not an angle")
    return sum((number / (1, 60, 3600)[power] for power, number in enumerate(numbers)), 0.0)


def _zone_seconds(zone: str | None) -> int:
    if zone in (None, "Z"):
        return 0
    digits = str(zone).replace(":", "")
    seconds = int(digits[1:3]) * 3600 + int(digits[3:5]) * 60
    return -seconds if digits[0] == "-" else seconds


def _category(stated: object) -> Iterator[Claim]:
    if stated is None or isinstance(stated, bool | list | dict):
        return
    text = clean(str(stated))
    if re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        yield FactName.CATEGORY, int(text)
    elif text:
        yield FactName.CATEGORY, text


def _text(name: FactName, stated: object) -> Iterator[Claim]:
    if isinstance(stated, str) and (text := clean(stated)):
        yield name, text


def _flag(name: FactName, key: str, stated: object) -> Iterator[Claim]:
    if stated is None or stated == "":
        return
    said = truth(stated)
    if said is None:
        yield FactName.METADATA_FAULT, f"{key} is neither true nor false"
    else:
        yield name, int(said)


def _digest(name: FactName, stated: object) -> Iterator[Claim]:
    if not isinstance(stated, str) or not stated.strip():
        return
    digest = stated.strip().lower()
    if not re.fullmatch(f"[0-9a-f]{{{_HEX_DIGITS[name]}}}", digest):
        yield FactName.METADATA_FAULT, f"{name.value} is not {_HEX_DIGITS[name]} hex digits"
    elif digest not in _OF_NOTHING:
        yield name, digest


def _photodna(media: Mapping[str, Any]) -> Iterator[Claim]:
    """PhotoDNA stands in its own field (2.0) or among the alternative hashes (1.3)."""
    stated = [media.get("PhotoDNA")]
    stated += [
        hashed.get("HashValue")
        for hashed in _records(media.get("AlternativeHashes"))
        if str(hashed.get("HashName", "")).strip().lower() == "photodna"
    ]
    for value in dict.fromkeys(value.strip() for value in stated if isinstance(value, str) and value.strip()):
        try:
            raw = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) == _PHOTODNA_BYTES:
            yield FactName.PHOTODNA, value
        else:
            yield FactName.METADATA_FAULT, f"PhotoDNA is not {_PHOTODNA_BYTES} bytes in base 64"


def _properties(media: Mapping[str, Any]) -> dict[str, str]:
    """Gather Exifs and MediaMetadata by plain lower-case names; the first of a name counts."""
    found: dict[str, str] = {}
    for record in (*_records(media.get("Exifs")), *_records(media.get("MediaMetadata"))):
        name, value = record.get("PropertyName"), record.get("PropertyValue")
        if isinstance(name, str) and value is not None and not isinstance(value, list | dict):
            key = "".join(c for c in re.split(r"[:./]", name)[-1].lower() if c.isalnum())
            found.setdefault(key, str(value))
    return found


def _captured(properties: Mapping[str, str]) -> Iterator[Claim]:
    for key in ("datetimeoriginal", "dateoriginal"):
        match = _MOMENT.fullmatch(properties.get(key, "").strip())
        if match and match[4] and moment_ns(properties[key]) is not None:
            second = match[6] or "00"
            fraction = f".{match[7][:6]}" if match[7] else ""
            zone = "+00:00" if match[8] == "Z" else match[8] or ""
            zone = zone if len(zone) != len("+0100") else f"{zone[:3]}:{zone[3:]}"
            day = f"{match[1]}-{match[2]}-{match[3]}"
            yield FactName.CAPTURED_AT, f"{day}T{match[4]}:{match[5]}:{second}{fraction}{zone}"
            return


def _records(stated: object) -> list[Mapping[str, Any]]:
    return [record for record in stated if isinstance(record, dict)] if isinstance(stated, list) else []
