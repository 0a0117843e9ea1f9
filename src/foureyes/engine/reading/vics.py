"""Reads a VICS case: a JSON file (1.2, 1.3 or 2.0) beside the folder of its media.

Every entry that names a file is an occurrence with what the case states about it; the bytes come from
the folder. It never leaves the folder of the JSON file, and loses no file that the JSON does not name.
"""

from __future__ import annotations

import os
import re
import struct
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from foureyes.engine.errors import UsageError
from foureyes.engine.model import FactName, Fault, FaultCode, Occurrence, Unit
from foureyes.engine.reading.base import HEAD_BYTES, Opened
from foureyes.engine.reading.descent import Descent, unpacking_limits
from foureyes.engine.reading.files import shown
from foureyes.engine.reading.folder import FolderReader, Found, grouped, open_members, walk
from foureyes.engine.reading.loss import Watch
from foureyes.engine.reading.names import Namer
from foureyes.engine.reading.tree import NotRegular, open_regular
from foureyes.engine.reading.vics_media import Media, path_key
from foureyes.engine.reading.vics_wire import Record, Shape, Tag, facts, unpack_record
from foureyes.engine.running.cage import Cage, CageFault
from foureyes.engine.settings import CageLimits, EngineSettings, ReadingSettings

_PROGRAM = "foureyes.engine.reading.vics_records"
_DATA_MODEL = re.compile(rb"\s*\{.*ProjectVic/DataModels", re.DOTALL | re.IGNORECASE)
_WITHOUT_MODEL = re.compile(rb'\s*\{\s*"value"\s*:\s*\[\s*\{.*"(?:CaseID|CaseNumber|MediaID)"', re.DOTALL)
"""For exporters that write the model's name last."""
_JSON_AT_MOST = 100
"""Files at the top of a folder that may be its case: an export has one, or one for each part."""
_OF_THE_FILE = frozenset({FactName.STATED_MD5, FactName.STATED_SHA1, FactName.PHOTODNA})
_PLACE = struct.Struct("<QQQ")
_INDEX = struct.Struct("<Q")
_HASH_SET = "is a hash list, not a case: add it with `foureyes hashlist add`"


class VicsReader:
    """Takes a VICS JSON file, and a folder with one at its top."""

    name = "vics"
    version = 1

    def recognises(self, path: Path, untrusted_head: bytes) -> bool:
        """Tell by the name of the data model near the start of the file."""
        if path.is_dir():
            return next(_json_files(path), None) is not None
        return is_vics(untrusted_head)

    def plan(self, path: Path, settings: ReadingSettings, *, allow_uncaged: bool = False) -> Iterator[Unit]:
        """Give units of entries in file order, then units of files that no entry names.

        Raises UsageError for a hash list, CageError where the JSON cannot be parsed in a cage.
        """
        folder = path if path.is_dir() else path.parent
        files = list(_json_files(path)) if path.is_dir() else [path]
        root = os.fspath(folder)
        with Media(root) as media:
            for file in files:
                found = _Case(file, media, allow_uncaged=allow_uncaged)
                yield from _filled(self.name, root, found.entries(refuse_hash_sets=len(files) == 1), settings)
            below = None if path.is_dir() else media.folders
            rest = _unnamed(root, media.named, {file.name for file in files}, below)
            yield from grouped(FolderReader.name, root, rest, settings)

    def open_unit(self, unit: Unit, settings: EngineSettings) -> Iterator[Opened]:
        """Yield every entry; `unit.members` stand beside `unit.occurrences`, empty where there is no file."""
        watch = Watch(unit.root)
        entries = unit.occurrences
        if len(unit.members) != len(entries):  # split by somebody other than halves(): the files still count
            entries = tuple(Occurrence(member) for member in unit.members)
        with Descent(settings) as descent:
            for member, occurrence in zip(unit.members, entries, strict=True):
                if not member:
                    yield Opened(occurrence)
                    continue
                for opened in open_members(unit.root, (member,), watch, descent):
                    yield Opened(_as_named(opened.occurrence, member, occurrence), opened.stream)


def is_vics(untrusted_head: bytes) -> bool:
    """Tell whether a file begins as a VICS JSON does, hash lists among them."""
    text = untrusted_head.removeprefix(b"\xef\xbb\xbf")
    return bool(_DATA_MODEL.match(text) or _WITHOUT_MODEL.match(text))


