"""Which media may show one room: scene vectors made where they are missing, and their near neighbours.

Candidates for a closer look. A network that is missing or altered costs this signal and nothing else.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple, overload

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from foureyes.engine import fingerprints
from foureyes.engine.catalogue import Catalogue, FingerprintTable
from foureyes.engine.errors import ModelUnusable, StorageFull
from foureyes.engine.fingerprints.scene import LEAST_QUALITY, SCENE
from foureyes.engine.matching import LINKING_RADIUS, NEGATIVE, scenes
from foureyes.engine.model import Fingerprint, NearPair, Progress, ScenePair, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.taking_in import NO_SPACE

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
    looking = fingerprints.scenes_of(settings)
    if not looking:
        return Scenes((), ())
    if catalogue.writable:
        _forget_others(catalogue, {one.name for one in looking})
    idle = _mute(catalogue, links), _stood_for(catalogue, copies) if stood_for is None else _keys(stood_for)
    scales, notes, found = _scales(settings), list[str](), list[ScenePair]()
    for scene in looking:
        notes += _made_late(catalogue, scene, settings, progress, stop)
        table = catalogue.fingerprints(scene.name, width=0)
        if len(table):
            given = _Given(table, np.concatenate(idle), scales.get(scene.name, scenes.SHIPPED))
            one = _pairs_of(catalogue, given, touching, settings, progress)
            notes += one.notes
            found += one.pairs
    return Scenes(sorted(found, key=_in_order), (*notes, *_by_others_alone(settings, found)))


class _Given(NamedTuple):
    """Vectors of one kind, media that take no part, and what cosines mean."""

    table: FingerprintTable
    idle: Keys
    scale: scenes.Scale


def _pairs_of(
    catalogue: Catalogue,
    given: _Given,
    touching: Collection[str] | None,
    settings: EngineSettings,
    progress: Told,
) -> Scenes:
    """Candidates by vectors of one kind, each pair once."""
    table, idle, scale = given
    owners, owner = np.unique(_keys(table.sha256), return_inverse=True)
    values = _values(catalogue, table)
    active = ~np.isin(owners, idle)[owner] & (table.quality >= LEAST_QUALITY)
    order = np.empty(len(table), np.int64)
    order[np.lexsort((table.at_seconds, owner))] = np.arange(len(table))
    rows = scenes.Table(values, owner, order, scale.floor)
    near = _near(catalogue, table, rows, active, scale, settings, progress)
    of = None if touching is None else np.isin(owners, _named(touching))
    found = scenes.media_pairs(near, owner, table.at_seconds, _Names(owners), table.kind, of, scale)
    return Scenes(found.pairs, (*_hubs(found), *_missed(len(table))))


def kept(catalogue: Catalogue, touching: Collection[str] | None = None) -> list[ScenePair]:
    """Pairs as an earlier linking found them, of some media or of all: no vector is read or made.

    Of networks that linking goes by no longer nothing is held.
    """
    found: list[ScenePair] = []
    for kind, version, _ in catalogue.fingerprint_kinds():
        if not kind.startswith(SCENE):
            continue
        table = catalogue.fingerprints(kind, version, width=0)
        near, scale = scenes.held_neighbours(catalogue.workspace.scenes, (kind, version), table.sha256)
        if len(near.active) == 0:
            continue
        known = len(near.active)
        owners, owner = np.unique(_keys(table.sha256[:known]), return_inverse=True)
        of = None if touching is None else np.isin(owners, _named(touching))
        found += scenes.media_pairs(
            near, owner, table.at_seconds[:known], _Names(owners), kind, of, scale
        ).pairs
    return sorted(found, key=_in_order)


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


def _values(catalogue: Catalogue, table: FingerprintTable) -> NDArray[np.float16]:
    """The vectors of all rows of a table: in memory, of millions in a file where one may be written."""

    def read(start: int, end: int) -> NDArray[np.uint8]:
        return catalogue.fingerprints(table.kind, table.version, from_row=start, to_row=end).values

    if len(table) > scenes.EXACT_ROWS:
        folder, kind = catalogue.workspace.scenes, (table.kind, table.version)
        try:
            held = scenes.held_vectors(folder, kind, table.sha256, read, keep=catalogue.writable)
        except OSError as error:
            if error.errno in NO_SPACE:
                raise StorageFull(f"The disk of {catalogue.workspace.path} is full.") from error
            raise
        if held is not None:
            return held
    return read(0, len(table)).view("<f2")


def _near(
    catalogue: Catalogue,
    table: FingerprintTable,
    rows: scenes.Table,
    active: NDArray[np.bool_],
    scale: scenes.Scale,
    settings: EngineSettings,
    progress: Told,
) -> scenes.Neighbours:
    """Neighbours of all rows: those held, and what is new."""
    folder, keep, kind = catalogue.workspace.scenes, catalogue.writable, (table.kind, table.version)
    before = scenes.held_neighbours(folder, kind, table.sha256, scale.floor).near
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
        scenes.keep_neighbours(folder, kind, table.sha256, near, scale)
    return near


def like(
    catalogue: Catalogue, settings: EngineSettings, pixels: NDArray[np.uint8], at_most: int = LIKE_AT_MOST
) -> list[tuple[str, float]]:
    """Media, with their seconds, that look most like some pixels, the likeliest first: all are compared.

    None at all where the network is off or cannot be had: whoever asks has other candidates too.
    """
    scales = _scales(settings)
    best: dict[bytes, tuple[float, float]] = {}
    for scene in fingerprints.scenes_of(settings):
        try:
            scene.prepare()
        except ModelUnusable:
            continue
        asked = np.frombuffer(scene.make(pixels)[0], "<f2").astype(np.float32)
        scale = scales.get(scene.name, scenes.SHIPPED)
        for owner, cosine, at in _likest(catalogue, scene.name, asked, 2 * at_most):
            found = scale.as_shipped(cosine), at
            best[owner] = max(best.get(owner, found), found)
    ordered = sorted(best.items(), key=lambda one: (-one[1][0], one[0]))[:at_most]
    return [(owner.hex(), at) for owner, (_, at) in ordered]


def _likest(
    catalogue: Catalogue, kind: str, asked: NDArray[np.float32], at_most: int
) -> Iterator[tuple[bytes, float, float]]:
    """Media with cosine and seconds, the nearest rows of each stretch."""
    start = 0
    while len(table := catalogue.fingerprints(kind, from_row=start, to_row=start + _ROWS)):
        cosine = table.values.view("<f2").astype(np.float32) @ asked
        for row in np.argsort(-cosine, kind="stable")[:at_most].tolist():
            if cosine[row] > 0:  # a blank picture has no vector
                yield bytes(table.sha256[row]), float(cosine[row]), float(table.at_seconds[row])
        start += len(table)


def lacking(catalogue: Catalogue, kind: str) -> tuple[list[str], int]:
    """Pictures that have no vector of this kind, sorted, and the number of films that have none."""
    held = np.unique(_keys(catalogue.fingerprints(kind, width=0).sha256))
    every = np.unique(_keys(catalogue.fingerprints(_MOST_FILES, width=0).sha256))
    without = np.setdiff1d(every, held, assume_unique=True)
    names = [bytes(one).hex() for one in without.view(np.uint8).reshape(-1, 32)]
    films = catalogue.film_seconds()
    pictures = [name for name in names if name not in films]
    return pictures, len(names) - len(pictures)


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
            yield (
                f"{error} Without it no {_kind_of_vectors(scene)} are made: "
                f"{counted(waiting, 'picture has', 'pictures have')} none"
            )
            waiting = 0
    if waiting:
        made = "the next `foureyes link` makes them"
        yield f"{counted(waiting, 'picture has', 'pictures have')} no {_kind_of_vectors(scene)} yet: {made}"
    if films:
        yield (
            f"{counted(films, 'film has', 'films have')} no {_kind_of_vectors(scene)}, taken in without the "
            "network: only taking in anew would make them"
        )


def _kind_of_vectors(scene: fingerprints.Scene) -> str:
    return "scene vectors" if scene.name == SCENE else f"vectors of {scene.name}"


def _scales(settings: EngineSettings) -> dict[str, scenes.Scale]:
    """What cosines of each network mean, by the kind of its vectors; the shipped one's are the measure."""
    models = (*(() if settings.scenes.model is None else (settings.scenes.model,)), *settings.scenes.beside)
    return {fingerprints.kind_of(one): scenes.Scale(one.floor, one.likely) for one in models}


