"""Kernels that walk JSON: past one value, and through the records of an array into columns.

They take what strict JSON takes and never less than the whole value. What they are not made for (an escape
in a key, a key twice, a digest in a form of its own) they flag as odd: Python's own parser has the last word.
"""

# ruff: noqa: C901, PLR0911, PLR0912, PLR1714, PLR2004, SIM109 - loops over bytes, compared with ASCII codes

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.exchange.hash_lists.fields import hex_into
from foureyes.engine.running.compiled import compiled

NEED = -1
"""The text ends before the value does."""
BROKEN = -2
"""What stands there is no JSON, or nested more than 60 deep."""

FULL, MORE, CLOSED, WRONG = 0, 1, 2, 3
"""Why `scan` stopped: rows are full, the text ends within a record, the array ends, no record is there."""

SEEN_MD5, SEEN_SHA1, SEEN_SHA256, SEEN_CATEGORY = 1 << 8, 1 << 9, 1 << 10, 1 << 11
SEEN_PDQ, SEEN_PHOTODNA, SEEN_ALTERNATIVE, SEEN_MEDIA_ID = 1 << 12, 1 << 13, 1 << 14, 1 << 15
"""Flags: which keys a record has."""

_DEPTH_AT_MOST = 60
_DIGITS_AT_MOST = 9
_ODD, _OTHER = 1, 2  # those of columns.py, as plain numbers for the kernel
_SHA256, _SHA1, _MD5, _PDQ = 1, 2, 4, 8
_STRING, _ESCAPE = 34, 92
_OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY, _COMMA, _COLON = 123, 125, 91, 93, 44, 58

_KEYS = (
    (b"MD5", SEEN_MD5),
    (b"SHA1", SEEN_SHA1),
    (b"SHA256", SEEN_SHA256),
    (b"Category", SEEN_CATEGORY),
    (b"PDQ", SEEN_PDQ),
    (b"PhotoDNA", SEEN_PHOTODNA),
    (b"AlternativeHashes", SEEN_ALTERNATIVE),
    (b"MediaID", SEEN_MEDIA_ID),
)
_KEY_BYTES = np.zeros((len(_KEYS), 17), np.uint8)
_KEY_LENGTHS = np.zeros(len(_KEYS), np.int64)
_KEY_FLAGS = np.zeros(len(_KEYS), np.int32)
for _number, (_name, _flag) in enumerate(_KEYS):
    _KEY_BYTES[_number, : len(_name)] = np.frombuffer(_name, np.uint8)
    _KEY_LENGTHS[_number], _KEY_FLAGS[_number] = len(_name), _flag

_PLAIN = np.ones(256, np.bool_)
"""Bytes that a string passes over."""
_PLAIN[:32] = False
_PLAIN[[_STRING, _ESCAPE]] = False


@compiled
def _past_space(text: NDArray[np.uint8], at: int, end: int) -> int:
    while at < end and (
        text[at] == 32 or text[at] == 10 or text[at] == 13 or text[at] == 9
    ):  # a set is slower; ASCII
        at += 1
    return at


@compiled
def _past_string(text: NDArray[np.uint8], at: int, end: int) -> int:
    """`at` is the opening quote."""
    at += 1
    while at < end:
        byte = text[at]
        if _PLAIN[byte]:
            at += 1
        elif byte == _STRING:
            return at + 1
        elif byte != _ESCAPE:
            return BROKEN
        else:
            if at + 1 >= end:
                return NEED
            after = text[at + 1]
            if after == 117:  # u
                if at + 6 > end:
                    return NEED
                for digit in range(at + 2, at + 6):
                    byte = text[digit] | 32
                    if not (48 <= text[digit] <= 57 or 97 <= byte <= 102):  # 0 to 9, a to f
                        return BROKEN
                at += 6
            elif after in (34, 92, 47, 98, 102, 110, 114, 116):  # "\/bfnrt
                at += 2
            else:
                return BROKEN
    return NEED


@compiled
def _digits(text: NDArray[np.uint8], at: int, end: int) -> int:
    while at < end and 48 <= text[at] <= 57:  # 0 to 9
        at += 1
    return at


@compiled
def _past_number(text: NDArray[np.uint8], at: int, end: int) -> int:
    if text[at] == 45:  # minus
        at += 1
    first = at
    at = _digits(text, at, end)
    if at >= end:
        return NEED
    if at == first or (text[first] == 48 and at > first + 1):  # no leading 0
        return BROKEN
    if text[at] == 46:  # point
        first = at + 1
        at = _digits(text, first, end)
        if at >= end:
            return NEED
        if at == first:
            return BROKEN
    if text[at] | 32 == 101:  # e or E
        first = at + 1
        if first < end and (text[first] == 43 or text[first] == 45):  # sign
            first += 1
        at = _digits(text, first, end)
        if at >= end:
            return NEED
        if at == first:
            return BROKEN
    return at


