"""Reads lists of PDQ hashes: ThreatExchange's JSON, tables with named columns, and plain hashes line by line.

A hash of quality below 50 fits too much to say anything: it is left out and told. Digests that
stand between them are taken, other signals are left out and told.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from foureyes.engine.exchange.hash_lists import delimited, json_lists
from foureyes.engine.exchange.hash_lists.base import HEAD_BYTES, NotMatchable, Passed, Trouble
from foureyes.engine.exchange.hash_lists.columns import MD5, PDQ, SHA1, SHA256, Row
from foureyes.engine.exchange.hash_lists.delimited import Layout, Lines, head_line, read_lines
from foureyes.engine.exchange.hash_lists.json_lists import JsonList
from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList, Window
from foureyes.engine.model import ListBatch

QUALITY_AT_LEAST = 50
"""As PDQ's authors advise, and as the matcher keeps it."""

_JSON = re.compile(rb"\s*[\[{]")
_NAMES_PDQ = re.compile(rb'(?i)"(?:hash_)?pdq"')
_HEAD = re.compile(rb"(?i)[^\n]*\b(?:pdq|signal_?type|indicator)\b")
_WITH_QUALITY = re.compile(rb"\s*[0-9A-Fa-f]{64},\s*\d{1,3}\s*(?:,|\n|\r|$)")
_PLAIN = re.compile(rb"^([0-9A-Fa-f]{64})[ \t\r]*$", re.MULTILINE)
_PLAIN_AT_LEAST = 8
_ONES = range(126, 131)
"""PDQ cuts at the median of its 256 numbers, so half its bits are ones; of SHA-256 digests one in four is so
even, and of eight in a row one in 80,000."""

_TYPES = ("signal_type", "signaltype", "type", "indicator_type")
_VALUES = ("signal", "signal_value", "indicator", "hash", "hash_value", "value", "pdq", "pdq_hash")
_BIT_OF_TYPE = {
    "": (PDQ, 64),
    "pdq": (PDQ, 64),
    "hash_pdq": (PDQ, 64),
    "hash_md5": (MD5, 32),
    "md5": (MD5, 32),
    "hash_sha1": (SHA1, 40),
    "sha1": (SHA1, 40),
    "hash_sha256": (SHA256, 64),
    "sha256": (SHA256, 64),
}
_LOW = "a PDQ hash of quality below 50: too little to be matched"
_NO_PDQ = "a signal that is neither PDQ nor a digest"


class PdqFormat:
    """ThreatExchange's form of PDQ lists, and plain ones."""

    name = "pdq"
    extensions = (".json", ".csv", ".pdq", ".txt")
    form = "PDQ hashes (ThreatExchange JSON or CSV, or one a line)"

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by the name of the signal; plain hashes by their bits, which are evenly ones and zeros."""
        if _JSON.match(untrusted_head):
            return bool(_NAMES_PDQ.search(untrusted_head))
        if _HEAD.match(untrusted_head) or _WITH_QUALITY.match(untrusted_head):
            return True
        plain = _PLAIN.findall(untrusted_head)
        ones = [int(value, 16).bit_count() for value in plain]
        return len(plain) >= _PLAIN_AT_LEAST and all(count in _ONES for count in ones)

    def prepare(self) -> None:
        """Compile what both kinds of text need."""
        delimited.prepare()
        json_lists.prepare()

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give every PDQ hash, upright, and the digests that stand between them."""
        window = Window(untrusted.chunks())
        window.at_least(HEAD_BYTES)
        if not _JSON.match(window.data):
            return _table(window)
        first = window.data.partition(b"\n")[0].strip()
        if first.startswith(b"{") and first.endswith(b"}") and b"\n" in window.data.strip():
            return read_lines(window, Layout(b"\0", {}, others=(0,), quoted=False, named=True), _json_lines)
        return JsonList(window, b"data", row_of, exact=True, named=True).run()


