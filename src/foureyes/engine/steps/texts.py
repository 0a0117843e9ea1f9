"""Which media bear the same text: what was read of each while it was taken in, compared.

Of pictures that were taken in without being read some are read in each linking. Networks that are missing or
altered cost this signal and nothing else. It never decides what a text is worth.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

import numpy as np

from foureyes.engine import decoding
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.decoding import ContentType, Family
from foureyes.engine.errors import CageError, ModelUnusable, OriginalAway
from foureyes.engine.fingerprints import texts
from foureyes.engine.matching.texts import Read, shared_texts
from foureyes.engine.model import Fault, Fingerprint, Media, NearPair, Progress, TextLine, TextPair, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.ingesting import require_cage
from foureyes.engine.steps.originals import original
from foureyes.engine.steps.scenes import copies_among, lacking

STAGE = "reading texts"
LATE_AT_MOST = 500
"""Pictures that are read late in one linking: a tenth of a second each, decoding included."""
_BATCH = 100
_ROWS = 1 << 16

Told = Callable[[Progress], None]


class Texts(NamedTuple):
    """What comparing texts came to."""

    pairs: Sequence[TextPair]
    """a < b, each pair once. Of copies, only the one that stands for them."""
    notes: tuple[str, ...]
    """What people should know: networks that cannot be had, media that were not read."""


def pairs(
    catalogue: Catalogue,
    settings: EngineSettings,
    *,
    copies: Iterable[NearPair] = (),
    silent: Collection[str] = (),
    also: Iterable[tuple[str, str]] = (),
    progress: Told = lambda _: None,
    stop: threading.Event | None = None,
) -> Texts:
    """Pairs of media that bear the same text; first some pictures are read that were not yet.

    Args:
        catalogue: open for writing, or nothing is read late.
        settings: which networks, and how the cage is built.
        copies: near pairs of fingerprints: of pictures that are copies, one stands for all.
        silent: media that link nothing.
        also: pairs (a < b) that other signals found: they are compared, however many bear a text.
        progress: told how far it is.
        stop: once it is set, nothing more is read late.
    """
    if not settings.texts.on:
        return Texts((), ())
    notes = tuple(_read_late(catalogue, settings, progress, stop))
    return Texts(kept(catalogue, copies=copies, silent=silent, also=also), notes)


def kept(
    catalogue: Catalogue,
    *,
    copies: Iterable[NearPair] = (),
    silent: Collection[str] = (),
    also: Iterable[tuple[str, str]] = (),
    new: Collection[str] | None = None,
) -> list[TextPair]:
    """The same of what was read before: no picture is looked at. `new`: those whose pairs are asked for."""
    if (
        new is not None
        and not catalogue.fingerprints(texts.KIND, texts.VERSION, owners=sorted(new)).quality.any()
    ):
        return []
    idle = copies_among(copies, catalogue.film_seconds()).others() | set(silent)
    return shared_texts((one for one in readings(catalogue) if one.sha256 not in idle), also, new)


def readings(catalogue: Catalogue) -> Iterator[Read]:
    """What was read in each media in which something was."""
    lines: dict[str, list[TextLine]] = {}
    start = 0
    while len(
        table := catalogue.fingerprints(texts.KIND, texts.VERSION, from_row=start, to_row=start + _ROWS)
    ):
        for row in np.flatnonzero(table.quality > 0).tolist():
            line = texts.unpacked(table.values[row], int(table.quality[row]), float(table.at_seconds[row]))
            if line is not None:
                lines.setdefault(bytes(table.sha256[row]).hex(), []).append(line)
        start += len(table)
    return (Read(sha256, read) for sha256, read in lines.items())


def text_of(catalogue: Catalogue, sha256: str) -> list[TextLine]:
    """What was read in one media, in the order in which it stands there."""
    table = catalogue.fingerprints(texts.KIND, texts.VERSION, owners=[sha256])
    rows = zip(table.values, table.quality.tolist(), table.at_seconds.tolist(), strict=True)
    return [line for row in rows if (line := texts.unpacked(*row)) is not None]


def _read_late(
    catalogue: Catalogue, settings: EngineSettings, progress: Told, stop: threading.Event | None
) -> Iterator[str]:
    """Read some of what was not read, if that is possible; gives in words what is not read still."""
    pictures, films = lacking(catalogue, texts.KIND)
    left = len(pictures)
    if pictures and catalogue.writable:
        try:
            require_cage(settings)
            reader = texts.reader_of(settings)
        except (ModelUnusable, CageError) as error:
            yield (
                f"{error} Without it no text is read: {counted(left + films, 'media was', 'media were')} not"
            )
            return
        if reader is not None:
            start = time.time_ns() % left  # so that originals that are away never keep others waiting
            some = (pictures[start:] + pictures[:start])[:LATE_AT_MOST]
            left -= _read_some(catalogue, settings, reader, some, progress, stop)
    if left:
        yield (
            f"{counted(left, 'picture was', 'pictures were')} not read for text yet: each "
            "`foureyes link` reads some whose originals are at hand"
        )
    if films:
        yield f"{counted(films, 'film was', 'films were')} not read for text: only taking in anew would do it"


def _read_some(
    catalogue: Catalogue,
    settings: EngineSettings,
    reader: texts.Reader,
    pictures: Sequence[str],
    progress: Told,
    stop: threading.Event | None,
) -> int:
    """Read these pictures, committed batch by batch; gives how many could be read."""
    done = 0
    with closing(decoding.Decoder(settings)) as decoder:
        for first in range(0, len(pictures), _BATCH):
            if stop is not None and stop.is_set():
                break
            progress(Progress(STAGE, first, files_total=len(pictures)))
            batch = catalogue.media_many(pictures[first : first + _BATCH])
            made = {sha256: _rows(catalogue, settings, decoder, reader, one) for sha256, one in batch.items()}
            catalogue.record_fingerprints([(sha256, row) for sha256, rows in made.items() for row in rows])
            done += sum(1 for rows in made.values() if rows)
    return done


def _rows(
    catalogue: Catalogue,
    settings: EngineSettings,
    decoder: decoding.Decoder,
    reader: texts.Reader,
    media: Media,
) -> list[Fingerprint]:
    """Rows of one picture; none where its original is away."""
    try:
        with original(catalogue, media.digests.sha256, settings) as untrusted_fd:
            decoded = decoder.decode(untrusted_fd, ContentType(Family.PICTURE, media.format))
    except OriginalAway:
        return []
    if isinstance(decoded, Fault) or not decoded.frames:
        return texts.packed(())
    return reader.rows(decoded.frames[:1], ())
