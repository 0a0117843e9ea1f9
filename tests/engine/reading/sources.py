"""Builds sources on disk and reads them back whole, for the tests of all readers."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

from foureyes.engine import reading
from foureyes.engine.model import FaultCode
from foureyes.engine.settings import EngineSettings

Contents = dict[str, bytes | FaultCode]


def read_all(path: Path, settings: EngineSettings | None = None) -> Contents:
    """Path to bytes, or to the code of the fault, of planning or while reading."""
    settings = settings or EngineSettings()
    found: Contents = {}
    for unit in reading.plan(path, settings.reading):
        for opened in reading.open_unit(unit, settings):
            name = opened.occurrence.path
            assert name not in found, name
            if opened.stream is None:
                assert opened.occurrence.fault is not None
                found[name] = opened.occurrence.fault.code
            else:
                try:
                    found[name] = opened.stream.read()
                except reading.StreamFault as error:
                    found[name] = error.fault.code
    return found


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2)), content, method)
    return packed.getvalue()


def linked_zip(name: str, target: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return packed.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w", format_: int = tarfile.PAX_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode, format=format_) as archive:  # type: ignore[call-overload]  # the stubs know literals only
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.mtime = 1_600_000_000
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()