FORMAT = PdqFormat()


def row_of(untrusted_record: bytes) -> Row:
    """Read one record in JSON. Raises ValueError with words that quote nothing of it."""
    try:
        record = json.loads(untrusted_record)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(record, dict):
        raise ValueError("no object")  # noqa: TRY004 - whatever a record lacks is a ValueError
    stated = {str(key).lower().replace("-", "_"): value for key, value in record.items()}
    row = Row(removed=stated.get("should_delete") in (True, "true", 1), identity=_identity(stated.get("id")))
    kind = str(next((stated[name] for name in _TYPES if stated.get(name)), ""))
    value = next((stated[name] for name in _VALUES if stated.get(name)), None)
    if value is None and row.removed and row.identity:
        return row
    bit, digest = _signal(kind, value)
    if bit == PDQ and not row.removed:
        _require_quality(stated.get("quality"))
    row.digests[bit] = digest
    return row


def _signal(untrusted_kind: str, untrusted_value: object) -> tuple[int, bytes]:
    kind = untrusted_kind.strip().lower().replace("-", "_")
    if kind not in _BIT_OF_TYPE:
        raise NotMatchable(_NO_PDQ)
    bit, digits = _BIT_OF_TYPE[kind]
    text = untrusted_value.strip() if isinstance(untrusted_value, str) else ""
    if not re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", text):
        raise ValueError(f"its hash is not {digits} hexadecimal digits")
    return bit, bytes.fromhex(text)


def _require_quality(stated: Any) -> None:
    if stated is None or stated == "":
        return
    try:
        quality = float(stated)
    except (TypeError, ValueError):
        raise ValueError("a quality that is no number") from None
    if not quality >= QUALITY_AT_LEAST:
        raise NotMatchable(_LOW)


def _identity(name: object) -> int:
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        return 0
    return int.from_bytes(hashlib.sha256(str(name).encode("utf-8", "replace")).digest()[:8], "little") or 1


def _json_lines(lines: Lines) -> None:
    for row in range(lines.count):
        try:
            lines.rows.fill(row, row_of(lines.line(row)))
        except NotMatchable as error:
            lines.bad[row] = Passed(error)
        except ValueError as error:
            lines.bad[row] = str(error)


def _table(window: Window) -> Iterator[ListBatch | Trouble]:
    """A table with or without a head; without one, the hash stands first and its quality second."""
    if _HEAD.match(window.data) and not _WITH_QUALITY.match(window.data):
        names = [name.decode("ascii", "replace").replace("-", "_") for name in head_line(window, b",")]
        value = next((names.index(name) for name in _VALUES if name in names), 0)
        kind = next((names.index(name) for name in _TYPES if name in names), None)
        quality = names.index("quality") if "quality" in names else None
    else:
        value, kind = 0, None
        quality = 1 if _WITH_QUALITY.match(window.data) else None
    if kind is None:
        others = () if quality is None else (quality,)
        layout = Layout(b",", {PDQ: value}, others, comment=b"#")
    else:
        layout = Layout(
            b",", {}, tuple({value, kind, *(() if quality is None else (quality,))}), comment=b"#"
        )
    return read_lines(window, layout, lambda lines: _look(lines, value, kind, quality))


def _look(lines: Lines, value: int, kind: int | None, quality: int | None) -> None:
    for row in range(lines.count) if kind is not None or quality is not None else ():
        if row in lines.bad:
            continue
        try:
            bit = PDQ
            if kind is not None:
                texts = [lines.field(row, number).decode("ascii", "replace") for number in (kind, value)]
                bit, digest = _signal(*texts)
                lines.rows.put(row, bit, digest)
            if quality is not None and bit == PDQ:
                _require_quality(lines.field(row, quality).decode("ascii", "replace").strip())
        except NotMatchable as error:
            lines.bad[row] = Passed(error)
        except ValueError as error:
            lines.bad[row] = str(error)
