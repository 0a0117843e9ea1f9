"""What is too plain for PDQ pairs only where size, thumbnail and hash agree; everything else is counted."""

from __future__ import annotations

import numpy as np

from foureyes.engine.matching import PlainMedia, plain_pairs, plain_rows
from foureyes.engine.matching.plain import SHARED_BY_MANY

Marks = tuple[int, int, int, int]
WALL: Marks = (3008, 2000, 1515, 77)


def compared(marks: list[Marks], *, off: dict[int, int] | None = None, blank: bool = False) -> PlainMedia:
    """Media with these marks; their hashes are equal but for so many bits."""
    values = np.zeros((len(marks), 32), np.uint8)
    for number, bits in (off or {}).items():
        values[number, : bits // 8] = 255
        values[number, bits // 8] = (1 << bits % 8) - 1
    sha256 = np.zeros((len(marks), 32), np.uint8)
    sha256[:, 0] = np.arange(len(marks))
    return plain_pairs(
        sha256,
        np.array(marks, np.int64).reshape(-1, 4),
        is_blank=lambda _: blank,
        upright=lambda some: values[[int(one[:2], 16) for one in some]],
    )


def test_equal_pixels_in_other_bytes_pair() -> None:
    found = compared([WALL, (640, 480, 1515, 77), WALL])
    (pair,) = found.pairs
    assert (pair.a[:2], pair.b[:2], pair.plain, pair.distance_bits) == ("00", "02", True, 0)
    assert "3 media" in next(found.notes())
    assert "1 is like no other" in next(found.notes())


def test_another_size_length_or_digest_pairs_nothing() -> None:
    others = [(3007, 2000, 1515, 77), (3008, 2001, 1515, 77), (3008, 2000, 1516, 77), (3008, 2000, 1515, 78)]
    assert not compared([WALL, *others]).pairs


def test_eight_bits_are_near_enough_and_nine_are_not() -> None:
    assert compared([WALL, WALL], off={1: 8}).pairs
    assert not compared([WALL, WALL], off={1: 9}).pairs


def test_blank_pictures_link_nothing_and_are_counted() -> None:
    found = compared([WALL] * 5, blank=True)
    assert (found.pairs, found.blank, found.media) == ([], 5, 5)


def test_what_very_many_share_links_nothing_and_is_counted() -> None:
    assert len(compared([WALL] * SHARED_BY_MANY).pairs) == SHARED_BY_MANY - 1
    found = compared([WALL] * (SHARED_BY_MANY + 1))
    assert (found.pairs, found.shared_by_many) == ([], SHARED_BY_MANY + 1)


def test_media_without_a_thumbnail_are_like_no_other() -> None:
    found = compared([(10, 10, 0, 0)] * 3)
    assert (found.pairs, found.blank, found.shared_by_many) == ([], 0, 0)


def test_media_with_any_good_frame_do_not_come_here() -> None:
    sha256 = np.zeros((5, 32), np.uint8)
    sha256[:, 0] = [3, 1, 3, 2, 1]
    assert plain_rows(sha256, np.array([10, 20, 60, 49, 0])).tolist() == [1, 3]
    assert not len(plain_rows(sha256[:0], np.zeros(0, np.int16)))


def test_nothing_gives_nothing() -> None:
    found = compared([])
    assert (found.pairs, list(found.notes())) == ([], [])
