"""One VICS record by Python's own JSON parser: the exact reading of what the fast scan leaves as odd.

Nothing is guessed: a digest or a category in no known form makes the record broken, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from foureyes.engine.exchange.hash_lists.columns import MD5, PDQ, SHA1, SHA256, Row
from foureyes.engine.model import NO_CATEGORY

_DIGESTS = {"md5": (MD5, 16), "sha1": (SHA1, 20), "sha256": (SHA256, 32), "pdq": (PDQ, 32)}
_CATEGORY_AT_MOST = 2**31 - 1
_CATEGORY_CHARACTERS = 10


def row_of(untrusted_record: bytes) -> Row:
    """Read a record. Raises ValueError with words that quote nothing of it."""
    try:
        record = json.loads(untrusted_record, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise ValueError("text that is not UTF-8: exported in another encoding, or damaged") from None
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(record, dict):
        raise ValueError("no object")  # noqa: TRY004 - whatever a record lacks is a ValueError
    stated = {key.lower().replace("-", ""): value for key, value in record.items()}
    row = Row(category=category_of(stated.get("category")))
    row.other = bool(stated.get("photodna"))
    for name, digest in [(name, stated.get(name)) for name in _DIGESTS] + list(_alternatives(stated)):
        if name in _DIGESTS:
            _take(row, name, digest)
        elif digest:
            row.other = True
    return row


def category_of(stated: object) -> int:
    """Read a category: a number, or the same as text; null and "" are none, which is never 0."""
    if stated is None or stated == "":
        return NO_CATEGORY
    digits = isinstance(stated, str) and stated.strip().isdecimal() and len(stated) <= _CATEGORY_CHARACTERS
    if digits or (isinstance(stated, float) and stated.is_integer()):
        stated = int(cast("str | float", stated))
    if isinstance(stated, bool) or not isinstance(stated, int) or not 0 <= stated <= _CATEGORY_AT_MOST:
        raise ValueError("a category that is no code")
    return stated


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _alternatives(stated: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name, without hyphens, and value of each alternative hash."""
    alternatives = stated.get("alternativehashes")
    for one in alternatives if isinstance(alternatives, list) else []:
        if isinstance(one, dict):
            yield str(one.get("HashName")).lower().replace("-", ""), one.get("HashValue")


def _take(row: Row, name: str, stated: object) -> None:
    bit, size = _DIGESTS[name]
    text = stated.strip() if isinstance(stated, str) else stated
    if text is None or text == "":
        return
    words = f"its {name.upper()} is not {2 * size} hexadecimal digits"
    if not isinstance(text, str) or len(text) != 2 * size:
        raise ValueError(words)
    try:
        row.digests.setdefault(bit, bytes.fromhex(text))
    except ValueError:
        raise ValueError(words) from None
    if len(row.digests[bit]) != size:
        raise ValueError(words)