def _forget_others(catalogue: Catalogue, kinds: Collection[str]) -> None:
    """Of networks that are set no longer, what was near what: their vectors stay."""
    for kind, version, _ in catalogue.fingerprint_kinds():
        if kind.startswith(SCENE) and kind not in kinds:
            scenes.forget_neighbours(catalogue.workspace.scenes, (kind, version))


def _by_others_alone(settings: EngineSettings, found: Sequence[ScenePair]) -> Iterator[str]:
    """What networks of the unit's own choice added, in words."""
    by_kind: dict[str, set[tuple[str, str]]] = {kind: set() for kind in _scales(settings)}
    looking = {one.model for one in found}
    rest: dict[tuple[str, str], int] = Counter((one.a, one.b) for one in found)
    for one in found:
        if one.model in by_kind:
            by_kind[one.model].add((one.a, one.b))
    for kind, pairs_of_it in by_kind.items():
        others = (
            f", {sum(rest[pair] == 1 for pair in pairs_of_it):,} of them alone" if len(looking) > 1 else ""
        )
        named = counted(len(pairs_of_it), "pair that looks alike", "pairs that look alike")
        yield f"network {kind} names {named}{others}"


def _in_order(pair: ScenePair) -> tuple[str, str, str]:
    return pair.a, pair.b, pair.model


def _look_late(
    catalogue: Catalogue,
    scene: fingerprints.Scene,
    pictures: Sequence[str],
    workers: int,
    progress: Told,
    stop: threading.Event | None,
) -> int:
    """Make vectors of held pictures from their thumbnails, committed batch by batch; gives how many.

    Raises:
        ModelUnusable: the network's file is missing or altered; what was committed stands.
        StorageFull: the same.
    """
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
            f"{counted(found.hubs, 'media looks', 'media look')} like more than "
            f"{scenes.INCOMING_AT_MOST} others: of each only the nearest are looked at, "
            f"{counted(found.left_out, 'pair is', 'pairs are')} not"
        )


def _missed(rows: int) -> Iterator[str]:
    if rows > scenes.EXACT_ROWS:
        yield f"{rows:,} scene vectors are too many to compare all: some that are near may not have been met"
