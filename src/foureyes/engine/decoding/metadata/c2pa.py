"""Presence of content credentials (C2PA): the label of their manifest.

Never checks a claim or a signature.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.decoding.metadata.blocks import blocks_of
from foureyes.engine.decoding.metadata.damaged import Damaged, guarded
from foureyes.engine.decoding.metadata.text import decoded
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

BOXES_AT_MOST = 200
_C2PA_STORE = bytes.fromhex("6332706100110010800000aa00389b71")
_LABELLED = 0x02
"""Flag of a description box that has a label."""


class C2paReader:
    """Reads the label of the active manifest."""

    name = "c2pa"
    version = 1

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """At most one fact: the label of the last manifest, which is the active one."""
        boxes = blocks_of(untrusted).jumbf
        if boxes:
            yield from guarded(_facts(boxes), "content credentials", Origin.C2PA)


def _facts(boxes: bytes) -> Iterator[Fact]:
    for kind, start, end in _boxes(boxes, 0, len(boxes)):
        if kind != b"jumb":
            continue
        name, label = _description(boxes, start, end)
        if name == _C2PA_STORE:
            manifests = [
                _description(boxes, inner, inner_end)[1]
                for inner_kind, inner, inner_end in _boxes(boxes, start, end)
                if inner_kind == b"jumb"
            ]
            active = next(
                (manifest for manifest in reversed(manifests) if manifest), label or "without a label"
            )
            yield Fact(FactName.CONTENT_CREDENTIALS, active, Origin.C2PA)
            return


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(BOXES_AT_MOST):
        if at + 8 > end:
            return
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        size = size or end - at
        if size < head:
            raise Damaged("a box is smaller than its own head")
        yield kind, at + head, min(at + size, end)
        at += size


def _description(data: bytes, start: int, end: int) -> tuple[bytes, str]:
    """Name (16 bytes) and label of a box, from the description box that stands first in it."""
    for kind, inner, inner_end in _boxes(data, start, end):
        if kind != b"jumd" or inner + 17 > inner_end:
            break
        labelled = data[inner + 16] & _LABELLED
        return data[inner : inner + 16], decoded(data[inner + 17 : inner_end]) if labelled else ""
    return b"", ""


READER = C2paReader()
