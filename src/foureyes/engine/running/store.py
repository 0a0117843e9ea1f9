"""A place for immutable files, by URL: a folder, or a prefix of an S3 bucket.

A file is wholly there or not there at all, whatever is killed meanwhile; it is written by rename in a folder,
by one put in a bucket. Never reads the environment, and knows nothing of what is in the files.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from foureyes.engine.errors import StorageFull, UsageError, WorkspaceError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
_UNFINISHED = ".unfinished"
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class S3Access:
    """How a bucket is entered. Handed in by whoever asks; no environment variable or file is looked at."""

    key_id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    endpoint: str | None = None
    """http:// or https:// and a host; None means Amazon's own of `region`."""
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is and how it is entered: small and picklable, so that a task can carry it."""

    url: str
    """A path, `file:///path` or `s3://bucket/prefix`."""
    s3: S3Access | None = None


class End(NamedTuple):
    """The size of a file in bytes, and its last bytes."""

    size: int
    last: bytes


class Store(Protocol):
    """Immutable files by name. Names are lower case: `pieces/0007.parquet`.

    Everything raises StorageFull where the disk is full, SourceLost where a bucket cannot be reached, and
    UsageError where rights are missing or there is no such bucket.
    """

    url: str

    def names(self) -> list[str]:
        """All files that are whole, sorted."""

    def read(self, name: str) -> bytes:
        """A whole file. Raises FileNotFoundError."""

    def end(self, name: str, size: int) -> End | None:
        """The last `size` bytes at most, and how long the file is; None where there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Put a file there, in place of one of that name if need be."""

    def create(self, name: str, content: bytes) -> bool:
        """Put a file there unless one is: False then, and nothing is changed."""

    def take_in(self, name: str, path: Path) -> None:
        """Copy a file of this machine there, of any size."""

    def local_path(self, name: str, scratch: Path) -> Path:
        """Where this machine may read the file: in the folder itself, or in `scratch`, fetched once."""

    def tidy(self) -> None:
        """Remove what killed writers left unfinished. Only when nothing is being written."""


def open_store(place: Place) -> Store:
    """The store at `place`; a folder is made where it is missing.

    Raises:
        UsageError: a URL of another kind, access missing or not asked for, or an absent library.
        WorkspaceError: the folder cannot be made.
    """
    parts = urlsplit(place.url)
    if parts.scheme == "s3":
        return _open_bucket(place)
    if place.s3 is not None:
        raise UsageError(f"{place.url} is no bucket (s3://…), but S3 options are given.")
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise UsageError(
                f"{place.url} names another machine; a file URL has three slashes: file:///path."
            )
        return FolderStore(Path(unquote(parts.path)))
    if "://" in place.url:
        raise UsageError(f"{place.url} is neither a folder nor a bucket: give a path, file:/// or s3://.")
    return FolderStore(Path(place.url))


def check_name(name: str) -> str:
    """The name itself. Raises ValueError where it could lead out of the store."""
    if not _NAME.fullmatch(name) or name.endswith(_UNFINISHED):
        raise ValueError(f"{name!r} is no name of a file in a store")
    return name


class FolderStore:
    """A folder of this machine, or one that many machines share. Files are flushed before they appear."""

    def __init__(self, folder: Path) -> None:
        self.url = str(folder)
        self._folder = folder.absolute()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise UsageError(f"{folder} is a file; a folder is needed.") from error
        except OSError as error:
            raise WorkspaceError(f"the folder {folder} cannot be made: {error.strerror}.") from error

    def names(self) -> list[str]:
        """See `Store.names`."""
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return sorted(
            path.relative_to(self._folder).as_posix() for path in found if path.suffix != _UNFINISHED
        )

    def read(self, name: str) -> bytes:
        """See `Store.read`."""
        return self._path(name).read_bytes()

    def end(self, name: str, size: int) -> End | None:
        """See `Store.end`."""
        try:
            with self._path(name).open("rb") as stream:
                whole = os.fstat(stream.fileno()).st_size
                stream.seek(max(0, whole - size))
                return End(whole, stream.read(size))
        except (FileNotFoundError, IsADirectoryError):
            return None

    def write(self, name: str, content: bytes) -> None:
        """See `Store.write`."""
        with self._unfinished(name) as unfinished:
            _write_flushed(unfinished, content)
            unfinished.replace(self._path(name))

    def create(self, name: str, content: bytes) -> bool:
        """See `Store.create`. By a hard link: unlike a rename, it never replaces."""
        with self._unfinished(name) as unfinished:
            _write_flushed(unfinished, content)
            try:
                os.link(unfinished, self._path(name))
            except FileExistsError:
                return False
        return True

    def take_in(self, name: str, path: Path) -> None:
        """See `Store.take_in`."""
        with self._unfinished(name) as unfinished:
            with path.open("rb") as source, unfinished.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            unfinished.replace(self._path(name))

    def local_path(self, name: str, scratch: Path) -> Path:
        """See `Store.local_path`: the file itself."""
        del scratch
        return self._path(name)

    def tidy(self) -> None:
        """See `Store.tidy`."""
        for path in self._folder.rglob(f"*{_UNFINISHED}"):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / check_name(name)

    @contextmanager
    def _unfinished(self, name: str) -> Iterator[Path]:
        """A path of its own for each writer, gone at the end; the folder is flushed after."""
        path = self._path(name)
        unfinished = path.with_name(f"{path.name}.{uuid4().hex}{_UNFINISHED}")
        try:
            path.parent.mkdir(exist_ok=True)
            yield unfinished
            _flush_folder(path.parent)
        except OSError as error:
            if error.errno in _FULL:
                raise StorageFull(f"the disk of {self.url} is full: free space and run again.") from error
            if isinstance(error, PermissionError) or error.errno == errno.EROFS:
                raise WorkspaceError(f"there are no rights to write in {self.url}.") from error
            raise
        finally:
            unfinished.unlink(missing_ok=True)


def _write_flushed(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_bucket(place: Place) -> Store:
    if place.s3 is None:
        raise UsageError(f"{place.url} is a bucket: say with which key it is entered.")
    try:
        from foureyes.engine.running.bucket import BucketStore  # noqa: PLC0415 - its library may be absent
    except ImportError as error:
        raise UsageError(
            f"a bucket needs the library obstore: install Foureyes with its extra [s3] ({error})."
        ) from error
    return BucketStore(place.url, place.s3)
