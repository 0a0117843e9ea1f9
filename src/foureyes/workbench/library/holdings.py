"""The door to the engine: one open catalogue per process, of the workspace that the settings name.

Everything that the workbench asks the engine goes through here. It never reads the catalogue's tables.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, LockHolder, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.exchange import jurisdictions
from foureyes.engine.model import Explanation, HashList, HeldMatch, ListHit
from foureyes.engine.settings import EngineSettings

TURNS = ((0, 0), (3, 0), (2, 0), (1, 0), (2, 1), (0, 1), (3, 1), (1, 1))
"""By the number that `pipeline.turned` gives."""

_open: dict[tuple[Path, str | None], Catalogue] = {}
_lock = threading.Lock()


def catalogue() -> Catalogue:
    """The catalogue, open for reading and for people's short rulings; safe to use from many threads.

    Raises:
        foureyes.engine.errors.EngineError: there is no workspace, or it cannot be opened.
    """
    key = (_folder(), settings.FOUREYES_CATALOGUE_URL)
    with _lock:
        if key not in _open:
            _open[key] = Catalogue.open(Workspace.open(key[0]), _engine_settings())
        return _open[key]


def writing(purpose: str, on_wait: Callable[[LockHolder | None], None]) -> Catalogue:
    """A catalogue of its own that holds the workspace's lock, for a `with` block.

    Waits as long as another process writes, an ingest for example: never call it in a request. `on_wait` is
    told once who is waited for.
    """
    workspace = Workspace.open(_folder())
    return Catalogue.open(
        workspace, _engine_settings(), write=True, purpose=purpose, wait=True, on_wait=on_wait
    )


def explained(a: str, b: str) -> Explanation:
    """Why two media (SHA-256) are together, or what is nearest to linking them."""
    return pipeline.explain(catalogue(), a, b)


def turned(a: str, b: str) -> tuple[int, int] | None:
    """How a picture (SHA-256) is shown so that it lies on another: mirrored or not, then quarters clockwise.

    Gives (quarters, mirrored 0 or 1) for `b` on `a`; None where they are not the same picture.
    """
    number = pipeline.turned(catalogue(), a, b)
    return None if number is None else TURNS[number]


def same_pictures(questions: Sequence[bytes], radius: int, at_most: int) -> list[list[HeldMatch]]:
    """What is held within `radius` bits of each question, the nearest first, at most so many media each.

    A question is 8 x 32 bytes of a picture, or the 32 of a hash.
    """
    return pipeline.match(catalogue(), questions, radius=radius, at_most=at_most)


def list_hits(sha256: str) -> list[ListHit]:
    """The hash lists in force that a media is on, with what each means by its category."""
    return pipeline.list_hits(catalogue(), sha256)


def meaning_of(listed: HashList, category: int | None) -> str | None:
    """What the jurisdiction of a list means by a raw category; None where its table does not say."""
    if listed.jurisdiction not in jurisdictions.jurisdictions():
        return None
    return jurisdictions.meaning(listed.jurisdiction, category)


def close() -> None:
    """Close what is open (end of the server)."""
    with _lock:
        for held in _open.values():
            held.close()
        _open.clear()


def _folder() -> Path:
    if settings.FOUREYES_WORKSPACE is None:
        raise UsageError("No workspace is named: FOUREYES_WORKSPACE is not set.")
    return Path(settings.FOUREYES_WORKSPACE)


def _engine_settings() -> EngineSettings:
    return EngineSettings(database_url=settings.FOUREYES_CATALOGUE_URL)
