"""Which media may show one room: scene vectors made where they are missing, and their near neighbours.

Candidates for a closer look. A network that is missing or altered costs this signal and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple, overload

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from foureyes.engine import fingerprints
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.scene import SCENE
from foureyes.engine.matching import LINKING_RADIUS, NEGATIVE, scenes
from foureyes.engine.model import Fingerprint, NearPair, Progress, ScenePair
from foureyes.engine.settings import EngineSettings

STAGE = "looking at scenes"
BATCH = 1000
"""Media looked at late before what was made is committed: 20 seconds of one core."""
LIKE_AT_MOST = 100
"""Media that a search by a region looks at first: a tenth of a second each where no features are kept."""
COPY_BITS = 15
"""Of 256: within these, two pictures are one stack, of which one is compared: that alone joins them (5.0).
What is farther off may come to stand in another group than its copies: it is looked at itself."""
_ROWS = 1 << 14
"""Vectors compared at once: 84 MB."""
_MOST_FILES = "pdq"
"""Kind of fingerprint that every media with pixels has."""

Told = Callable[[Progress], None]
Keys = NDArray[np.void]


class Scenes(NamedTuple):
    """What looking at scenes came to."""

    pairs: Sequence[ScenePair]
    """Candidates: a < b, each pair once. Of copies, only the one that stands for them."""
    notes: tuple[str, ...]
    """What people should know: a network that cannot be had, media that were not looked at, hubs."""


def pairs(
    catalogue: Catalogue,
    settings: EngineSettings,
    *,
    copies: Iterable[NearPair] = (),
    stood_for: NDArray[np.uint8] | None = None,
    touching: Collection[str] | None = None,
    links: NDArray[np.bool_] | None = None,
    progress: Told = lambda _: None,
    stop: threading.Event | None = None,
) -> Scenes:
    """Pairs of media that look like one scene.

    Pictures that were taken in without a vector get one first, of their thumbnails, if the catalogue is open
    for writing. What was found is kept in the workspace: only what is new is compared again.

    Args:
        catalogue: open for writing, or for reading.
        settings: which network.
        copies: near pairs of fingerprints: of pictures that are copies, one stands for all.
        stood_for: (k, 32), instead of `copies`: the media that another one stands for.
        touching: only pairs that touch one of these media are given; of all, if None.
        links: (n,): the rows of the catalogue's PDQ that may link; all, if not given.
        progress: told how far it is.
        stop: once it is set, no further batch of pictures gets its vectors; the next linking makes them.
    """
    if not settings.scenes.on:
        return Scenes((), ())
    scene = fingerprints.scene_of(settings)
    notes = list(_made_late(catalogue, scene, settings, progress, stop))
    table = catalogue.fingerprints(scene.name)
    if len(table) == 0:
        return Scenes((), tuple(notes))
    owners, owner = np.unique(_keys(table.sha256), return_inverse=True)
    values = table.values.reshape(len(table), -1).view("<f2")
    idle = _mute(catalogue, links), _stood_for(catalogue, copies) if stood_for is None else _keys(stood_for)
    active = ~np.isin(owners, np.concatenate(idle))[owner] & (values != 0).any(axis=1)
    order = np.empty(len(table), np.int64)
    order[np.lexsort((table.at_seconds, owner))] = np.arange(len(table))
    rows = scenes.Table(values, owner, order)
    near = _near(catalogue, (table.kind, table.version), rows, table.sha256, active, settings, progress)
    of = None if touching is None else np.isin(owners, _named(touching))
    found = scenes.media_pairs(near, owner, table.at_seconds, _Names(owners), table.kind, of)
    return Scenes(found.pairs, (*notes, *_hubs(found), *_missed(len(table))))


def kept(catalogue: Catalogue, touching: Collection[str] | None = None) -> list[ScenePair]:
    """Pairs as an earlier linking found them, of some media or of all: no vector is read or made."""
    found: list[ScenePair] = []
    for kind, version, _ in catalogue.fingerprint_kinds():
        if not kind.startswith(SCENE):
            continue
        table = catalogue.fingerprints(kind, version, width=0)
        near = scenes.held_neighbours(catalogue.workspace.scenes, (kind, version), table.sha256)
        if len(near.active) == 0:
            continue
        known = len(near.active)
        owners, owner = np.unique(_keys(table.sha256[:known]), return_inverse=True)
        of = None if touching is None else np.isin(owners, _named(touching))
        found += scenes.media_pairs(near, owner, table.at_seconds[:known], _Names(owners), kind, of).pairs
    return found


def copies_among(
    copies: Iterable[NearPair], films: Collection[str], within: int = LINKING_RADIUS
) -> scenes.Stacks:
    """Copies among pictures, of so many bits at most; a film is more than the still that is in it.

    A negative stands for nothing: it looks like no other view of what it shows.
    """
    return scenes.Stacks(
        (one.a, one.b)
        for one in copies
        if one.distance_bits <= within
        and one.orientation != NEGATIVE
        and one.a not in films
        and one.b not in films
    )


def silent(catalogue: Catalogue, links: NDArray[np.bool_] | None) -> set[str]:
    """Media none of whose pictures and frames may link.

    `links`: (n,), the rows of the catalogue's PDQ that may; all, if None.
    """
    return {bytes(one).hex() for one in _mute(catalogue, links).view(np.uint8).reshape(-1, 32)}


def _mute(catalogue: Catalogue, links: NDArray[np.bool_] | None) -> Keys:
    if links is None or links.all():
        return np.empty(0, "S32")
    keys = _keys(catalogue.fingerprints(_MOST_FILES, width=0, to_row=len(links)).sha256)
    return np.setdiff1d(keys, keys[links])


def _near(
    catalogue: Catalogue,
    kind: tuple[str, int],
    rows: scenes.Table,
    sha256: NDArray[np.uint8],
    active: NDArray[np.bool_],
    settings: EngineSettings,
    progress: Told,
) -> scenes.Neighbours:
    """Neighbours of all rows: those held, and what is new."""
    folder, keep = catalogue.workspace.scenes, catalogue.writable
    before = scenes.held_neighbours(folder, kind, sha256)
    if keep and len(before.active) == 0:
        scenes.forget(folder, kind)
    search = scenes.search_for(folder, kind, rows, threads=settings.workers, keep=keep)
    near = scenes.brought_up(
        before,
        rows,
        active,
        search=search,
        told=lambda done, of: progress(Progress(STAGE, done, files_total=of)),
    )
    if keep:
        scenes.keep_neighbours(folder, kind, sha256, near)
    return near


def like(
    catalogue: Catalogue, settings: EngineSettings, pixels: NDArray[np.uint8], at_most: int = LIKE_AT_MOST
) -> list[tuple[str, float]]:
    """Media, with their seconds, that look most like some pixels, the likeliest first: all are compared.

    None at all where the network is off or cannot be had: whoever asks has other candidates too.
    """
    scene = fingerprints.scene_of(settings)
    if not settings.scenes.on:
        return []
    try:
        scene.prepare()
    except ModelUnusable:
        return []
    asked = np.frombuffer(scene.make(pixels)[0], "<f2").astype(np.float32)
    best: dict[bytes, tuple[float, float]] = {}
    start = 0
    while len(table := catalogue.fingerprints(scene.name, from_row=start, to_row=start + _ROWS)):
        cosine = table.values.view("<f2").astype(np.float32) @ asked
        for row in np.argsort(-cosine, kind="stable")[: 2 * at_most].tolist():
            owner, found = bytes(table.sha256[row]), (float(cosine[row]), float(table.at_seconds[row]))
            if found[0] > 0:  # a blank picture has no vector
                best[owner] = max(best.get(owner, found), found)
        start += len(table)
    ordered = sorted(best.items(), key=lambda one: (-one[1][0], one[0]))[:at_most]
    return [(owner.hex(), at) for owner, (_, at) in ordered]


def lacking(catalogue: Catalogue, kind: str) -> tuple[list[str], int]:
    """Pictures that have no vector of this kind, sorted, and the number of films that have none."""
    held = np.unique(_keys(catalogue.fingerprints(kind, width=0).sha256))
    every = np.unique(_keys(catalogue.fingerprints(_MOST_FILES, width=0).sha256))
    without = np.setdiff1d(every, held, assume_unique=True)
    names = [bytes(one).hex() for one in without.view(np.uint8).reshape(-1, 32)]
    films = catalogue.film_seconds()
    pictures = [name for name in names if name not in films]
    return pictures, len(names) - len(pictures)


def look_late(
    catalogue: Catalogue,
    settings: EngineSettings,
    progress: Told = lambda _: None,
) -> int:
    """Make vectors of held pictures that have none, of their thumbnails; gives how many.

    Committed batch by batch: killed at any moment, the next call goes on.

    Raises:
        ModelUnusable: the network's file is missing or altered; what was committed stands.
        StorageFull: the same.
    """
    scene = fingerprints.scene_of(settings)
    return _look_late(catalogue, scene, lacking(catalogue, scene.name)[0], settings.workers, progress)


def _made_late(
    catalogue: Catalogue,
    scene: fingerprints.Scene,
    settings: EngineSettings,
    progress: Told,
    stop: threading.Event | None,
) -> Iterator[str]:
    """Make what is missing if that is possible; gives in words what is missing still."""
    pictures, films = lacking(catalogue, scene.name)
    waiting = len(pictures)
    if pictures and catalogue.writable:
        try:
            waiting -= _look_late(catalogue, scene, pictures, settings.workers, progress, stop)
        except ModelUnusable as error:
            yield f"{error} Without it no scene vectors are made: {waiting:,} pictures have none"
            waiting = 0
    if waiting:
        yield f"{waiting:,} pictures have no scene vector yet: the next `foureyes link` makes them"
    if films:
        yield (
            f"{films:,} films have no scene vectors: they were taken in without the network, and only taking "
            "them in anew would make them"
        )


def _look_late(
    catalogue: Catalogue,
    scene: fingerprints.Scene,
    pictures: Sequence[str],
    workers: int,
    progress: Told,
    stop: threading.Event | None = None,
) -> int:
    made = 0
    waiting = iter(pictures)
    if pictures:
        scene.prepare()
    with ThreadPoolExecutor(workers) as threads:
        while not (stop is not None and stop.is_set()) and (batch := list(islice(waiting, BATCH))):
            progress(Progress(STAGE, made, files_total=len(pictures)))
            seen = threads.map(lambda thumbnail: _seen(scene, thumbnail), catalogue.thumbnails(batch))
            owned = [(sha256, value) for sha256, value in zip(batch, seen, strict=True)]
            catalogue.record_fingerprints(owned)
            made += len(owned)
    return made


def _seen(scene: fingerprints.Scene, thumbnail: bytes) -> Fingerprint:
    """The vector of a thumbnail that was made here; zeros where there is none."""
    if not thumbnail:
        return Fingerprint(scene.name, scene.version, bytes(scene.value_bytes), 0)
    pixels = simplejpeg.decode_jpeg(thumbnail, colorspace="RGB")
    value, quality = scene.make(pixels)
    return Fingerprint(scene.name, scene.version, value, quality)


def _keys(sha256: NDArray[np.uint8]) -> Keys:
    """One key for each row of 32 bytes, sorted as the bytes are."""
    return np.ascontiguousarray(sha256).view("S32").reshape(-1)


def _named(sha256s: Collection[str]) -> Keys:
    return np.array([bytes.fromhex(one) for one in sha256s], "S32")


class _Names(Sequence[str]):
    """SHA-256 of media by their keys: of millions only those that somebody asks for are spelt out."""

    def __init__(self, keys: Keys) -> None:
        self._bytes = keys.view(np.uint8).reshape(-1, 32)

    def __len__(self) -> int:
        return len(self._bytes)

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        """One name, or several."""
        if isinstance(number, slice):
            return [bytes(one).hex() for one in self._bytes[number]]
        return bytes(self._bytes[number]).hex()


def _stood_for(catalogue: Catalogue, copies: Iterable[NearPair]) -> Keys:
    """Copies among pictures that another one stands for."""
    return _named(copies_among(copies, catalogue.film_seconds(), COPY_BITS).others())


def _hubs(found: scenes.ScenePairs) -> Iterator[str]:
    if found.hubs:
        yield (
            f"{found.hubs:,} media look like more than {scenes.INCOMING_AT_MOST} others each: of each "
            f"only the nearest are looked at, {found.left_out:,} pairs are not"
        )


def _missed(rows: int) -> Iterator[str]:
    if rows > scenes.EXACT_ROWS:
        yield f"{rows:,} scene vectors are too many to compare all: some that are near may not have been met"
