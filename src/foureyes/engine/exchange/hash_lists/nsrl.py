"""Reads NIST's Reference Data Set: NSRLFile.txt of version 2, and the SQLite database of version 3.

What the RDS knows is known software, malicious too: a list of it says irrelevant, never harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from foureyes.engine.exchange.hash_lists import delimited, nsrl_database
from foureyes.engine.exchange.hash_lists.base import HEAD_BYTES, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import MD5, SHA1, SHA256
from foureyes.engine.exchange.hash_lists.delimited import Layout, Lines, head_line, read_lines
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList, Window
from foureyes.engine.model import ListBatch

_HEAD = re.compile(rb'(?i)"?sha-?(?:1|256)"?,[^\n]*"?(?:crc32|filename|file_name|productcode|package_id)"?')
_BIT_OF_NAME = {b"sha256": SHA256, b"sha1": SHA1, b"md5": MD5}


class NsrlFormat:
    """NSRL RDS, both generations."""

    name = "nsrl"
    extensions = (".txt", ".db")
    form = "NSRL RDS (NSRLFile.txt, or the SQLite database of RDS 3)"

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by the columns' names, or by SQLite's magic bytes."""
        return untrusted_head.startswith(nsrl_database.MAGIC) or bool(_HEAD.match(untrusted_head))

    def prepare(self) -> None:
        """Compile the split into lines, and open the place where a database will be put."""
        delimited.prepare()
        nsrl_database.prepare()

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give a record for each line or row. One file stands there once for each package that has it."""
        window = Window(untrusted.chunks())
        window.at_least(HEAD_BYTES)
        if window.data.startswith(nsrl_database.MAGIC):
            return nsrl_database.read(untrusted.descriptor)
        names = [name.replace(b"-", b"") for name in head_line(window, b",")]
        digests = {bit: names.index(name) for name, bit in _BIT_OF_NAME.items() if name in names}
        if not digests:
            raise Unreadable("its first line names no column SHA-256, SHA-1 or MD5")
        return read_lines(window, Layout(b",", digests), _nothing_more)


FORMAT = NsrlFormat()


def _nothing_more(_lines: Lines) -> None:
    """All is read."""
