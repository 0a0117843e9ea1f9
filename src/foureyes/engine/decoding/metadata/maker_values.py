"""The odd ways in which makers write numbers and names into their notes, each as one small reading.

Every reading takes a directory and a tag, and answers None where the tag says nothing.
"""

from __future__ import annotations

from foureyes.engine.decoding.metadata.text import decoded
from foureyes.engine.decoding.metadata.tiff import Directory


def text(directory: Directory, tag: int) -> str | None:
    """Clean text."""
    return directory.text(tag) or None


def integer(directory: Directory, tag: int) -> int | None:
    """A running number; 0 and all ones mean none."""
    number = directory.integer(tag)
    return number if number and number not in (0xFFFFFFFF, 0xFFFFF7FF) else None


def padded(directory: Directory, tag: int) -> str | None:
    """Canon's serial number, shown with ten digits."""
    number = directory.integer(tag)
    return f"{number:010d}" if number else None


def hexadecimal(directory: Directory, tag: int) -> str | None:
    """Sixteen bytes that are no text."""
    value = directory.raw(tag, 16) or b""
    return value.hex() if any(value) else None


def hexadecimal_lens(directory: Directory, tag: int) -> str | None:
    """Canon's internal number of a lens: five bytes, of which older lenses leave four empty."""
    value = directory.raw(tag, 5) or b""
    return value.hex() if len(value) == 5 and any(value[:4]) else None  # noqa: PLR2004 - bytes of the number


def dotted(directory: Directory, tag: int) -> str | None:
    """Four bytes, as digits of text or as numbers."""
    value = directory.raw(tag, 4) or b""
    if not any(value):
        return None
    return decoded(value) if value.isalnum() else ".".join(str(part) for part in value)


def text_or_hexadecimal(directory: Directory, tag: int) -> str | None:
    """Ricoh writes its serial number as text or as bytes, by model."""
    value = (directory.raw(tag, 64) or b"").rstrip(b"\0 ")
    if not any(value):
        return None
    return decoded(value) if all(0x20 <= byte < 0x7F for byte in value) else value.hex()  # noqa: PLR2004 - ASCII


def runs_of_text(directory: Directory, tag: int) -> str | None:
    """Panasonic fills up with zeros before and behind."""
    value = (directory.raw(tag, 64) or b"").strip(b"\0 ")
    return decoded(value) if value[:1].isalnum() else None


def after_equals(directory: Directory, tag: int) -> str | None:
    """Older Nikons write `No= 2001f1c0`."""
    return directory.text(tag).rpartition("=")[2].strip() or None


def without_flag(directory: Directory, tag: int) -> int | None:
    """Fujifilm's picture count, whose highest bit is a flag."""
    number = directory.integer(tag)
    return (number & 0x7FFF) or None if number is not None else None


def without_fill(directory: Directory, tag: int) -> str | None:
    """Some Canons fill up with 0xFF, the EOS 5D puts nine bytes of something else before it."""
    value = (directory.raw(tag, 64) or b"").partition(b"\xff")[0]
    return decoded(value[9:] if value[:1] < b" " else value) or None


def pairs_turned(directory: Directory, tag: int) -> str | None:
    """Sony's ILCE-9 writes eight digits as pairs from the last to the first."""
    digits = directory.text(tag)
    if len(digits) != 8 or not digits.isdigit():  # noqa: PLR2004 - as above
        return digits or None
    return digits[6:] + digits[4:6] + digits[2:4] + digits[:2]
