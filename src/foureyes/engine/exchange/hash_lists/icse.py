"""Reads the hash export of ICSE: a table with semicolons, its columns told by the names in its first line.

ZZ40, PhotoDNA and Lace values are kept in the record as it stood; nothing here can match them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from foureyes.engine.exchange.hash_lists import delimited
from foureyes.engine.exchange.hash_lists.base import HEAD_BYTES, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import MD5, OTHER, SHA1
from foureyes.engine.exchange.hash_lists.delimited import Layout, Lines, head_line, read_lines
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList, Window
from foureyes.engine.model import ListBatch

_HEAD = re.compile(rb'(?i)"?(?:md5|sha1|zz40)"?;[^\n]*\b(?:zz40|baseline|image id)\b')
_OTHERS = (b"zz40", b"photodna", b"lace")
_BASELINE = b"baseline"
_YES, _NO = (ord("y"), ord("t"), ord("1") | 32), (ord("n"), ord("f"), ord("0") | 32)


class IcseFormat:
    """What ICSE exports, as IPED and others read it."""

    name = "icse"
    extensions = (".csv",)
    form = "ICSE hash export (CSV with semicolons)"

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by the names of the columns."""
        return bool(_HEAD.match(untrusted_head))

    def prepare(self) -> None:
        """Compile the split into lines."""
        delimited.prepare()

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give a record for each line behind the head; Baseline Yes is code 1, No is 0, empty is none."""
        window = Window(untrusted.chunks())
        window.at_least(HEAD_BYTES)
        names = head_line(window, b";")
        digests = {bit: names.index(name) for bit, name in ((MD5, b"md5"), (SHA1, b"sha1")) if name in names}
        if not digests:
            raise Unreadable("its first line names no column MD5 or SHA1")
        others = tuple(names.index(name) for name in _OTHERS if name in names)
        baseline = names.index(_BASELINE) if _BASELINE in names else None
        looked_at = others if baseline is None else (*others, baseline)
        return read_lines(
            window, Layout(b";", digests, looked_at), lambda lines: _look(lines, others, baseline)
        )


FORMAT = IcseFormat()


def _look(lines: Lines, others: tuple[int, ...], baseline: int | None) -> None:
    rows, count = lines.rows, lines.count
    for number in others:
        rows.flags[:count][lines.filled(number)] |= OTHER
    if baseline is None:
        return
    stated = lines.first_bytes(baseline)
    yes, no = np.isin(stated, _YES), np.isin(stated, _NO)
    rows.category[:count][yes] = 1
    rows.category[:count][no] = 0
    for row in np.flatnonzero((stated > 0) & ~yes & ~no).tolist():
        lines.bad.setdefault(row, "its Baseline is neither Yes nor No")
