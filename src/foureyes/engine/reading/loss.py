"""Turns what the operating system says into faults, and tells a lost file from a lost device.

It never retries: a file that failed is a recorded result, a device that failed ends the run.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from foureyes.engine.errors import SourceLost
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.reading.base import StreamFault

_DEVICE_ERRORS = frozenset(
    {errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN, errno.EREMOTEIO}
)
_CODES = {
    errno.EACCES: FaultCode.NO_RIGHTS,
    errno.EPERM: FaultCode.NO_RIGHTS,
    errno.ENOENT: FaultCode.VANISHED,
    errno.ENOTDIR: FaultCode.VANISHED,
    errno.ELOOP: FaultCode.SYMBOLIC_LINK,
}
_IN_A_ROW = 20
"""Failures of the device one after the other, on different files, after which it counts as gone.

A scratched disc fails on a few neighbouring files; an unplugged one fails on all.
"""


def fault_of(error: OSError) -> Fault:
    """Name an error of the operating system, or of a stream, in our codes; no name is repeated."""
    if isinstance(error, StreamFault):
        return error.fault
    code = _CODES.get(error.errno or 0, FaultCode.READ_ERROR)
    return Fault(code, os.strerror(error.errno) if error.errno else "could not be read")


class Watch:
    """Watches one source for signs that its device went away."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._failures = 0

    def read_well(self) -> None:
        """Note that the device gave bytes."""
        self._failures = 0

    def fault(self, error: OSError) -> Fault:
        """Turn an error into the fault of one file. Raises SourceLost where the whole device is gone."""
        if error.errno in _DEVICE_ERRORS:
            self._failures += 1
            if self._failures >= _IN_A_ROW:
                raise self._lost(f"{self._failures} files in a row could not be read") from error
        if error.errno in _DEVICE_ERRORS or error.errno in (errno.ENOENT, errno.ENOTDIR):
            self.check_root(error)
        return fault_of(error)

    def check_root(self, error: OSError | None = None) -> None:
        """Raise SourceLost where the source as a whole is gone."""
        try:
            gone = stat.S_ISDIR(Path(self.root).stat().st_mode) and _is_empty(self.root)
        except OSError as root_error:
            raise self._lost(os.strerror(root_error.errno or errno.EIO)) from error
        if gone:  # a drive that is pulled out leaves its mount point behind as an empty folder
            raise self._lost("the folder is empty all of a sudden") from error

    def _lost(self, why: str) -> SourceLost:
        printable = os.fsencode(self.root).decode("utf-8", "backslashreplace")
        return SourceLost(
            f"{printable} went away while it was read ({why}): attach it and run the same command again"
        )


def _is_empty(folder: str) -> bool:
    with os.scandir(folder) as entries:
        return next(entries, None) is None