class _Case:
    """One JSON file and the entries that it gives."""

    def __init__(self, file: Path, media: Media, *, allow_uncaged: bool) -> None:
        self._file = file
        self._media = media
        self._allow_uncaged = allow_uncaged
        self._name = file.name

    def entries(self, *, refuse_hash_sets: bool) -> Iterator[tuple[str, int, Occurrence]]:
        """Yield (member, bytes on disk, occurrence) for each entry."""
        descriptor, status = open_regular(os.path.realpath(self._file))
        limits = replace(unpacking_limits(CageLimits(), status.st_size), address_space_bytes=2 * 1024**3)
        try:
            with Cage(_PROGRAM, limits, allow_uncaged=self._allow_uncaged) as cage:
                shape = dict(cage.ask(descriptor, b"shape")).get(Tag.SHAPE)
                if shape == bytes([Shape.HASH_SET]):
                    if refuse_hash_sets:
                        raise UsageError(f"{shown(os.fspath(self._file))} {_HASH_SET}")
                    yield self._faulted(FaultCode.UNSUPPORTED, _HASH_SET)
                    return
                for tag, payload in cage.ask(descriptor, b"records"):
                    yield from self._entry(tag, payload)
        except CageFault as error:
            yield "", 0, Occurrence(self._name, fault=error.fault)
        finally:
            os.close(descriptor)

    def _entry(self, tag: int, untrusted_payload: bytes) -> Iterator[tuple[str, int, Occurrence]]:
        try:
            if tag == Tag.RECORD:
                yield from self._named(unpack_record(untrusted_payload))
            elif tag == Tag.BAD_RECORD:
                (number,) = _INDEX.unpack(untrusted_payload)
                fault = Fault(FaultCode.BAD_RECORD, f"record {number} makes no sense: left out")
                yield "", 0, Occurrence(f"{self._name}!/{number}", fault=fault)
            elif tag == Tag.BROKEN:
                count, first, last = _PLACE.unpack(untrusted_payload)
                where = f"between bytes {first:,} and {last:,}, after record {count:,}"
                yield self._faulted(FaultCode.BAD_RECORD, f"no JSON {where}: nothing behind it could be read")
        except (ValueError, struct.error):
            yield self._faulted(FaultCode.BAD_RECORD, "the parser answered nonsense")

    def _faulted(self, code: FaultCode, words: str) -> tuple[str, int, Occurrence]:
        return "", 0, Occurrence(self._name, fault=Fault(code, words))

    def _named(self, record: Record) -> Iterator[tuple[str, int, Occurrence]]:
        member, size, fault = self._media.find(record.untrusted_relative_path)
        namer = Namer()
        for named in record.named:
            path = namer.path(named.untrusted_path.encode("utf-8", "surrogateescape"))
            yield (
                member,
                size,
                Occurrence(
                    f"{self._name}!/{record.number}/{path}",
                    size=record.size if fault else size,
                    times=named.times,
                    facts=facts(record.claims) + facts(named.claims),
                    fault=fault,
                ),
            )


def _filled(
    reader: str, root: str, entries: Iterator[tuple[str, int, Occurrence]], settings: ReadingSettings
) -> Iterator[Unit]:
    """Fill units as a folder's are filled, keeping members and occurrences side by side."""
    members: list[str] = []
    occurrences: list[Occurrence] = []
    bytes_held = 0
    for member, size, occurrence in entries:
        if members and (bytes_held + size > settings.unit_bytes or len(members) >= settings.unit_files):
            yield Unit(reader, root, tuple(members), tuple(occurrences), bytes_held)
            members, occurrences, bytes_held = [], [], 0
        members.append(member)
        occurrences.append(occurrence)
        bytes_held += size
    if members:
        yield Unit(reader, root, tuple(members), tuple(occurrences), bytes_held)


def _as_named(read: Occurrence, member: str, entry: Occurrence) -> Occurrence:
    """Give what was read from disk the path, times and facts of the entry that names it.

    Stated digests are those of the file: what lies inside an archive has others, and is not to blame.
    """
    whole = read.path == member
    return replace(
        read,
        path=entry.path + read.path[len(member) :],  # behind it stands the place inside an archive, if any
        times=entry.times if whole else read.times,
        facts=entry.facts if whole else tuple(one for one in entry.facts if one.name not in _OF_THE_FILE),
    )


def _unnamed(root: str, named: array[int], jsons: set[str], below: set[str] | None) -> Iterator[Found]:
    """Yield the files of the folder that no entry names: 8 bytes were kept of each named one."""
    known = np.sort(np.frombuffer(named, np.uint64)) if named else np.empty(0, np.uint64)
    for found in walk(root):
        if found.path in jsons or (below is not None and found.path.partition("/")[0] not in below):
            continue
        key = np.uint64(path_key(found.path))
        at = int(np.searchsorted(known, key))
        if at == len(known) or known[at] != key:
            yield found


def _json_files(folder: Path) -> Iterator[Path]:
    """Yield the VICS files at the top of a folder, by content, sorted by name."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.lower().endswith(".json"))[
            :_JSON_AT_MOST
        ]
    for name in names:
        try:
            descriptor, _ = open_regular(os.fspath(folder / name))
        except (OSError, NotRegular):
            continue
        try:
            if is_vics(os.pread(descriptor, HEAD_BYTES, 0)):
                yield folder / name
        finally:
            os.close(descriptor)
