"""Two media lie in one small folder or archive, or a source counts them to one series of its own.

Collectors mix series, so a folder says little and a large one nothing. A series name of a VICS record is an
officer's word, and still one of another case: it links with another reason only.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, pairwise

from foureyes.engine.model import Link
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.corpus import series_names
from foureyes.engine.series.links.neighbours import found_pairs

_LARGE = 300
"""Media from which a folder says nothing, however many are held."""
_SERIES_OFF = 0.5
"""Taken off a series name's rarity: names are chosen twice (`beach`, `series 1`)."""
_WORTH_SAYING = 0.2


class SameSource:
    """Member of the link family."""

    name = "same-source"
    version = 1
    group = "source"
    cap = 3.0

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links between what dearer signals found, and from one to the next of a source's own series.

        Of the files next to each other in a folder it would say what their paths say: a link for each media,
        and none that could ever join anything.
        """
        everything = evidence.corpus.media
        series = {one: series_names(media) for one, media in evidence.media.items()}
        called, folders = evidence.corpus.called, evidence.corpus.folders
        done: set[tuple[str, str]] = set()
        for a, b in chain(_in_series(series), found_pairs(evidence)):
            if (a, b) in done or not evidence.asks(a, b):
                continue
            done.add((a, b))
            said = [(0.0, "")]
            if not _one_model(evidence, a, b):
                for folder in _shared(evidence.media[a].folders, evidence.media[b].folders):
                    worth = 0.0
                    if folders[folder] < _LARGE:
                        rarity = math.log10(everything / folders[folder])
                        worth = evidence.calibration.strength(self.name, rarity)
                    said.append((worth, f"one folder or archive of {folders[folder]} media"))
            for name in _shared(series[a], series[b]):
                worth = min(self.cap, math.log10(everything / called[name]) - _SERIES_OFF)
                words = f"their source counts both to its series {_shown(name)} ({called[name]} media)"
                said.append((worth, words))
            strength, words = max(said)
            if strength >= _WORTH_SAYING:
                yield Link(a, b, self.name, round(strength, 2), words, self.version)


def _one_model(given: LinkEvidence, a: str, b: str) -> bool:
    """Whether one model took both: they may lie on its card with all else that it took."""
    model = given.shots[a].model
    return bool(model) and model == given.shots[b].model


def _in_series(series: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Each media of a source's series with the next."""
    members: dict[str, list[str]] = defaultdict(list)
    for one, names in series.items():
        for name in names:
            members[name].append(one)
    for _, held in sorted(members.items()):
        yield from pairwise(sorted(held))


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> Iterator[str]:
    return (name for name in one if name in other)


def _shown(name: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in name)[:60]
