"""Walks a 7z archive, block by block, as one stream. Runs in the cage only.

py7zr unpacks into files or into objects that it drives; we pull from its decompressors instead, so
that memory stays bounded and nothing is written.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from foureyes.engine.reading.unpack.slices import Damaged, buffered
from foureyes.engine.reading.unpack.wire import CHUNK_BYTES, Entry, Tag, Trouble, pack_entry

_FILETIME_1970 = 116_444_736_000_000_000


def walk(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """Give every member with its bytes, in the order in which they are packed."""
    import py7zr  # noqa: PLC0415  only archives of this kind need it
    from py7zr.exceptions import PasswordRequired  # noqa: PLC0415  as above

    stream = buffered(descriptor)
    try:
        archive: Any = py7zr.SevenZipFile(stream, "r")
    except PasswordRequired:
        yield Tag.TROUBLE, bytes([Trouble.ENCRYPTED])
        return
    for file in archive.files:
        if file.emptystream and not file.is_directory:
            yield Tag.ENTRY, pack_entry(_entry(file))
            yield Tag.END, b""
    streams = getattr(archive.header, "main_streams", None)
    if streams is None:
        return
    starts = [archive.afterheader + position for position in streams.packinfo.packpositions]
    packs = 0
    for folder in streams.unpackinfo.folders:
        stream.seek(starts[packs])
        packs += max(len(folder.packed_indices), 1)
        yield from _block(stream, folder)
        folder.decompressor = None  # gives back its dictionary before the next one takes its own


def _block(stream: Any, folder: Any) -> Iterator[tuple[int, bytes]]:
    """Give the members of one block. What breaks one breaks the rest of its block, not other blocks."""
    from py7zr.exceptions import PasswordRequired, UnsupportedCompressionMethodError  # noqa: PLC0415  as above

    trouble = Trouble.NONE
    for file in folder.files or ():
        if trouble is Trouble.NONE:
            try:
                folder.get_decompressor(file.compressed)
            except PasswordRequired:
                trouble = Trouble.ENCRYPTED
            except UnsupportedCompressionMethodError:
                trouble = Trouble.UNSUPPORTED
        if trouble is not Trouble.NONE:
            yield Tag.ENTRY, pack_entry(_entry(file, trouble))
            continue
        link = Trouble.LINK if file.is_symlink or file.is_junction else Trouble.NONE
        link = Trouble.SPECIAL if file.is_socket else link
        yield Tag.ENTRY, pack_entry(_entry(file, link))
        try:
            yield from (frame for frame in _content(stream, folder, file) if link is Trouble.NONE)
        except MemoryError:
            trouble = Trouble.OUT_OF_MEMORY
        except Exception:  # noqa: BLE001  py7zr and its many codecs each have their own errors
            trouble = Trouble.DAMAGED
        if trouble is not Trouble.NONE and link is Trouble.NONE:
            yield Tag.TROUBLE, bytes([trouble])


def _content(stream: Any, folder: Any, file: Any) -> Iterator[tuple[int, bytes]]:
    decompressor = folder.get_decompressor(file.compressed)
    left, running = file.uncompressed, 0
    while left > 0:
        before = stream.tell()
        chunk = bytes(decompressor.decompress(stream, min(left, CHUNK_BYTES)))
        if not chunk and stream.tell() == before:
            raise Damaged
        left -= len(chunk)
        running = zlib.crc32(chunk, running)
        if chunk:
            yield Tag.CHUNK, chunk
    if file.crc32 is not None and running != file.crc32:
        raise Damaged
    yield Tag.END, b""


def _entry(file: Any, trouble: Trouble = Trouble.NONE) -> Entry:
    filetime = file.lastwritetime
    modified_ns = (int(filetime) - _FILETIME_1970) * 100 if filetime else None
    name = str(file.filename).encode("utf-8", "surrogatepass")
    return Entry(name, file.uncompressed, modified_ns, trouble)
