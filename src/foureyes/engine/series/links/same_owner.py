"""Two media state one owner, or one identifier of a picture or document.

An owner's name is as a serial found months later: one person, rarely one session. One identifier says that
one was edited from the other, or that both grew from one template. Both are claims that anybody can copy, so
neither links alone.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from foureyes.engine.model import FactName, Link
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.claims import identifiers_of, owners_of
from foureyes.engine.series.links.neighbours import pairs

_WORTH_OF = {FactName.OWNER: 2.5, FactName.ARTIST: 2.0, FactName.COPYRIGHT: 2.0}
"""At most, by the field: a camera's owner is set in its menu, the others by agencies and programs too."""
_MODELS_AT_MOST = 4
"""Models of camera that one person has. A name that more state is of a program, an agency or a site."""
_ONE_DOCUMENT = 3.5
_WORTH_SAYING = 0.5


class SameOwner:
    """Member of the link family."""

    name = "same-owner"
    version = 1
    group = "file"
    cap = 3.5

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links from each media of an owner to the next in time, and among those of one identifier."""
        found: dict[tuple[str, str], Link] = {}
        for link in (*self._by_identifier(evidence), *self._by_name(evidence)):
            pair = (link.a, link.b)
            if pair not in found or link.strength > found[pair].strength:
                found[pair] = link
        yield from (found[pair] for pair in sorted(found))

    def _by_identifier(self, given: LinkEvidence) -> Iterator[Link]:
        holders: dict[str, list[str]] = defaultdict(list)
        for one, media in given.media.items():
            for identifier in identifiers_of(media):
                holders[identifier].append(one)
        for identifier, held in sorted(holders.items()):
            if identifier in given.corpus.crowded:
                continue
            what = "document" if identifier.startswith("document ") else "picture"
            words = f"one identifier of a {what}: {identifier.rpartition(' ')[2][:16]}"
            for other in held[1:]:
                if given.asks(held[0], other):
                    yield self._link(held[0], other, _ONE_DOCUMENT, words)

    def _by_name(self, given: LinkEvidence) -> Iterator[Link]:
        stated = {one: names for one, media in given.media.items() if (names := owners_of(media))}
        holders: dict[str, list[str]] = defaultdict(list)
        for one, names in stated.items():
            for name in names:
                holders[name].append(one)
        models = {one: given.shots[one].model.casefold() for one in stated}
        worth = {
            name: min(2.5, math.log10(given.corpus.media / held.media))
            for name in holders
            if (held := given.corpus.owners.get(name)) is not None and held.models <= _MODELS_AT_MOST
        }
        for name in sorted(worth):
            for a, b in pairwise(sorted(holders[name], key=lambda one: (given.shots[one].taken or 0.0, one))):
                if given.asks(a, b):
                    yield from self._named(a, b, (name, worth[name]), stated, models)
        for a, b in pairs(given):
            for name in sorted(stated.get(a, {}).keys() & stated.get(b, {}).keys() & worth.keys()):
                yield from self._named(a, b, (name, worth[name]), stated, models)

    def _named(
        self,
        a: str,
        b: str,
        name: tuple[str, float],
        stated: Mapping[str, Mapping[str, FactName]],
        models: Mapping[str, str],
    ) -> Iterator[Link]:
        """Of one model, the name is the camera's, and `same_camera` has said what one camera says."""
        if models[a] and models[a] == models[b]:
            return
        owner, worth = name
        fields = {stated[a][owner], stated[b][owner]}
        strength = min(worth, *(_WORTH_OF[one] for one in fields))
        if strength >= _WORTH_SAYING:
            said = " and ".join(sorted(one.value for one in fields))
            shown = "".join(one for one in owner if one.isprintable())
            yield self._link(a, b, strength, f"one {said} stated: {shown}")

    def _link(self, one: str, other: str, strength: float, words: str) -> Link:
        a, b = sorted((one, other))
        return Link(a, b, self.name, round(min(strength, self.cap), 2), words, self.version)
