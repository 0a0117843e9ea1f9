"""Packing methods of zip members, each as a stream of chunks of bounded size. Runs in the cage only."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from foureyes.engine.reading.unpack.slices import Damaged, Unsupported, chunks
from foureyes.engine.reading.unpack.wire import CHUNK_BYTES

_ZSTD_WINDOW = 2**27
"""zstd's own limit for `--long=27`; larger windows need a switch when unpacking there, too."""
_ZSTD_INPUT = 4096
"""Output has no bound of its own: four bytes give at most 128 KB, 4 KB at most 128 MB."""
_LZMA_ENDS_BY_MARK = 0x2


def decompressed(method: int, packed: io.BufferedReader, flags: int) -> Iterator[bytes]:
    """Unpack a stream by a zip method. Raises Unsupported, Damaged, or the library's own errors."""
    if method not in METHODS:
        raise Unsupported
    return METHODS[method](packed, flags)


def _stored(packed: io.BufferedReader, _: int) -> Iterator[bytes]:
    return chunks(packed.read)


def _deflated(packed: io.BufferedReader, _: int) -> Iterator[bytes]:
    inflater, pending = zlib.decompressobj(-15), b""
    while not inflater.eof:
        pending = pending or packed.read(CHUNK_BYTES)
        if not pending:
            raise Damaged
        chunk = inflater.decompress(pending, CHUNK_BYTES)
        pending = inflater.unconsumed_tail
        if chunk:
            yield chunk


def _deflated64(packed: io.BufferedReader, _: int) -> Iterator[bytes]:
    try:
        import inflate64  # noqa: PLC0415  comes with py7zr, but is not ours to count on
    except ImportError as error:
        raise Unsupported from error
    inflater = inflate64.Inflater()
    # Its output has no bound of its own: 4 KB in give at most 4 MB out.
    while not inflater.eof and (piece := packed.read(4096)):
        if chunk := bytes(inflater.inflate(piece)):
            yield chunk
    if not inflater.eof:
        raise Damaged


def _bzip2(packed: io.BufferedReader, _: int) -> Iterator[bytes]:
    return _fed(bz2.BZ2Decompressor(), packed)


def _lzma(packed: io.BufferedReader, flags: int) -> Iterator[bytes]:
    """LZMA with the zip's own header: version, size of the properties, properties."""
    header = packed.read(4)
    properties = packed.read(int.from_bytes(header[2:4], "little"))
    decode: Any = lzma._decode_filter_properties  # type: ignore[attr-defined]  # noqa: SLF001  zipfile does so, too
    filters = [decode(lzma.FILTER_LZMA1, properties)]
    ends_by_itself = bool(flags & _LZMA_ENDS_BY_MARK)
    return _fed(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters), packed, ends=ends_by_itself)


def _xz(packed: io.BufferedReader, _: int) -> Iterator[bytes]:
    return _fed(lzma.LZMADecompressor(lzma.FORMAT_XZ), packed)


def _zstd(packed: io.BufferedReader, _: int) -> Iterator[bytes]:
    return unpacked_zstd(packed)


def unpacked_zstd(packed: io.BufferedReader) -> Iterator[bytes]:
    """Unpack a zstd stream of any number of frames. zstandard's own reader takes a cut for the end."""
    import zstandard  # noqa: PLC0415  only archives of this kind need it

    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame, pending = unpacker.decompressobj(), b""
    while True:
        pending = pending or packed.read(_ZSTD_INPUT)
        if not pending:
            raise Damaged
        if chunk := frame.decompress(pending):
            yield chunk
        pending = b""
        if frame.eof:
            pending = frame.unused_data or packed.read(_ZSTD_INPUT)
            if not pending:
                return
            frame = unpacker.decompressobj()


def _fed(decompressor: Any, packed: io.BufferedReader, *, ends: bool = True) -> Iterator[bytes]:
    while not decompressor.eof:
        pending = packed.read(CHUNK_BYTES) if decompressor.needs_input else b""
        if not pending and decompressor.needs_input:
            if ends:
                raise Damaged
            return
        if chunk := decompressor.decompress(pending, CHUNK_BYTES):
            yield chunk


METHODS: dict[int, Callable[[io.BufferedReader, int], Iterator[bytes]]] = {
    0: _stored,
    8: _deflated,
    9: _deflated64,
    12: _bzip2,
    14: _lzma,
    93: _zstd,
    95: _xz,
}
"""By the number that stands in the zip (APPNOTE 6.3.10, 4.4.5)."""
