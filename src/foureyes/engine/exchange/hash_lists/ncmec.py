"""Reads NCMEC's hash-sharing XML, version 2, entry by entry, with its tombstones.

Each entry is parsed alone, so that a broken one costs itself. A document type is refused before any entity
could be declared, and nothing outside is ever fetched. Feedback on hashes stays in the entry as it stood.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from foureyes.engine.exchange.hash_lists.base import HEAD_BYTES, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import MD5, OTHER, PDQ, SHA1, SHA256, Rows
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList, Window
from foureyes.engine.model import ListBatch, ListFault

_HEAD = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE[^>]*>\s*)?"
    rb"<(?:\w+:)?(?:queryResult|images|videos)[\s>/]",
    re.DOTALL,
)
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TOKEN = re.compile(
    rb"(?P<passage><!--|<!\[CDATA\[)|(?P<type><!DOCTYPE)|(?P<next><(?:\w+:)?next>\s*[^<\s])"
    rb"|<(?P<name>(?:\w+:)?(?:image|video|deletedImage|deletedVideo))(?=[\s>/])"
)
_START_TAG = re.compile(rb"<(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_PASSAGE_END = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}
_TOKEN_BYTES = 64
_ENTRY_BYTES_AT_MOST = 32 * 1024**2
_ROWS = 8192
"""Entries in one batch: they take some 1 kB each, and 100 µs."""
_DIGESTS = {"md5": (MD5, 16), "sha1": (SHA1, 20), "sha256": (SHA256, 32), "pdq": (PDQ, 32)}
_CLASS = re.compile(r"([A-Z])([1-9])")
_MORE_PAGES = "the sender has a further page, which is not in this file"


class NcmecFormat:
    """What the hash-sharing service answers, page by page or several behind each other."""

    name = "ncmec"
    extensions = (".xml",)
    form = "NCMEC hash-sharing XML"

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by the root element."""
        return bool(_HEAD.match(untrusted_head))

    def prepare(self) -> None:
        """Use the parser once."""
        fromstring(b"<image/>", forbid_dtd=True)

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give every entry; class A1 is code 11, B2 is 22. A tombstone names the entry that it takes back."""
        return _Reading(Window(untrusted.chunks())).run()


FORMAT = NcmecFormat()


class _Reading:
    """One pass over one file."""

    def __init__(self, window: Window) -> None:
        window.at_least(HEAD_BYTES)
        self._window = window
        self._rows = Rows(named=True)
        self._entries: list[tuple[int, int]] = []
        self._records = 0
        self._further_page = False
        encoding = _ENCODING.match(window.data)
        wide = encoding is None or encoding[1].lower().startswith(b"utf-16")  # already turned into UTF-8
        name = b"utf-8" if encoding is None or wide else encoding[1]
        self._declaration = b'<?xml version="1.0" encoding="' + name + b'"?>'

    def run(self) -> Iterator[ListBatch | Trouble]:
        """Walk from token to token; what lies between them is of no interest."""
        window = self._window
        while True:
            token = _TOKEN.search(window.data, window.at)
            if token is None:
                window.at = max(window.at, len(window.data) - _TOKEN_BYTES)
            elif token["type"]:
                raise Unreadable("it declares a document type, and so perhaps entities: refused")
            elif self._step(token):
                if len(self._entries) == _ROWS:
                    yield from self._settled()
                continue
            yield from self._settled()
            if window.ended:
                break
            if len(window.data) - window.at > _ENTRY_BYTES_AT_MOST:
                raise Unreadable(f"an entry of more than {_ENTRY_BYTES_AT_MOST >> 20} MB")
            window.more()
        yield from self._end(token)

    def _step(self, token: re.Match[bytes]) -> bool:
        """Move past a token; False where the window ends before it does."""
        window = self._window
        window.at = token.start()
        if token["next"]:
            self._further_page = True
            window.at = token.end()
            return True
        if token["passage"]:
            ending = _PASSAGE_END[token["passage"]]
            found = window.data.find(ending, token.end())
            window.at = found + len(ending) if found >= 0 else token.start()
            return found >= 0
        self._further_page = False
        end = self._end_of_entry(token)
        if end is None:
            return False
        self._entries.append((token.start(), end))
        window.at = end
        return True

    def _end_of_entry(self, token: re.Match[bytes]) -> int | None:
        """Where an entry ends: behind its end tag, or where another one begins before that."""
        text = self._window.data
        start_tag = _START_TAG.match(text, token.start())
        if start_tag is None:
            return None
        if start_tag[0].endswith(b"/>"):
            return start_tag.end()
        end_tag = re.compile(rb"</" + re.escape(token["name"]) + rb"\s*>|" + _TOKEN.pattern)
        at = start_tag.end()
        while found := end_tag.search(text, at):
            if found["name"]:
                return found.start()
            if not found["passage"]:
                if not found["next"]:
                    return found.end()
                at = found.end()
                continue
            at = text.find(_PASSAGE_END[found["passage"]], found.end())
            if at < 0:
                return None
        return None

    def _settled(self) -> Iterator[ListBatch | Trouble]:
        rows, text, bad = self._rows, self._window.data, {}
        entries, self._entries = self._entries, []
        for row, (start, end) in enumerate(entries):
            rows.clear(row)
            rows.starts[row], rows.ends[row] = start, end
            try:
                _fill(rows, row, self._parsed(text[start:end]))
            except (ParseError, DefusedXmlException, LookupError, RecursionError):
                bad[row] = "no XML"
            except ValueError as error:
                bad[row] = str(error)
        number, window = self._records, self._window
        self._records += len(entries)
        yield from rows.settled(
            len(entries),
            np.frombuffer(text, np.uint8),
            lambda row: (number + row + 1, window.line_of(int(rows.starts[row]))),
            bad,
        )

    def _parsed(self, untrusted_entry: bytes) -> Element:
        parsed: Element = fromstring(self._declaration + untrusted_entry, forbid_dtd=True)
        return parsed

    def _end(self, token: re.Match[bytes] | None) -> Iterator[Trouble]:
        window = self._window
        line = window.line_of(window.at)
        if token is not None:
            yield Trouble(ListFault(self._records + 1, line, "the file ends within this entry"))
        elif not re.search(rb"</[^<>]+>\s*(?:<!--.*)?\Z", window.data[-_TOKEN_BYTES:], re.DOTALL):
            yield Trouble(ListFault(self._records + 1, line, "the file ends before its list does"))
        elif self._further_page:
            yield Trouble(ListFault(self._records + 1, line, _MORE_PAGES), broken=False)


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2].lower().replace("-", "").replace("_", "")


def _fill(rows: Rows, row: int, entry: Element) -> None:
    """Fill a row from one entry. Raises ValueError in words that quote nothing of it."""
    parts = {_local(part.tag): part for part in entry}
    kind = _local(entry.tag)
    rows.removed[row] = kind.startswith("deleted")
    rows.identity[row] = _identity(kind.removeprefix("deleted"), parts)
    if rows.removed[row] and not rows.identity[row]:
        raise ValueError("a tombstone that names no entry")
    rows.category[row] = _code(parts.get("classification"))
    for fingerprint in parts.get("fingerprints", ()):
        name, text = _local(fingerprint.tag), (fingerprint.text or "").strip()
        if name in _DIGESTS and text:
            bit, size = _DIGESTS[name]
            if not re.fullmatch(f"[0-9A-Fa-f]{{{2 * size}}}", text):
                raise ValueError(f"its {name.upper()} is not {2 * size} hexadecimal digits")
            rows.put(row, bit, bytes.fromhex(text))
        elif text or len(fingerprint.attrib):
            rows.flags[row] |= OTHER


def _identity(kind: str, parts: dict[str, Element]) -> int:
    """Digest of the entry's name: the member that sent it, what it is, and its id there; 0 without an id."""
    name = parts["id"].text if "id" in parts else None
    if not name or not name.strip():
        return 0
    member = parts["member"].get("id", "") if "member" in parts else ""
    named = f"{member}\n{kind}\n{name.strip()}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.sha256(named).digest()[:8], "little") or 1


def _code(classification: Element | None) -> int:
    text = ((classification.text if classification is not None else None) or "").strip().upper()
    if not text:
        return -1
    letter = _CLASS.fullmatch(text)
    if letter is None:
        raise ValueError("a classification that is no letter and digit")
    return (ord(letter[1]) - ord("A") + 1) * 10 + int(letter[2])
