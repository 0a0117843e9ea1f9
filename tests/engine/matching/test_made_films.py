"""Real films, encoded and decoded: a title that they have in common links none, copies and cuts stay linked."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np

from engine.matching.made_rows import Rows, sha
from films import decode, make_film
from foureyes.engine import fingerprints

TITLE = (1, 1.0)


def shots(film: int) -> list[tuple[int, float]]:
    """The title, and three shots that only this film has."""
    return [TITLE, *((100 * shot + film, 1.5) for shot in (1, 2, 3))]


def taken_in(paths: dict[str, Path]) -> Rows:
    """What the catalogue would hold of them."""
    made = {name: fingerprints.compute(decode(path)) for name, path in paths.items()}
    flat = [(name, one) for name, all_of_it in made.items() for one in all_of_it]
    return Rows(
        np.stack([np.frombuffer(bytes.fromhex(sha(name)), np.uint8) for name, _ in flat]),
        np.stack([np.frombuffer(one.value, np.uint8) for _, one in flat]),
        np.array([one.quality for _, one in flat], np.int16),
        np.array([one.at_seconds for _, one in flat]),
    )


def test_a_title_links_no_films_and_copies_and_cuts_stay_linked(tmp_path: Path) -> None:
    paths = {f"film {n}": make_film(tmp_path / f"{n}.mp4", shots(n)) for n in range(6)}
    for n, coarse in enumerate(("30", "36", "40")):
        options = {"preset": "ultrafast", "crf": coarse}
        paths[f"copy {n}"] = make_film(tmp_path / f"c{n}.mp4", shots(0), size=(240, 136), options=options)
    paths["cut"] = make_film(tmp_path / "cut.mp4", shots(1)[2:])
    found = taken_in(paths).near()
    assert (found.title_frames, found.title_films) == (1, 9)
    copies = ["film 0", "copy 0", "copy 1", "copy 2"]
    expected = {frozenset(map(sha, two)) for two in [*combinations(copies, 2), ("film 1", "cut")]}
    assert {frozenset((pair.a, pair.b)) for pair in found.pairs} == expected
    (cut,) = (pair for pair in found.pairs if sha("cut") in (pair.a, pair.b))
    assert cut.shared is not None
    (stretch,) = cut.shared.stretches
    film_from = stretch.b_from if cut.a == sha("cut") else stretch.a_from
    assert abs(film_from - 2.5) < 0.5
