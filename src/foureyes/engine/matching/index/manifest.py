"""What the index consists of: the one file whose replacement commits a change.

What it does not name does not exist. It knows names, sizes and digests; it opens no run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.errors import IndexOutdated, WorkspaceTooNew
from foureyes.engine.matching.index.cutting import PERMUTATION_SEED
from foureyes.engine.matching.index.sections import FORMAT, Written, damaged
from foureyes.engine.matching.orientations import HASHES

NAME = "manifest.json"
_BEFORE_NEGATIVES = 8


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files that count, and what they cover."""

    fingerprint: tuple[str, int]
    """Kind and version of the fingerprints."""
    radius: int
    """Bits within which pairs were looked for."""
    hashes: int = HASHES
    """Of each row, how many are asked about. One of 8 is from before negatives and lacks their pairs."""
    watermark: int = 0
    """How many rows of the catalogue's fingerprints are covered."""
    tail: str = ""
    """Digest of the last covered row: whether the catalogue still holds what was covered."""
    poor: int = 0
    """Covered rows whose quality is too low to be compared: they are in no run."""
    left_out: int = 0
    """Pairs that were found and are not kept, because others hold their rows together."""
    pairs: int = 0
    next_file: int = 1
    runs: tuple[Written, ...] = ()
    """Oldest first."""
    pair_files: tuple[Written, ...] = ()

    @property
    def names(self) -> set[str]:
        """Names of all files."""
        return {file.name for file in (*self.runs, *self.pair_files)}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in (*self.runs, *self.pair_files))


def read_manifest(folder: Path) -> Manifest | None:
    """What the index in `folder` consists of; None where there is none.

    Raises:
        WorkspaceTooNew: made by a newer Foureyes.
        IndexOutdated: made by an older one, or with another permutation.
        WorkspaceDamaged: it cannot be read.
    """
    try:
        text = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    try:
        stated = json.loads(text)
        version, seed = int(stated["foureyes-index"]), int(stated["permutation"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(NAME, "it cannot be read") from error
    if version > FORMAT:
        raise WorkspaceTooNew(
            f"The index was made by a newer Foureyes (format {version}, this one knows {FORMAT}): use that "
            "version, or make the index anew with `foureyes index --rebuild`."
        )
    if (version, seed) != (FORMAT, PERMUTATION_SEED):
        raise IndexOutdated(
            f"The index is of another version (format {version}, permutation {seed}): make it anew with "
            "`foureyes index --rebuild`. It holds nothing that the fingerprints do not."
        )
    try:
        return _manifest(stated["index"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(NAME, "it cannot be read") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest: from here on the index is what it says."""
    stated = {"foureyes-index": FORMAT, "permutation": PERMUTATION_SEED, "index": asdict(manifest)}
    write_durably(folder / NAME, json.dumps(stated, indent=1).encode())


def _manifest(stated: Mapping[str, Any]) -> Manifest:
    kind, version = stated["fingerprint"]
    return Manifest(
        fingerprint=(str(kind), int(version)),
        radius=int(stated["radius"]),
        hashes=int(stated.get("hashes", _BEFORE_NEGATIVES)),
        watermark=int(stated["watermark"]),
        tail=str(stated["tail"]),
        poor=int(stated["poor"]),
        left_out=int(stated["left_out"]),
        pairs=int(stated["pairs"]),
        next_file=int(stated["next_file"]),
        runs=tuple(Written(*file) for file in stated["runs"]),
        pair_files=tuple(Written(*file) for file in stated["pair_files"]),
    )
