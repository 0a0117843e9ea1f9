"""What people type to name a series or a media, and what it stands for. Changes nothing."""

from __future__ import annotations

from pathlib import Path

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import UsageError
from foureyes.engine.fingerprints import DigestPass
from foureyes.engine.model import Series

CHUNK_BYTES = 1 << 20
ALL_SERIES = 1_000_000_000


def named_series(catalogue: Catalogue, text: str) -> Series:
    """The series of an id, an earlier id or a name. Raises UsageError where there is none, or several."""
    if (found := catalogue.series(catalogue.current_id(text))) is not None:
        return found
    ids = [one.id for one in catalogue.series_list(limit=ALL_SERIES) if one.name == text]
    if len(ids) > 1:
        raise UsageError(f"{len(ids)} series are called {text!r}: use the id.")
    found = catalogue.series(ids[0]) if ids else None
    if found is None:
        raise UsageError(f"No series is called {text!r}: `foureyes series` lists them.")
    return found


def named_media(catalogue: Catalogue, text: str) -> str:
    """The SHA-256 of the media that `text` names: a file here, digits of the SHA-256, or a path taken in.

    Raises UsageError where there is none, or several.
    """
    path = Path(text)
    if path.is_file():
        digest = DigestPass()
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
        text = digest.result().sha256
    found = catalogue.find(text)
    if not found:
        raise UsageError(f"{path} is no media that is held: give a path as it was taken in, or its SHA-256.")
    if len(found) > 1:
        raise UsageError(f"{text} may be {len(found)} media: give more of the path or of the SHA-256.")
    return found[0]
