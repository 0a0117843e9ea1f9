"""Comparable values of decoded media, one file per kind. It must not open files or compare anything.

Only the files of networks are read, which are the engine's own and named by their SHA-256.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from foureyes.engine.errors import ModelUnusable
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
from foureyes.engine.fingerprints.scene import SCENE, Scene, kind_of, scene_of, scenes_of
from foureyes.engine.fingerprints.spread import most_different
from foureyes.engine.model import Decoded, Fingerprint, Frame
from foureyes.engine.settings import EngineSettings

FINGERPRINTS: tuple[FingerprintMaker, ...] = (Pdq(), Scene())
"""Every kind, in the order in which values are stored."""
PLAIN: tuple[FingerprintMaker, ...] = FINGERPRINTS[:1]
"""Those that need no network."""

__all__ = [
    "FINGERPRINTS",
    "PLAIN",
    "SCENE",
    "DigestPass",
    "FingerprintMaker",
    "Renditions",
    "Scene",
    "compute",
    "contact_strip",
    "is_blank",
    "kind_of",
    "makers_of",
    "prepare",
    "preview",
    "render",
    "scene_of",
    "scenes_of",
    "thumbnail",
]


def makers_of(settings: EngineSettings) -> tuple[FingerprintMaker, ...]:
    """The kinds that are set, with their networks loaded; without those of which the file cannot be used.

    Linking says so in its report: an ingest goes on, and vectors are made later of what is held.
    """
    usable = []
    for scene in scenes_of(settings):
        with suppress(ModelUnusable):
            scene.prepare()
            usable.append(scene)
    return (*PLAIN, *usable)


def compute(decoded: Decoded, makers: Sequence[FingerprintMaker] = PLAIN) -> tuple[Fingerprint, ...]:
    """One fingerprint of each kind per frame, in the order of frames.

    A frame whose value is alike the last one kept is dropped (for PDQ: within 2 bits of it): a still
    camera gives one value for minutes of film. Compared with the last kept, not the last seen, so slow
    change is not lost, and whatever matches the dropped frame within 29 bits matches the kept one.
    A kind that makes only some values of a film gets the frames whose PDQ differ most.
    """
    made: list[Fingerprint] = []
    for maker in makers:
        frames: Sequence[Frame] = decoded.frames
        if maker.frames_at_most is not None and len(frames) > 1:
            frames = most_different(frames, made, maker.frames_at_most)
        made += _of_kind(maker, decoded, frames)
    return tuple(made)


def _of_kind(maker: FingerprintMaker, decoded: Decoded, frames: Sequence[Frame]) -> list[Fingerprint]:
    kept: list[Fingerprint] = []
    for frame in frames:
        value, quality = maker.make(frame.pixels, (decoded.height, decoded.width))
        if kept and maker.alike(kept[-1].value, value):
            continue
        kept.append(Fingerprint(maker.name, maker.version, value, quality, frame.at_seconds))
    return kept
