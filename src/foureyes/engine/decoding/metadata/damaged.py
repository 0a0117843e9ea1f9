"""What a metadata block that breaks its own format becomes: a fact in words. It never stops a run."""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.model import Fact, FactName, Origin

FACTS_AT_MOST = 1000
"""Facts kept of one block: a hostile list of keywords must not fill the catalogue."""


class Damaged(ValueError):
    """A block breaks its own format; the message is ours and quotes nothing of the file."""


def guarded(facts: Iterator[Fact], block: str, origin: Origin) -> Iterator[Fact]:
    """Hand on facts until the block turns out to be damaged, then say so as a last fact."""
    try:
        for number, fact in enumerate(facts):
            if number >= FACTS_AT_MOST:
                raise Damaged("more facts than are kept of one block")  # noqa: TRY301 - the same ending
            yield fact
    except Damaged as damage:
        yield Fact(FactName.METADATA_FAULT, f"{block}: {damage}", origin)
