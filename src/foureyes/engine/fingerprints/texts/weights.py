"""The files of the two networks that read, if they are what was pinned. Imports nothing of their package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple

from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks import checked

PACKAGE = "rapidocr"
FOLDER = "models"
SPOTTING, SPOTTING_SHA256 = (
    "PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
LETTERS, LETTERS_SHA256 = (
    "PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)


class Weights(NamedTuple):
    """ONNX files, checked."""

    spotting: bytes
    """Of the network that finds lines (PP-OCRv6 small, Apache-2.0)."""
    letters: bytes
    """Of the network that reads one line (the same)."""


def weights(folder: Path | None = None) -> Weights:
    """Both files out of a folder, or out of the installed package.

    Raises:
        ModelUnusable: the package is not installed, or a file is missing or altered.
    """
    own = folder or _installed()
    return Weights(checked(own / SPOTTING, SPOTTING_SHA256), checked(own / LETTERS, LETTERS_SHA256))


def _installed() -> Path:
    """Where the package of weights lies, found without importing it: its code fetches what is missing."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelUnusable(
            "The networks that read text are not installed: install the package rapidocr 3.10.0, without the "
            "packages that its own code would need (pip install --no-deps rapidocr==3.10.0)."
        )
    return Path(next(iter(found.submodule_search_locations))) / FOLDER
