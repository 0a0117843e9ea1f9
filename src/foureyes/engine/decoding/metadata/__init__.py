"""The family of metadata readers: one explicit, ordered list; members load when first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from foureyes.engine.decoding.metadata.base import MetadataReader

MEMBERS = ("exif", "xmp", "iptc", "icc", "jpeg_structure", "c2pa", "texts")
"""Module names in the order in which their facts are listed."""


@cache
def readers() -> tuple[MetadataReader, ...]:
    """All readers, in order."""
    names = [f"{__name__}.{member}" for member in MEMBERS]
    return tuple(cast("MetadataReader", import_module(name).READER) for name in names if find_spec(name))
