"""The same text in many media: what counts as the same, what says nothing, and that no pair is missed."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foureyes.engine.matching.texts import HOLDERS_AT_MOST, Read, folded, shared_texts
from foureyes.engine.model import TextLine, TextPair

HERE = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.2), (0.1, 0.2))
THERE = ((0.6, 0.7), (0.9, 0.7), (0.9, 0.8), (0.6, 0.8))


def read(name: str, *texts: str, place: tuple[tuple[float, float], ...] = HERE) -> Read:
    return Read(name, [TextLine(text, 0.95, place) for text in texts])


def shared(*media: Read) -> dict[str, TextPair]:
    return {pair.a + pair.b: pair for pair in shared_texts(media)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pension Edelweiss", "PENSION EDELWEISS"),
        ("Pension Edelweiss", "PensionEdelweiss"),
        ("Pension Edelweiss", "Pens1on Ede1weiss"),
        ("Th\u00e9\u00e2tre du Mus\u00e9e", "Theatre du Musee"),
        ("\uff28\uff4f\uff54\uff45\uff4c Example", "Hotel Example"),
        ("\u041c\u043e\u0441\u043a\u0432\u0430", "MockBa"),
        ("Pension Edelweiss 12.05.2019 14:30", "Pension Edelweiss"),
        ("Shot on OnePlus Pension Edelweiss", "Pension Edelweiss"),
    ],
)
def test_one_spelling(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    "text",
    [
        "12.05.2019 14:30:22",
        "2019-05-12",
        "00:00",
        "-00:22",
        "1080p",
        "98%",
        "12h30",
        "20190512_143022.jpg",
        "May 12, 2019",
        "SHOTON REDMI",
        "ScreenshotDownload",
        "YouTube",
        "Samsung Galaxy",
        "Like Comment Share",
        "- . |",
        "",
    ],
)
def test_what_any_camera_or_screen_writes_says_nothing(text: str) -> None:
    assert len(folded(text)) < 6


def test_the_same_text_brings_two_together() -> None:
    pairs = shared(
        read("a", "NOTICE", "Pension Edelweiss", "Zimmer frei"),
        read("b", "pension edelweiss", "zimmer frei", place=THERE),
        read("c", "Conference Centre"),
    )
    assert list(pairs) == ["ab"]
    pair = pairs["ab"]
    assert (pair.text, pair.others, pair.holders, pair.fixed) == ("Pension Edelweiss", 1, 2, False)
    assert (pair.place_a, pair.place_b) == (HERE, THERE)
    assert pair.letters == len("pensionedelweiss") + len("zimmerfrei") - 2 * 8


def test_what_stands_at_one_place_of_both_frames_is_told() -> None:
    assert shared(read("a", "Pension Edelweiss"), read("b", "Pension Edelweiss"))["ab"].fixed


@pytest.mark.parametrize(
    "misread", ["Pension Edelveiss am See", "Pension Edelwess am See", "Pension Edellweiss am See"]
)
def test_one_letter_read_wrong_hides_no_longer_text(misread: str) -> None:
    pair = shared(read("a", "Pension Edelweiss am See"), read("b", misread))["ab"]
    assert pair.letters >= len("pensionedelweisssee") - 7 - 1


def test_pages_share_long_stretches_by_chance_and_signs_do_not() -> None:
    stretch = "Pension Edelweiss am See"
    one, other = ([f"{word} number {n} of the {word}" for n in range(40)] for word in ("alder", "birch"))
    page = shared(read("a", *one, stretch), read("b", *other, stretch))["ab"]
    sign = shared(read("a", stretch), read("b", stretch))["ab"]
    assert page.letters < sign.letters


def test_a_part_of_a_longer_line_is_found() -> None:
    assert (
        shared(read("a", "Welcome to Pension Edelweiss"), read("b", "Pension Edelweiss"))["ab"].letters == 9
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PARKING", "PARKING"),
        ("EXIT", "EXIT"),
        ("12.05.2019 14:30:22", "12.05.2019 14:30:22"),
        ("SPEED LIMIT", "SPEED OF LIGHT"),
        ("information about trains", "information on buses"),
        ("Hotel Seeblick", "Hotel Bergblick"),
    ],
)
def test_short_and_different_texts_are_not_shared(one: str, other: str) -> None:
    pair = shared(read("a", one), read("b", other)).get("ab")
    assert pair is None or pair.letters <= 4


def test_what_very_many_bear_brings_no_two_together() -> None:
    many = [read(f"{n:05}", "www.pictures-of-example.net") for n in range(HOLDERS_AT_MOST + 1)]
    assert shared_texts(many) == []
    assert shared_texts(many, also=[("00001", "00002")]) == []


def test_a_rare_text_beside_a_common_one_counts_for_itself() -> None:
    mark = "www.pictures-of-example.net"
    many = [read(f"{n:05}", mark) for n in range(HOLDERS_AT_MOST + 1)]
    pairs = shared(*many, read("a", mark, "Pension Edelweiss"), read("b", "Pension Edelweiss", mark))
    assert [(pair.text, pair.holders) for pair in pairs.values()] == [("Pension Edelweiss", 2)]


def test_links_grow_with_media_and_not_with_pairs() -> None:
    many = [read(f"{n:05}", "Pension Edelweiss am See") for n in range(500)]
    pairs = shared_texts(many)
    assert 499 <= len(pairs) <= 1000
    assert {pair.holders for pair in pairs} == {500}
    asked = shared_texts(many, also=[("00003", "00400"), ("00003", "unknown")])
    assert len(asked) == len(pairs) + 1


def test_nothing_read_gives_nothing() -> None:
    assert shared_texts([]) == []
    assert shared_texts([read("a")]) == []
    assert shared_texts([read("a", "Pension Edelweiss")]) == []


words = st.lists(
    st.sampled_from(
        ["alder", "birch", "cedar", "dogwood", "elder", "fir", "gorse", "hazel", "ivy", "juniper"]
    ),
    max_size=5,
)


@given(texts=st.lists(words.map(" ".join), min_size=2, max_size=9), order=st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_index_finds_what_comparing_all_finds_in_any_order(
    texts: list[str], order: random.Random
) -> None:
    media = [read(f"{n}", text) for n, text in enumerate(texts)]
    every = list(combinations([one.sha256 for one in media], 2))
    found = shared_texts(media)
    assert found == shared_texts(media, also=every)
    order.shuffle(media)
    assert found == shared_texts(media)
    new = {"0", f"{len(texts) - 1}"}
    some = shared_texts(media, also=every[::2], new=new)
    assert some == [one for one in shared_texts(media, also=every[::2]) if {one.a, one.b} & new]
