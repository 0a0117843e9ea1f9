"""The contract of metadata readers: hostile bytes to typed facts, inside the cage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact


class MetadataReader(Protocol):
    """One kind of metadata: EXIF, XMP, IPTC, ...

    A member module holds one instance as `READER`. It sees every picture and decides itself, cheaply,
    whether there is anything for it. What it cannot read it may raise: the worker turns that into a
    METADATA_FAULT fact and goes on with the next reader; facts yielded before stay.
    """

    @property
    def name(self) -> str:
        """Short and lower-case, the module's name."""
        ...

    @property
    def version(self) -> int:
        """Raised when the same bytes would give other facts."""
        ...

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """Facts of one file, in a fixed order. Text is cut to 1,000 characters."""
        ...
