"""Reads whose a media claims to be: names of owners, and identifiers of pictures and documents.

Names that factories and programs leave in every picture are thrown out here, and identifiers that name a
model and not a picture.
"""

from __future__ import annotations

import re

from foureyes.engine.model import FactName, Linkable
from foureyes.engine.series.links.traces import EDITORS

_NAMES = (FactName.OWNER, FactName.ARTIST, FactName.COPYRIGHT)
_NOT_A_NAME = re.compile(
    r"(?i)\(c\)|\u00a9|copyright|all rights reserved|public domain|free for all|\b(?:tm|by)\b|"
    r"[0-9]{4}|[^\w\s.@-]"
)
_DEFAULTS = frozenset(
    [
        *(
            "unknown",
            "none",
            "default",
            "owner",
            "owner name",
            "owner s name",
            "username",
            "name",
            "your name",
            "my name",
        ),
        *("author", "artist", "photographer", "photo", "picture", "image", "admin", "administrator"),
        *("test", "camera", "digital camera", "null", "untitled", "notice", "i m the author", "creator"),
        *("mobile", "phone", "family", "home", "windows"),
    ]
)
_MAKERS = re.compile(
    r"(?i)\b(acer|agfa|apple|asus|canon|casio|caplio|dji|fuji|fujifilm|google|gopro|hewlett|hp|htc|huawei|"
    r"iphone|kodak|konica|leica|lenovo|lg|lumix|minolta|motorola|nikon|nokia|olympus|oneplus|oppo|panasonic|"
    r"pentax|polaroid|powershot|realme|ricoh|samsung|sanyo|sigma|sony|vivo|xiaomi|zte|user|inc|corp|"
    r"corporation|ltd|gmbh|agency|getty|reuters|shutterstock|istock|stock)\b"
)
_LEAST_LETTERS = 4
_IDENTIFIER = re.compile(r"(?i)^(?:[a-z]+[:.])*(?:uuid:)?\{?([0-9a-f-]{16,})\}?$")
_LEAST_DIGITS, _LEAST_KINDS = 24, 8


def owners_of(media: Linkable) -> dict[str, FactName]:
    """Names of people that it states, in one spelling, with the field that has most to say of each."""
    found: dict[str, FactName] = {}
    for name in _NAMES:
        for fact in media.facts:
            if fact.name is name and (owner := owner_of(str(fact.value))):
                found.setdefault(owner, name)
    return found


def owner_of(untrusted_text: str) -> str:
    """A name fit to tell one owner, or nothing."""
    if EDITORS.search(untrusted_text) or _MAKERS.search(untrusted_text):
        return ""
    name = " ".join(_NOT_A_NAME.sub(" ", untrusted_text).casefold().split())[:80].strip(" .-_")
    letters = sum(one.isalpha() for one in name)
    return "" if name in _DEFAULTS or letters < _LEAST_LETTERS or len(set(name)) < _LEAST_LETTERS else name


def identifiers_of(media: Linkable) -> frozenset[str]:
    """Identifiers that are long and varied enough to be given once: 96 bits in hexadecimal and more."""
    stated = (str(one.value) for one in media.facts if one.name is FactName.IMAGE_ID)
    return frozenset(one for text in stated if (one := identifier_of(text)))


def identifier_of(untrusted_text: str) -> str:
    """An identifier fit to name one picture or document, or nothing: short ones name a model of sensor."""
    match = _IDENTIFIER.match(untrusted_text.strip())
    digits = match[1].replace("-", "").casefold() if match else ""
    if len(digits) < _LEAST_DIGITS or len(set(digits)) < _LEAST_KINDS:
        return ""
    kind = "document " if re.search(r"(?i)did|docid", untrusted_text) else ""
    return kind + digits
