"""Reads plain lists of digests: one on each line, with or without a file name, and hashdeep's tables.

The number of digits says whether a digest is MD5, SHA-1 or SHA-256; no other is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from foureyes.engine.exchange.hash_lists import delimited
from foureyes.engine.exchange.hash_lists.base import HEAD_BYTES, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import MD5, SHA1, SHA256
from foureyes.engine.exchange.hash_lists.delimited import Layout, Lines, read_lines, take_hex
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList, Window
from foureyes.engine.model import ListBatch

_BIT_OF_DIGITS = {32: MD5, 40: SHA1, 64: SHA256}
_LINE = rb"\\?(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})"
_HEAD = re.compile(rb'(?i)\s*"?(?:md5|sha-?1|sha-?256|hash|digest)(?: ?hash)?"?[ \t\r]*(?:\n|$)')
_PLAIN = re.compile(rb"(?:\s*#[^\n]*\n)*\s*" + _LINE + rb"(?:[\s,;]|$)")
_TAGGED = re.compile(rb"(?:MD5|SHA1|SHA2?-?256|SHA-1) ?\((.*)\) ?= ?([0-9A-Fa-f]+)")
_HASHDEEP = b"%%%% HASHDEEP"
_HASHDEEP_COLUMNS = re.compile(rb"%%%% *((?:[a-z0-9]+,)+filename)\s*\n")
_BIT_OF_COLUMN = {b"md5": MD5, b"sha1": SHA1, b"sha256": SHA256}


class DigestsFormat:
    """What md5sum, sha256sum and hashdeep write, and lists of digests alone."""

    name = "digests"
    extensions = (".txt", ".md5", ".sha1", ".sha256", ".hash")
    form = "digests, one a line (also md5sum, sha256sum and hashdeep)"

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by a digest at the start of the first line that is neither head nor comment."""
        if untrusted_head.startswith(_HASHDEEP) or _TAGGED.match(untrusted_head):
            return True
        head = _HEAD.match(untrusted_head)
        return bool(_PLAIN.match(untrusted_head, head.end() if head else 0))

    def prepare(self) -> None:
        """Compile the split into lines."""
        delimited.prepare()

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give a record for every line that is neither blank, head nor comment."""
        window = Window(untrusted.chunks())
        window.at_least(HEAD_BYTES)
        if window.data.startswith(_HASHDEEP):
            return read_lines(window, _hashdeep(window), _nothing_more)
        head = _HEAD.match(window.data)
        window.at = head.end() if head else 0
        return read_lines(window, Layout(b" ", {}, others=(0,), comment=b"#", quoted=False), _by_length)


FORMAT = DigestsFormat()


def _hashdeep(window: Window) -> Layout:
    columns = _HASHDEEP_COLUMNS.search(window.data, 0, 64 * 1024)
    if columns is None:
        raise Unreadable("a hashdeep list whose columns are not named")
    names = columns[1].split(b",")
    window.at = columns.end()
    digests = {bit: names.index(name) for name, bit in _BIT_OF_COLUMN.items() if name in names}
    if not digests:
        raise Unreadable("a hashdeep list without MD5, SHA-1 or SHA-256")
    return Layout(b",", digests, comment=b"#", quoted=False)


def _nothing_more(_lines: Lines) -> None:
    """All is read."""


def _by_length(lines: Lines) -> None:
    """Read the first word of each line as the digest that its length makes it."""
    starts, ends = lines.field_starts[0], lines.field_ends[0]
    for bit in _BIT_OF_DIGITS.values():
        wrong = np.zeros(lines.count, np.bool_)
        take_hex(lines.text, starts, ends, lines.rows.columns[bit], lines.rows.has, bit, wrong)
    for row in np.flatnonzero(lines.rows.has[: lines.count] == 0).tolist():
        untrusted_line = lines.line(row)
        tagged = _TAGGED.fullmatch(untrusted_line)
        word = (
            tagged[2] if tagged else re.split(rb"[\s,;]", untrusted_line.removeprefix(b"\\"), maxsplit=1)[0]
        )
        word = word.strip(b'"')
        bit = _BIT_OF_DIGITS.get(len(word), 0)
        if bit and re.fullmatch(rb"[0-9A-Fa-f]+", word):
            lines.rows.put(row, bit, bytes.fromhex(word.decode("ascii")))
        else:
            lines.bad[row] = "no digest of 32, 40 or 64 hexadecimal digits at the start of the line"
