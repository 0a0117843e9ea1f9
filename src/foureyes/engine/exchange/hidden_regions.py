"""Files of regions that detectors of persons and other tools write: CSV, or an object on each line.

`sha256,left,top,right,bottom,why` and, of a film, `at` in seconds. Read line by line; a line that cannot be
taken is told of by its number and never ends the rest. The file is the unit's own, as labels are: lines are
split here and nothing is decoded. Whether a media is held is not its to know.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foureyes.engine.errors import UsageError
from foureyes.engine.model import NewRegion, RegionFault, counted

COLUMNS = ("sha256", "left", "top", "right", "bottom", "why", "at")
LINE_BYTES_AT_MOST = 10_000
_LEAST = COLUMNS[:-1]
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def read_regions(path: Path) -> Iterator[tuple[int, NewRegion] | RegionFault]:
    """Each region with the number of its line, or what is wrong with that line, in the order of the file.

    The first line of a CSV file may name the columns, in any order and with others among them; without it
    they stand as in `COLUMNS`. Objects may have other fields.

    Raises:
        UsageError: the file cannot be read, or its first line names columns and lacks one.
    """
    names: list[str] | None = None
    try:
        with path.open("rb") as stream:
            for number, untrusted_line in enumerate(_lines(stream.readline), start=1):
                if untrusted_line is None:
                    yield RegionFault(number, f"longer than {LINE_BYTES_AT_MOST:,} bytes")
                    continue
                if not untrusted_line.strip():
                    continue
                if names is None and (heads := _heads(path, untrusted_line)):
                    names = heads
                    continue
                names = names or list(COLUMNS)
                try:
                    yield number, _region(_fields(untrusted_line, names))
                except ValueError as error:
                    yield RegionFault(number, str(error))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _lines(readline: Any) -> Iterator[bytes | None]:
    """Lines without their end; None for one that is too long, whatever comes of it."""
    while line := readline(LINE_BYTES_AT_MOST + 1):
        if len(line) <= LINE_BYTES_AT_MOST or line.endswith(b"\n"):
            yield line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = readline(LINE_BYTES_AT_MOST)
        yield None


def _heads(path: Path, line: bytes) -> list[str] | None:
    """The names of the columns, where this line gives them."""
    named = [one.strip().lower() for one in line.decode("utf-8", "replace").split(",")]
    if "sha256" not in named:
        return None
    if missing := [one for one in _LEAST if one not in named]:
        raise UsageError(f"{path} has no column {missing[0]} in its first line: {', '.join(COLUMNS)}.")
    return named


def _fields(untrusted_line: bytes, names: list[str]) -> dict[str, Any]:
    """What one line says. Raises ValueError where it cannot be split."""
    try:
        text = untrusted_line.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if text.lstrip().startswith("{"):
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("no JSON object") from None
        return dict(said)
    try:
        (row,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError):
        raise ValueError("no line of CSV") from None
    if len(row) > len(names) or len(row) < len(_LEAST):
        raise ValueError(f"{counted(len(row), 'field')}: {', '.join(names)} are wanted")
    return dict(zip(names, row, strict=False))


def _region(said: dict[str, Any]) -> NewRegion:
    """The region of one line. Raises ValueError where something is missing or is none of it."""
    sha256, why, at = said.get("sha256"), said.get("why"), said.get("at")
    if not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256.strip()):
        raise ValueError("no SHA-256")
    if not isinstance(why, str):
        raise ValueError("why is no text")  # noqa: TRY004 - as in `_number`
    left, top, right, bottom = (_number(said.get(side), side) for side in COLUMNS[1:5])
    at_seconds = None if at is None or at == "" else _number(at, "at")
    return NewRegion(sha256.strip().lower(), (left, top, right, bottom), why, at_seconds)


def _number(stated: object, name: str) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        raise ValueError(f"{name} is no number")  # noqa: TRY004 - one kind of error for whatever a line says
    try:
        return float(stated)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is no number") from None
