"""Hostile bytes to clean text: decoded, without control characters, trimmed, at most 1,000 characters.

Never raises, and never says which encoding was meant where several fit: UTF-8 first, Latin-1 at last.
"""

from __future__ import annotations

import codecs

CHARACTERS_AT_MOST = 1000
BYTES_AT_MOST = 4 * CHARACTERS_AT_MOST
"""No text of more bytes is ever decoded: four are the longest character of UTF-8 and UTF-16."""

for _encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "shift_jis"):
    codecs.lookup(_encoding)  # now: a sealed worker can load no codec any more

_COMMENT_ENCODINGS = {b"ASCII\0\0\0": "utf-8", b"JIS\0\0\0\0\0": "shift_jis", bytes(8): "utf-8"}


def clean(untrusted_text: str) -> str:
    """Printable characters only, runs of white space as one space; empty where nothing is left.

    Python's `isprintable` leaves out controls, surrogates and the bidirectional overrides that make
    a text read as what it is not.
    """
    text = untrusted_text[: 4 * CHARACTERS_AT_MOST]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return " ".join(text.split())[:CHARACTERS_AT_MOST].rstrip()


def decoded(untrusted_bytes: bytes, encoding: str = "utf-8") -> str:
    """Text up to the first NUL in the encoding, else in Latin-1; cleaned."""
    head = untrusted_bytes[:BYTES_AT_MOST].partition(b"\0")[0]
    return clean(_as_text(head, encoding))


def utf16(untrusted_bytes: bytes, order: str = "<") -> str:
    """Text of UTF-16 up to the first NUL; a byte-order mark wins over `order` ('<' or '>'). Cleaned."""
    head = untrusted_bytes[:BYTES_AT_MOST]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        order = "<" if head[:1] == b"\xff" else ">"
        head = head[2:]
    text = head.decode("utf-16-le" if order == "<" else "utf-16-be", errors="ignore")
    return clean(text.partition("\0")[0])


def user_comment(untrusted_bytes: bytes, order: str) -> str:
    """EXIF UserComment: eight bytes name the encoding. Empty where it is not text after all."""
    code, body = untrusted_bytes[:8], untrusted_bytes[8:]
    if code == b"UNICODE\0":
        return utf16(body, order)
    encoding = _COMMENT_ENCODINGS.get(code)
    if encoding is None:
        return ""
    body = body[:BYTES_AT_MOST].rstrip(b"\0 ")
    if any(byte < ord("\t") for byte in body):  # binary data of the camera under the name of text
        return ""
    return clean(_as_text(body, encoding))


def _as_text(untrusted_bytes: bytes, encoding: str) -> str:
    for attempt in (encoding, "utf-8"):
        try:
            return untrusted_bytes.decode(attempt)
        except UnicodeDecodeError as error:
            if len(untrusted_bytes) == BYTES_AT_MOST and error.start >= BYTES_AT_MOST - 4:
                return untrusted_bytes[: error.start].decode(attempt)  # cut inside a character by us
    return untrusted_bytes.decode("latin-1")
