from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from foureyes.engine.reading import held


class Forward(io.RawIOBase):
    """A stream that can only be read forwards, as a member of an archive."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower, as files are read here
        return self._inner.readinto(buffer)


@pytest.mark.parametrize("size", [1, 5_000, 2_000_000])
def test_a_member_is_seen_once_and_can_be_read_again(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    stream = io.BufferedReader(Forward(content))
    head = stream.read(4096)
    digest = hashlib.sha256()
    with held(stream, head, digest.update, memory_bytes=100_000, spool=tmp_path) as fd:
        assert digest.digest() == hashlib.sha256(content).digest()
        assert os.pread(fd, size + 1, 0) == content
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(fd, b"x")
        assert list(tmp_path.iterdir()) == [], "nothing of it has a name on disk"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_a_file_on_disk_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 5000)
    seen: list[bytes] = []
    with path.open("rb") as stream:
        head = stream.read(4096)
        with held(stream, head, seen.append, memory_bytes=10, spool=tmp_path) as fd:
            assert fd == stream.fileno()
    assert b"".join(seen) == b"abc" * 5000
