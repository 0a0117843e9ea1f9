"""Stretches of the same sound: found wherever they lie, and not found in silence, tones, loops and crowds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foureyes.engine.fingerprints.sound import sub_fingerprints
from foureyes.engine.matching import sounds
from foureyes.engine.matching.sounds import Items, Shared, Stretch, Tracks
from made_sounds import RATE, Samples, hum, melody, noisy, silence


def track(*samples: Samples) -> Items:
    return np.concatenate([np.empty(0, np.uint32), *sub_fingerprints([np.concatenate(samples)])])


def shared(*tracks: Items) -> Shared:
    return sounds.shared(Tracks.of(tracks))


def drawn(seed: int, count: int) -> Items:
    """Sub-fingerprints of nothing that sounds: each of its own."""
    return np.random.default_rng(seed).integers(0, 2**32, count, dtype=np.uint32)


def spoilt(items: Items, seed: int, bits: int) -> Items:
    """Every other one with so many bits wrong, the rest as they were."""
    masks = np.zeros(len(items), np.uint32)
    rng = np.random.default_rng(seed)
    for row in range(0, len(items), 2):
        for bit in rng.choice(32, bits, replace=False):
            masks[row] |= np.uint32(1) << np.uint32(bit)
    return items ^ masks


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(sounds.LEAST, 300),
    before=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    after=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    seed=st.integers(0, 2**20),
)
def test_a_shared_stretch_is_found_where_it_lies(
    length: int, before: tuple[int, int], after: tuple[int, int], seed: int
) -> None:
    stretch = drawn(seed, length)
    tracks = [
        np.concatenate([drawn(seed + 1 + side, before[side]), stretch, drawn(seed + 3 + side, after[side])])
        for side in (0, 1)
    ]
    (found,) = shared(*tracks).stretches
    assert (found.a, found.b) == (0, 1)
    assert found.at_b - found.at_a == before[1] - before[0]
    assert abs(found.at_a - before[0]) <= 6
    assert abs(found.length - length) <= 12


def test_what_is_spoilt_is_found_with_its_error() -> None:
    whole = drawn(1, 200)
    (found,) = shared(whole, spoilt(whole, 2, 6)).stretches
    assert found.length > 190
    assert found.bit_error == pytest.approx(3 / 32, abs=0.01)


def test_too_much_error_is_not_found() -> None:
    whole = drawn(1, 200)
    assert not shared(whole, spoilt(whole, 2, 14)).stretches


def test_a_cut_in_noise_is_found_with_its_seconds() -> None:
    whole = melody(1, 40.0)
    cut = noisy(whole[15 * RATE + 500 : 27 * RATE], 9, 700)
    (found,) = shared(track(whole), track(melody(2, 5.0), cut)).stretches
    assert found.at_a * 1365 / RATE == pytest.approx(15, abs=1.5)
    assert found.at_b * 1365 / RATE == pytest.approx(5, abs=1.5)
    assert found.length * 1365 / RATE == pytest.approx(12 - 2.7, abs=2.0)


@pytest.mark.parametrize(
    "plain", [silence(60.0), hum(60.0), np.concatenate([hum(1.0), silence(1.0)] * 30)], ids=len
)
def test_silence_tones_and_beeps_are_not_one_sound(plain: Samples) -> None:
    held = [track(plain), track(plain), track(melody(1, 20.0), plain), track(melody(2, 20.0), plain)]
    assert not shared(*held).stretches


def test_one_second_of_three_hours_is_not_found() -> None:
    second = melody(5, 1.0)
    long = np.concatenate(
        [drawn(3, 40_000), track(melody(6, 30.0), second, melody(7, 30.0)), drawn(4, 40_000)]
    )
    assert not shared(long, track(melody(8, 30.0), second, melody(9, 30.0))).stretches


def test_strangers_share_nothing() -> None:
    assert not shared(*[track(melody(seed, 30.0)) for seed in range(30)]).stretches


def test_holders_are_counted_by_the_place_of_the_stretch() -> None:
    jingle = drawn(1, 80)
    tracks = [np.concatenate([drawn(10 + n, 50 + n), jingle, drawn(50 + n, 60)]) for n in range(10)]
    pair = drawn(2, 100)
    tracks[0] = np.concatenate([tracks[0], pair])
    tracks.append(np.concatenate([pair, drawn(3, 30)]))
    found = shared(*tracks).stretches
    pairs = [(one.a, one.b) for one in found]
    counts = dict(zip(pairs, sounds.holders(found, range(11)), strict=True))
    assert len(counts) == 46
    assert counts.pop((0, 10)) == 2
    assert set(counts.values()) == {10}
    copied = dict(zip(pairs, sounds.holders(found, [0, 0, 0, 0, 0, 0, 6, 6, 8, 8, 10]), strict=True))
    assert copied.pop((0, 10)) == 2
    assert set(copied.values()) == {3}
    assert set(sounds.holders(found, [0] * 11)) == {2}


def test_what_too_many_hold_is_left_out_and_counted() -> None:
    jingle = drawn(1, 80)
    tracks = [np.concatenate([drawn(10 + n, 50), jingle]) for n in range(sounds.HOLDERS_AT_MOST + 1)]
    assert shared(*tracks) == Shared((), len(tracks))
    assert len(shared(*tracks[:20]).stretches) == 190


def test_a_compilation_has_its_best_mates_only() -> None:
    parts = [drawn(n, 30 + n) for n in range(50)]
    found = shared(np.concatenate(parts), *parts).stretches
    assert len(found) == 50
    kept = sounds.nearest(found)
    assert len(kept) == sounds.MATES_AT_MOST
    assert {one.b for one in kept} == set(range(31, 51))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(2, 24), st.integers(1, 4))
def test_what_is_told_of_new_films_is_what_all_tell(seed: int, count: int, many: int) -> None:
    """Jingles that some hold, others that more hold than are told of: fewer are told of than in earnest."""
    chance = np.random.default_rng(seed)
    jingles = [drawn(1000 + n, 20 + 3 * n) for n in range(4)]
    made = []
    for number in range(count):
        parts = [drawn(seed % 1000 + 50 * number, int(chance.integers(5, 20)))]
        parts += [jingles[n] for n in range(4) if chance.random() < 0.4]
        made.append(np.concatenate(parts))
    new = {int(one) for one in chance.integers(0, count, many)}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sounds, "MATES_AT_MOST", 3)
        every, some = shared(*made).stretches, sounds.shared(Tracks.of(made), new).stretches
        assert of(new, sounds.nearest(some)) == of(new, sounds.nearest(every))
    stacks = [number // 2 for number in range(count)]
    holders = dict(zip(every, sounds.holders(every, stacks), strict=True))
    counted = zip(some, sounds.holders(some, stacks), strict=True)
    assert {one: count for one, count in counted if {one.a, one.b} & new} == {
        one: count for one, count in holders.items() if {one.a, one.b} & new
    }


def of(new: set[int], stretches: Sequence[Stretch]) -> list[Stretch]:
    return [one for one in stretches if {one.a, one.b} & new]


def test_a_loop_does_not_hide_what_it_repeats() -> None:
    bar = drawn(1, 60)
    (found,) = shared(np.tile(bar, 500), np.concatenate([drawn(2, 40), bar])).stretches
    assert (found.at_b, found.length) == (40, 60)


def test_the_longest_of_several_is_told() -> None:
    short, long = drawn(1, 30), drawn(2, 90)
    (found,) = shared(
        np.concatenate([short, drawn(3, 40), long]), np.concatenate([long, drawn(4, 77), short])
    ).stretches
    assert (found.at_b, found.length) == (0, 90)


@pytest.mark.parametrize("at_once", [16, 57, 1000])
def test_what_is_looked_up_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    jingle, bar = drawn(1, 80), drawn(2, 40)
    held = [np.concatenate([drawn(10 + n, 50 + n), jingle, np.tile(bar, n % 4)]) for n in range(70)]
    held += [track(hum(20.0)), track(melody(1, 20.0)), track(melody(1, 12.0))]
    whole = shared(*held)
    told = sounds.telling(Tracks.of(held))
    monkeypatch.setattr(sounds, "AT_ONCE", at_once)
    assert shared(*held) == whole
    assert np.array_equal(sounds.telling(Tracks.of(held)), told)
    assert whole.common == 70


@pytest.mark.parametrize("sizes", [(), (0,), (0, 0, 5), (3, 0)])
def test_nothing_gives_nothing(sizes: tuple[int, ...]) -> None:
    assert shared(*[drawn(n, size) for n, size in enumerate(sizes)]) == Shared((), 0)
    assert sounds.holders([], []) == []


def test_stretches_are_told_of_films_in_order() -> None:
    whole = drawn(1, 60)
    found = shared(drawn(2, 60), whole, drawn(3, 60), whole).stretches
    assert found == (Stretch(1, 3, 0, 0, 60, 0.0),)