@compiled
def _past_word(text: NDArray[np.uint8], at: int, end: int) -> int:
    word = b"true" if text[at] == 116 else b"false" if text[at] == 102 else b"null"  # t, f
    for number in range(len(word)):
        if at + number >= end:
            return NEED
        if text[at + number] != word[number]:
            return BROKEN
    return at + len(word)


@compiled
def _past_colon(text: NDArray[np.uint8], at: int, end: int) -> int:
    at = _past_space(text, at, end)
    if at >= end:
        return NEED
    if text[at] != _COLON:
        return BROKEN
    return _past_space(text, at + 1, end)


@compiled
def _past_key(text: NDArray[np.uint8], at: int, end: int) -> int:
    """Past a key and its colon, and past space before and after each."""
    at = _past_space(text, at, end)
    if at >= end:
        return NEED
    if text[at] != _STRING:
        return BROKEN
    at = _past_string(text, at, end)
    return at if at < 0 else _past_colon(text, at, end)


@compiled
def past_value(text: NDArray[np.uint8], at: int, end: int) -> int:
    """Where the value ends that begins at `at`; NEED or BROKEN. `end` is at most the length of the text."""
    depth = 0
    objects = np.uint64(0)  # one bit for each level that is open, the innermost last: whether it is an object
    one = np.uint64(1)
    while True:
        at = _past_space(text, at, end)
        if at >= end:
            return NEED
        byte = text[at]
        opened = False
        if byte == _STRING:
            at = _past_string(text, at, end)
        elif byte == _OPEN_OBJECT or byte == _OPEN_ARRAY:  # a set is slower
            is_object = byte == _OPEN_OBJECT
            inside = _past_space(text, at + 1, end)
            if inside >= end:
                return NEED
            if text[inside] == (_CLOSE_OBJECT if is_object else _CLOSE_ARRAY):
                at = inside + 1
            else:
                depth += 1
                if depth > _DEPTH_AT_MOST:
                    return BROKEN
                objects = (objects << one) | np.uint64(is_object)
                at = _past_key(text, inside, end) if is_object else inside
                opened = True
        elif byte == 45 or 48 <= byte <= 57:  # minus, 0 to 9
            at = _past_number(text, at, end)
        else:
            at = _past_word(text, at, end)
        if at < 0:
            return at
        while not opened:
            if depth == 0:
                return at
            at = _past_space(text, at, end)
            if at >= end:
                return NEED
            is_object = objects & one == one
            if text[at] == _COMMA:
                at = _past_key(text, at + 1, end) if is_object else at + 1
                if at < 0:
                    return at
                break
            if text[at] != (_CLOSE_OBJECT if is_object else _CLOSE_ARRAY):
                return BROKEN
            at += 1
            depth -= 1
            objects >>= one


@compiled
def _known_key(text: NDArray[np.uint8], start: int, end: int) -> int:
    """The flag of a key that is read; 0 for any other, ODD for one with an escape."""
    length = end - start
    for number in range(len(_KEY_LENGTHS)):
        if _KEY_LENGTHS[number] == length:
            same = True
            for at in range(length):
                if text[start + at] != _KEY_BYTES[number, at]:
                    same = False
                    break
            if same:
                return int(_KEY_FLAGS[number])
    for at in range(start, end):
        if text[at] == _ESCAPE:
            return _ODD
    return 0


@compiled
def _digest(
    text: NDArray[np.uint8],
    start: int,
    end: int,
    out: NDArray[np.uint8],
    row: int,
    bit: int,
    has: NDArray[np.uint8],
) -> int:
    """Take a digest; null and "" are none, and all else is ODD."""
    if text[start] == _STRING:
        if end - start == 2:  # two quotes
            return 0
        if hex_into(text, start + 1, end - 1, out, row):
            has[row] |= bit
            return 0
        return _ODD
    return 0 if text[start] == 110 else _ODD  # null


@compiled
def _category(text: NDArray[np.uint8], start: int, end: int, out: NDArray[np.int32], row: int) -> int:
    if text[start] == 110:  # null
        return 0
    if end - start > _DIGITS_AT_MOST or not 48 <= text[start] <= 57:  # 0 to 9
        return _ODD
    value = 0
    for at in range(start, end):
        if not 48 <= text[at] <= 57:  # 0 to 9
            return _ODD
        value = value * 10 + (text[at] - 48)
    out[row] = value
    return 0


@compiled
def _holds_pdq(text: NDArray[np.uint8], start: int, end: int) -> bool:
    for at in range(start, end - 2):
        if text[at] | 32 == 112 and text[at + 1] | 32 == 100 and text[at + 2] | 32 == 113:  # pdq
            return True
    return False


