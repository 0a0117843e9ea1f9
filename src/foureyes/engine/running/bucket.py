"""A prefix of an S3 bucket as a store: one put makes a whole object, or none.

Never looks for credentials anywhere (environment, files, a cloud's metadata address): they are handed in.
"""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from foureyes.engine.errors import SourceLost, StorageFull, UsageError
from foureyes.engine.running.refusal import plain
from foureyes.engine.running.store import End, S3Access, check_name

if TYPE_CHECKING:
    from obstore.store import S3Credential

_CHUNK_BYTES = 8 * 1024**2
_TRIES_AGAIN = 5
_TRIES_FOR = timedelta(seconds=60)


class BucketStore:
    """See `store.Store`. Objects above 8 MB go up in parts; they too appear whole or not at all."""

    def __init__(self, url: str, access: S3Access) -> None:
        parts = urlsplit(url)
        self.url = url
        self._bucket = parts.netloc
        self._prefix = unquote(parts.path).strip("/")
        self._access = access
        if not self._bucket or parts.query or parts.fragment:
            raise UsageError(f"{url} names no bucket: s3://bucket/prefix is the form.")
        self._endpoint = access.endpoint or f"https://s3.{access.region}.amazonaws.com"
        if urlsplit(self._endpoint).scheme not in {"http", "https"}:
            raise UsageError(f"the endpoint {self._endpoint} is no http:// or https:// address.")
        # Each setting is given, for the library fills what is missing from the environment.
        self._store = S3Store(
            self._bucket,
            prefix=self._prefix or None,
            endpoint=self._endpoint,
            region=access.region,
            credential_provider=self._credential,
            virtual_hosted_style_request=False,
            skip_signature=False,
            client_options={"allow_http": self._endpoint.startswith("http://")},
            retry_config={"max_retries": _TRIES_AGAIN, "retry_timeout": _TRIES_FOR},
        )

    def names(self) -> list[str]:
        """See `Store.names`."""
        with self._in_words():
            return sorted(meta["path"] for batch in obstore.list(self._store) for meta in batch)

    def read(self, name: str) -> bytes:
        """See `Store.read`."""
        with self._in_words():
            return bytes(obstore.get(self._store, check_name(name)).bytes())

    def end(self, name: str, size: int) -> End | None:
        """See `Store.end`."""
        try:
            with self._in_words():
                whole = obstore.head(self._store, check_name(name))["size"]
                length = min(size, whole)
                if length == 0:
                    return End(whole, b"")
                return End(
                    whole, bytes(obstore.get_range(self._store, name, start=whole - length, length=length))
                )
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """See `Store.write`."""
        with self._in_words():
            obstore.put(self._store, check_name(name), content, chunk_size=_CHUNK_BYTES)

    def create(self, name: str, content: bytes) -> bool:
        """See `Store.create`. By a conditional put (`If-None-Match`)."""
        with self._in_words():
            try:
                obstore.put(self._store, check_name(name), content, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def take_in(self, name: str, path: Path) -> None:
        """See `Store.take_in`."""
        with self._in_words():
            obstore.put(self._store, check_name(name), path, chunk_size=_CHUNK_BYTES)

    def local_path(self, name: str, scratch: Path) -> Path:
        """See `Store.local_path`: fetched by the first process of this machine; others wait for it."""
        path = scratch / check_name(name).replace("/", "-")
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (scratch / "fetching").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                self._fetch(name, path)
        return path

    def tidy(self) -> None:
        """See `Store.tidy`: a put that was cut off left nothing that can be seen here."""

    def _fetch(self, name: str, path: Path) -> None:
        part = path.with_name(f"{path.name}.unfinished")
        try:
            with self._in_words(), part.open("wb") as target:
                for chunk in obstore.get(self._store, name).stream(min_chunk_size=_CHUNK_BYTES):
                    target.write(chunk)
            part.replace(path)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StorageFull(
                    f"the disk of {path.parent}, where {self.url} is fetched to, is full."
                ) from error
            raise
        finally:
            part.unlink(missing_ok=True)

    def _credential(self) -> S3Credential:
        return {
            "access_key_id": self._access.key_id,
            "secret_access_key": self._access.secret,
            "token": self._access.token,
            "expires_at": None,
        }

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn what the library raises into our own errors. FileNotFoundError passes."""
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            if "NoSuchBucket" in str(error):
                raise UsageError(f"there is no bucket {self._bucket!r} at {self._endpoint}.") from error
            if isinstance(error, FileNotFoundError | AlreadyExistsError):
                raise
            if isinstance(error, PermissionDeniedError | UnauthenticatedError):
                raise UsageError(f"{self._endpoint} refuses this key for {self.url}.") from error
            first = str(error).partition("Debug source")[0]
            raise SourceLost(f"{self.url} cannot be reached at {self._endpoint}: {plain(first)}") from error
