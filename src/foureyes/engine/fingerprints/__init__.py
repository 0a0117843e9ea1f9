"""Comparable values of decoded media, one file per kind. It must not open files or compare anything."""

from __future__ import annotations

from foureyes.engine.fingerprints.base import FingerprintMaker
from foureyes.engine.fingerprints.digest import DigestPass
from foureyes.engine.fingerprints.pdq import Pdq, prepare
from foureyes.engine.fingerprints.renditions import (
    Renditions,
    contact_strip,
    is_blank,
    preview,
    render,
    thumbnail,
)
from foureyes.engine.model import Decoded, Fingerprint

FINGERPRINTS: tuple[FingerprintMaker, ...] = (Pdq(),)
"""Every kind, in the order in which values are stored."""

__all__ = [
    "FINGERPRINTS",
    "DigestPass",
    "FingerprintMaker",
    "Renditions",
    "compute",
    "contact_strip",
    "is_blank",
    "prepare",
    "preview",
    "render",
    "thumbnail",
]


def compute(decoded: Decoded) -> tuple[Fingerprint, ...]:
    """One fingerprint of each kind per frame, in the order of frames.

    A frame whose value is alike the last one kept is dropped (for PDQ: within 2 bits of it): a still
    camera gives one value for minutes of film. Compared with the last kept, not the last seen, so slow
    change is not lost, and whatever matches the dropped frame within 29 bits matches the kept one.
    """
    return tuple(value for maker in FINGERPRINTS for value in _of_kind(maker, decoded))


def _of_kind(maker: FingerprintMaker, decoded: Decoded) -> list[Fingerprint]:
    kept: list[Fingerprint] = []
    for frame in decoded.frames:
        value, quality = maker.make(frame.pixels, (decoded.height, decoded.width))
        if kept and maker.alike(kept[-1].value, value):
            continue
        kept.append(Fingerprint(maker.name, maker.version, value, quality, frame.at_seconds))
    return kept
