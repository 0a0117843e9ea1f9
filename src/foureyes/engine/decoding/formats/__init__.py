"""The family of format decoders: one explicit, ordered list; members load when first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from foureyes.engine.decoding.formats.base import FormatDecoder

MEMBERS = ("jpeg", "pillow", "heif", "jxl", "raw", "video")
"""Module names; the first whose `formats` names a content's format decodes it."""


@cache
def decoders() -> tuple[FormatDecoder, ...]:
    """All decoders, in order."""
    names = [f"{__name__}.{member}" for member in MEMBERS]
    return tuple(cast("FormatDecoder", import_module(name).DECODER) for name in names if find_spec(name))


def decoder_of(format_name: str) -> FormatDecoder | None:
    """The decoder of a format, or None."""
    return next((decoder for decoder in decoders() if format_name in decoder.formats), None)
