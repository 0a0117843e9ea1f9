"""What all held media state, as columns: kept from one batch to the next, so that none is read twice.

The mark of a linking names the files that hold it, in the transaction that writes links, so they never say
more than stands; where one is missing or not what was written, everything is read anew. A whole linking names
none. Nothing is decided here.
"""

from __future__ import annotations

import os
import struct
import uuid
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.model import Linkable
from foureyes.engine.series import Columns
from foureyes.engine.series.links.columns import CLAIM, ROW, VERSION

FILES_AT_MOST = 16
"""Files of batches, before they are written as one: opening each takes a millisecond."""
_GONE = "gone"
_UNREADABLE = (
    *(OSError, ValueError, KeyError, EOFError, OverflowError, MemoryError, RuntimeError),
    *(struct.error, zipfile.BadZipFile),
)
"""What reading an archive of arrays that is cut off or altered raises."""
_VERSION = "version"


class Held(NamedTuple):
    """Columns of all media, and the files that hold them."""

    columns: Columns
    files: tuple[str, ...]


def kept(
    catalogue: Catalogue, files: Sequence[str], changed: Collection[str], now: Iterable[Linkable]
) -> Held | None:
    """All that is held, by what was kept; None where that is not at hand.

    Args:
        catalogue: whose workspace keeps it; written to.
        files: those that the last linking named.
        changed: media that came since, or are known otherwise.
        now: of those the ones that are held.
    """
    before = read(catalogue, files)
    if before is None:
        return None
    came, gone = Columns.of(now), before.places_of(changed)
    columns = Columns.together([before.where(~gone), came])
    if len(files) >= FILES_AT_MOST:
        return Held(columns, (_write(catalogue, columns, ()),))
    return Held(columns, (*files, _write(catalogue, came, np.flatnonzero(gone).tolist())))


def anew(catalogue: Catalogue, media: Iterable[Linkable]) -> Held:
    """All that is held, read from the catalogue."""
    columns = Columns.of(media)
    return Held(columns, (_write(catalogue, columns, ()),))


def read(catalogue: Catalogue, files: Sequence[str]) -> Columns | None:
    """What some files hold, one after the other; each says which rows of those before it are gone."""
    parts: list[Columns] = []
    stay = np.empty(0, np.int64)
    for name in files:
        try:
            path = catalogue.workspace.stated / name
            with path.open("rb") as stream, np.load(stream) as stored:  # its archive checks every byte
                fields = {field: stored[field] for field in stored.files}
        except _UNREADABLE:
            return None
        if fields.pop(_VERSION, None) != VERSION:
            return None
        before = sum(map(len, parts))
        parts.append(_columns(fields))
        stay = np.concatenate([np.delete(stay, fields[_GONE]), before + np.arange(len(parts[-1]))])
    if not parts:
        return None
    mask = np.zeros(sum(map(len, parts)), bool)
    mask[stay] = True
    return Columns.together(parts).where(mask)


def _columns(fields: Mapping[str, NDArray[Any]]) -> Columns:
    return Columns(
        {name: fields[name] for name in ROW.names or ()},
        {name: fields[f"claim {name}"] for name in CLAIM.names or ()},
    )


def _write(catalogue: Catalogue, columns: Columns, gone: Sequence[int]) -> str:
    """Keep columns in a file of their own, whole on the disk before anybody names it."""
    folder, name = catalogue.workspace.stated, f"{uuid.uuid4().hex}.npz"
    fields: dict[str, Any] = {**columns.of_media}
    fields |= {f"claim {field}": column for field, column in columns.of_claims.items()}
    fields |= {_GONE: np.array(gone, np.int64), _VERSION: np.array(VERSION)}
    with engine_errors(), (folder / name).open("xb") as stream:
        np.savez(stream, allow_pickle=False, **fields)
        stream.flush()
        os.fsync(stream.fileno())
        sync_folder(folder)
    return name


def forget(catalogue: Catalogue, but: Iterable[str]) -> None:
    """Remove files that no linking names any more, or that one wrote which was killed."""
    names = set(but)
    for one in catalogue.workspace.stated.iterdir():
        if one.name not in names:
            one.unlink(missing_ok=True)
