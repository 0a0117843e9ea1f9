"""How Pillow is made to load hostile files: from a mapping, without copies, whole or as far as it goes."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from PIL import Image, ImageFile

from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.model import Fault, FaultCode

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PARTLY = "the data ends early or is damaged; part of the picture is missing"
DECODER_ERRORS = (OSError, SyntaxError, ValueError, EOFError, struct.error, KeyError, IndexError, TypeError)
"""What Pillow raises for files that are not what they should be."""


class ViewFile(io.RawIOBase):
    """A read-only file over a memoryview: what is read is copied, the rest stays where it is."""

    def __init__(self, data: memoryview) -> None:
        super().__init__()
        self._data = data
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Copy the next bytes into a buffer."""
        target = memoryview(buffer).cast("B")
        piece = self._data[self._at : self._at + len(target)]
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; beyond the end is allowed and reads nothing."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        if base + offset < 0:
            raise ValueError("before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Where the next read starts."""
        return self._at


@contextmanager
def view(data: memoryview) -> Iterator[BinaryIO]:
    """A buffered, read-only file over a memoryview, for the length of one decode."""
    with io.BufferedReader(ViewFile(data), 1 << 16) as stream:
        yield cast("BinaryIO", stream)


def opened(stream: BinaryIO, name: str, pillow_name: str) -> Image.Image:
    """Open a stream as one named format and no other.

    Raises:
        CannotDecode: the header is not that format's.
    """
    try:
        return Image.open(stream, formats=[pillow_name])
    except DECODER_ERRORS as error:
        raise CannotDecode(FaultCode.DAMAGED, f"{name}: {type(error).__name__} in the header") from error


def load(image: Image.Image) -> Fault | None:
    """Load an opened image; where its data ends early, as far as it goes, and say so.

    Raises:
        CannotDecode: nothing of it could be had.
    """
    try:
        image.load()
    except DECODER_ERRORS as error:
        return _load_partly(image, error)
    return None


def _load_partly(image: Image.Image, first: Exception) -> Fault:
    """The one place where Pillow may fill up what is missing."""
    name = (image.format or "picture").lower()
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image.load()
    except DECODER_ERRORS as error:
        raise CannotDecode(
            FaultCode.DAMAGED, f"{name}: {type(first).__name__} at the first pixels"
        ) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    if image.mode != image.im.mode:
        image._mode = image.im.mode  # noqa: SLF001  a GIF that ends early is left half converted
    return Fault(FaultCode.DAMAGED, f"{name}: {PARTLY}")
