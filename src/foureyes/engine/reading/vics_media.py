"""Finds the media of a VICS case by their stated paths, inside the case's folder and nowhere else."""

from __future__ import annotations

import os
import re
import stat
from array import array
from hashlib import blake2b
from types import TracebackType
from typing import Self

from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.reading.folder import special
from foureyes.engine.reading.loss import Watch
from foureyes.engine.reading.tree import Tree

_FOLDERS_AT_MOST = 10_000
_LISTED_AT_MOST = 8
_OUTSIDE = re.compile(r"[A-Za-z]:")


class Media:
    """The folder of a case. Remembers which of its files were named: 8 bytes each."""

    def __init__(self, root: str) -> None:
        """Open the folder. Raises OSError."""
        self._tree = Tree(root)
        self._watch = Watch(root)
        self._listed: dict[str, dict[str, str]] = {}
        self.named: array[int] = array("Q")
        self.folders: set[str] = set()
        """First folders of all named paths."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tree.close()

    def find(self, untrusted_relative_path: str) -> tuple[str, int, Fault | None]:
        """Return (path below the root, size, None), or ("", 0, why there is no such file).

        Backslashes separate folders; where the exact name is not there, one that differs in case is.
        Raises SourceLost where the device went away.
        """
        path = untrusted_relative_path.replace("\\", "/")
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if not parts:
            return "", 0, Fault(FaultCode.MISSING_MEDIA, "the case names no file for this record")
        if path.startswith("/") or ".." in parts or _OUTSIDE.fullmatch(parts[0]) or "\0" in path:
            return "", 0, Fault(FaultCode.MISSING_MEDIA, "the stated path leads out of the case's folder")
        try:
            return self._status("/".join(parts))
        except FileNotFoundError as error:
            other = self._in_other_case(parts)
            if other is None:
                self._watch.fault(error)
                return "", 0, Fault(FaultCode.MISSING_MEDIA, "the case names a file that is not there")
            return self._status(other)
        except OSError as error:
            fault = self._watch.fault(error)
            code = FaultCode.MISSING_MEDIA if fault.code is FaultCode.VANISHED else fault.code
            return "", 0, Fault(code, fault.detail)

    def _status(self, path: str) -> tuple[str, int, Fault | None]:
        status = self._tree.status(path)
        if not stat.S_ISREG(status.st_mode):
            return "", 0, special(status.st_mode)
        self.named.append(path_key(path))
        if len(self.folders) < _FOLDERS_AT_MOST and "/" in path:
            self.folders.add(path.partition("/")[0])
        return path, status.st_size, None

    def _in_other_case(self, parts: list[str]) -> str | None:
        """Walk down by names that differ in case only; the names of a few folders are kept."""
        found = ""
        for part in parts:
            name = self._names(found).get(part.casefold())
            if name is None:
                return None
            found = f"{found}/{name}" if found else name
        return found

    def _names(self, folder: str) -> dict[str, str]:
        if folder not in self._listed:
            if len(self._listed) >= _LISTED_AT_MOST:
                self._listed.clear()
            try:
                with os.scandir(self._tree.folder(folder)) as entries:
                    names = sorted((entry.name for entry in entries), reverse=True)
            except OSError:
                names = []
            self._listed[folder] = {name.casefold(): name for name in names}
        return self._listed[folder]


def path_key(path: str) -> int:
    """64 bits of a path's digest."""
    return int.from_bytes(blake2b(os.fsencode(path), digest_size=8).digest(), "little")
