"""Sub-fingerprints of sound: those of the library, however the sound comes, and none of what says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from foureyes.engine.fingerprints import sound
from made_sounds import RATE, Samples, hum, melody, silence

OF_THE_LIBRARY = [
    3157540264, 3155434921, 3154458281, 3167102699, 3179487995, 4286784089, 4269875789, 3733988956, 2662357228,
    2662385900, 2658191532, 2383535260, 3457310860, 3456245901, 3473023369, 3289526923, 1423061690, 1418858154,
    1420876458, 1890626282, 1890626538, 1890625754, 1936758986, 1915849931, 1932755033, 1899155561, 1882337323,
]  # fmt: skip
"""What libchromaprint 1.5.1 of Debian makes of six seconds of melody 7."""


def items_of(*pieces: Samples) -> list[int]:
    return [int(one) for part in sound.sub_fingerprints(pieces) for one in part]


def test_it_is_what_the_library_makes() -> None:
    assert items_of(melody(7, 6.0)) == OF_THE_LIBRARY


@pytest.mark.parametrize("cut", [1, 1000, 4095, 4096, 30_030, 40_000])
def test_pieces_of_any_size_give_the_same(cut: int) -> None:
    whole = melody(7, 6.0)
    assert items_of(*(whole[at : at + cut] for at in range(0, len(whole), cut))) == OF_THE_LIBRARY


def test_values_are_blocks_with_their_seconds() -> None:
    maker = sound.Sound()
    made = maker.make([melody(3, 40.0)], start_seconds=2.0)
    assert {len(one.value) for one in made} == {maker.value_bytes}
    counts = [int(np.frombuffer(one.value, "<u2", 1)[0]) for one in made]
    assert counts == [128, 128, (40 * RATE - 4096) // 1365 + 1 - 19 - 256]
    assert [one.at_seconds for one in made] == pytest.approx([2.0 + n * 128 * 1365 / RATE for n in range(3)])
    assert all(one.quality > 90 for one in made)
    assert made == maker.make([melody(3, 40.0)], start_seconds=2.0)


@pytest.mark.parametrize("nothing", [[], [melody(1, 2.0)], [np.empty(0, np.int16)]])
def test_too_short_a_sound_gives_one_empty_value(nothing: list[Samples]) -> None:
    (made,) = sound.Sound().make(nothing)
    assert made.quality == 0
    assert not any(made.value)


@pytest.mark.parametrize("plain", [silence(10.0), np.full(10 * RATE, 32_767, np.int16)])
def test_silence_has_no_quality(plain: Samples) -> None:
    (made,) = sound.Sound().make([plain])
    assert made.quality == 0


def test_a_tone_has_little_quality() -> None:
    (made,) = sound.Sound().make([hum(12.0)])
    assert made.quality < 10


def test_loudness_hardly_matters() -> None:
    loud = melody(5, 10.0)
    soft = (loud // 8).astype(np.int16)
    differ = np.array(items_of(loud), np.uint32) ^ np.array(items_of(soft), np.uint32)
    bits = np.unpackbits(differ.view(np.uint8)).mean()
    assert bits < 0.05