@compiled
def _taken(
    flag: int,
    text: NDArray[np.uint8],
    start: int,
    end: int,
    row: int,
    sha256: NDArray[np.uint8],
    sha1: NDArray[np.uint8],
    md5: NDArray[np.uint8],
    pdq: NDArray[np.uint8],
    has: NDArray[np.uint8],
    category: NDArray[np.int32],
) -> int:
    """Take the value of the key whose flag is given; what it adds to the flags of the row."""
    if flag == SEEN_MD5:
        return _digest(text, start, end, md5, row, _MD5, has)
    if flag == SEEN_SHA1:
        return _digest(text, start, end, sha1, row, _SHA1, has)
    if flag == SEEN_SHA256:
        return _digest(text, start, end, sha256, row, _SHA256, has)
    if flag == SEEN_PDQ:
        return _digest(text, start, end, pdq, row, _PDQ, has)
    if flag == SEEN_CATEGORY:
        return _category(text, start, end, category, row)
    if flag == SEEN_PHOTODNA and text[start] == _STRING and end - start > 2:  # more than two quotes
        return _OTHER
    if flag == SEEN_ALTERNATIVE and end - start > 2:  # more than two brackets
        return _ODD if _holds_pdq(text, start, end) else _OTHER
    return 0


@compiled
def _past_record(
    text: NDArray[np.uint8],
    at: int,
    end: int,
    row: int,
    sha256: NDArray[np.uint8],
    sha1: NDArray[np.uint8],
    md5: NDArray[np.uint8],
    pdq: NDArray[np.uint8],
    has: NDArray[np.uint8],
    category: NDArray[np.int32],
    flags: NDArray[np.int32],
) -> int:
    """Read one object into a row, which is clear. `at` is its brace."""
    at = _past_space(text, at + 1, end)
    if at >= end:
        return NEED
    if text[at] == _CLOSE_OBJECT:
        flags[row] |= _ODD
        return at + 1
    while True:
        at = _past_space(text, at, end)
        if at >= end:
            return NEED
        if text[at] != _STRING:
            return BROKEN
        key_end = _past_string(text, at, end)
        if key_end < 0:
            return key_end
        value = _past_colon(text, key_end, end)
        if value < 0:
            return value
        past = past_value(text, value, end)
        if past < 0:
            return past
        flag = _known_key(text, at + 1, key_end - 1)
        if flag:
            if flags[row] & flag:
                flags[row] |= _ODD
            flags[row] |= flag | _taken(flag, text, value, past, row, sha256, sha1, md5, pdq, has, category)
        at = _past_space(text, past, end)
        if at >= end:
            return NEED
        if text[at] == _CLOSE_OBJECT:
            if has[row] == 0 and flags[row] & _OTHER == 0:
                flags[row] |= _ODD
            return at + 1
        if text[at] != _COMMA:
            return BROKEN
        at += 1


@compiled
def scan(
    text: NDArray[np.uint8],
    at: int,
    end: int,
    first: bool,
    rows: int,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    sha256: NDArray[np.uint8],
    sha1: NDArray[np.uint8],
    md5: NDArray[np.uint8],
    pdq: NDArray[np.uint8],
    has: NDArray[np.uint8],
    category: NDArray[np.int32],
    flags: NDArray[np.int32],
) -> tuple[int, int, int]:
    """Read records of an array into up to `rows` rows. `first`: no comma stands before the next one.

    Gives the number of records, where the text goes on, and why it stopped. A row may be left dirty behind
    the last one, and is cleared when it is used. `end` is at most the length of the text.
    """
    count = 0
    while count < rows:
        place = _past_space(text, at, end)
        if place < end and text[place] == _COMMA and not first:
            place = _past_space(text, place + 1, end)
        elif place < end and not first and text[place] != _CLOSE_ARRAY:
            return count, at, WRONG
        if place >= end:
            return count, at, MORE
        if text[place] == _CLOSE_ARRAY:
            return count, place + 1, CLOSED
        if text[place] != _OPEN_OBJECT:
            return count, at, WRONG
        for byte in range(32):
            sha256[count, byte] = 0
            pdq[count, byte] = 0
        for byte in range(20):
            sha1[count, byte] = 0
        for byte in range(16):
            md5[count, byte] = 0
        has[count] = 0
        category[count] = -1
        flags[count] = 0
        past = _past_record(text, place, end, count, sha256, sha1, md5, pdq, has, category, flags)
        if past < 0:
            return count, at, MORE if past == NEED else WRONG
        starts[count], ends[count] = place, past
        count += 1
        at = past
        first = False
    return count, at, FULL
