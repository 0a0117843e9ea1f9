"""Everything held against every hash list, and what lists and rulings keep from linking.

It joins the catalogue that holds lists and the matching that compares; it never reads a list's file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import matching
from foureyes.engine.catalogue import Catalogue, Checked, HeldList, MediaPage, NewHit
from foureyes.engine.model import NO_CATEGORY, DecisionKind, Digest, HashList, ListKind, Progress

_PDQ = "pdq"
_EXACT = (Digest.SHA256, Digest.SHA1, Digest.MD5)
_PAGE_ROWS = 1 << 18
"""Fingerprints looked at together: 64 MB."""
_COMMIT_PAGES = 20
"""Pages without a hit that are looked at before how far it came is written: a flush each would cost more."""

Near = dict[int, dict[bytes, NewHit]]
"""By list, then SHA-256 of the media: the nearest picture of the list."""


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A list in force, open for search, and what stands of it."""

    held: HeldList
    dead: NDArray[np.bool_] | None
    checked: Checked


class LinksNothing(NamedTuple):
    """What lists and rulings keep from linking now."""

    set_aside: frozenset[str]
    """Media that are irrelevant."""
    negative: dict[str, Digest]
    """Media on a negative list, and by what."""
    lists: tuple[int, ...]
    """Negative lists in force."""
    ruled: tuple[str, ...]
    """Media that people ruled to link nothing."""


def check_lists(catalogue: Catalogue, progress: Callable[[Progress], None] = lambda _: None) -> None:
    """Check held media against lists, as far as either is new, and note what that changes.

    Killed at any moment, the next call goes on where this one stood.
    """
    catalogue.drop_withdrawn_hits()
    behind = _behind(catalogue)
    behind.sort(key=lambda one: (one.checked.media_id, one.checked.pdq_rows))
    for (media_id, pdq_rows), group in groupby(
        behind, lambda one: (one.checked.media_id, one.checked.pdq_rows)
    ):
        _check_group(catalogue, list(group), media_id, pdq_rows, progress)


def links_nothing(catalogue: Catalogue) -> LinksNothing:
    """What lists and rulings keep from linking at this moment."""
    ruled = [one.media for one in catalogue.decisions() if one.kind is DecisionKind.NEGATIVE]
    negative = [one.id for one in catalogue.lists() if one.kind is ListKind.NEGATIVE]
    return LinksNothing(
        catalogue.irrelevant(),
        catalogue.negative(),
        tuple(negative),
        tuple(sorted({sha256 for media in ruled for sha256 in media})),
    )


def linking_rows(catalogue: Catalogue, nothing: LinksNothing) -> NDArray[np.bool_] | None:
    """Which of the catalogue's fingerprints may link, shape (n,); None where all may, as without lists.

    Media that are set aside or on a negative list by a digest: none of theirs. Media on one by PDQ: those not
    near its pictures. All media: those not near a picture that is ruled to link nothing.
    """
    if not (nothing.set_aside or nothing.negative or nothing.ruled):
        return None
    sha256 = catalogue.fingerprints(_PDQ, width=0).sha256
    by_digest = {one for one, by in nothing.negative.items() if by is not Digest.PDQ}
    links = np.ones(len(sha256), bool)
    links[matching.rows_of(sha256, nothing.set_aside | by_digest)] = False
    on_list = np.zeros(len(sha256), bool)
    on_list[matching.rows_of(sha256, nothing.negative.keys() - by_digest)] = True
    listed = _pictures_of(catalogue, nothing.lists) if on_list.any() else np.empty((0, 32), np.uint8)
    ruled = _ruled_pictures(catalogue, nothing.ruled)
    for first in range(0, len(links), _PAGE_ROWS):
        here = slice(first, first + _PAGE_ROWS)
        if len(ruled) or on_list[here].any():
            links[here] &= ~_near_any(catalogue, here, listed, on_list[here], ruled)
    return links


def _near_any(
    catalogue: Catalogue,
    here: slice,
    listed: NDArray[np.uint8],
    on_list: NDArray[np.bool_],
    ruled: NDArray[np.uint8],
) -> NDArray[np.bool_]:
    """Which rows of a page are near a ruled picture, or are of media on a list and near a listed one."""
    page = catalogue.fingerprints(_PDQ, from_row=here.start, to_row=here.stop)
    near = np.zeros(len(on_list), bool)
    asked = np.flatnonzero(on_list)
    near[asked[matching.picture_hits(page.values[asked], page.quality[asked], listed).row]] = True
    if len(ruled):
        near[matching.picture_hits(page.values[: len(near)], page.quality[: len(near)], ruled).row] = True
    return near


def _behind(catalogue: Catalogue) -> list[_Open]:
    """Lists in force against which something that is held has not been checked."""
    lists, checked = catalogue.lists(), catalogue.checked()
    newest, pdq_rows = catalogue.newest_media(), _pdq_rows(catalogue)
    behind = []
    for one in lists:
        later = _later_versions(one, lists)
        under = tuple(other.id for other in later)
        state = checked.get(one.id, Checked(one.id, under=under))
        if state.under != under or state.pdq_rows > pdq_rows:
            state = Checked(one.id, under=under)
        elif state.media_id >= newest and state.pdq_rows >= pdq_rows:
            continue
        behind.append(_opened(catalogue, one, later, state))
    return behind


def _pdq_rows(catalogue: Catalogue) -> int:
    """How many fingerprints are held, of the newest version."""
    held = [(version, rows) for kind, version, rows in catalogue.fingerprint_kinds() if kind == _PDQ]
    return max(held, default=(0, 0))[1]


def _later_versions(one: HashList, lists: Sequence[HashList]) -> list[HashList]:
    """Lists in force of the same name and kind that came after it and take records back."""
    return [
        other
        for other in lists
        if other.id > one.id and other.name == one.name and other.kind is one.kind and other.removed
    ]


def _opened(catalogue: Catalogue, one: HashList, later: Sequence[HashList], state: Checked) -> _Open:
    held = catalogue.held_list(one.id)
    dead = held.taken_back([catalogue.held_list(other.id) for other in later])
    return _Open(held, dead, state)


def _check_group(
    catalogue: Catalogue,
    group: Sequence[_Open],
    media_id: int,
    pdq_rows: int,
    progress: Callable[[Progress], None],
) -> None:
    """Check media after one row number, and fingerprints after so many, against lists that stand there."""
    newest, rows = catalogue.newest_media(), _pdq_rows(catalogue)
    numbers = [one.held.id for one in group]
    near = _near_pictures(catalogue, group, pdq_rows, progress)
    begun = media_id + 1
    for pages, page in enumerate(catalogue.media_pages(media_id), start=1):
        wanted, last = _wanted(page, group, near), int(page.id[-1])
        progress(Progress("hash lists", files=last, files_total=newest))
        if wanted or last >= newest or pages % _COMMIT_PAGES == 0:
            catalogue.record_hits(numbers, (begun, last), wanted, _so_far(group, last))
            begun = last + 1
    done = _so_far(group, newest, rows)
    catalogue.record_hits(numbers, None, _late(catalogue, near, media_id), done)


def _so_far(group: Sequence[_Open], media_id: int, pdq_rows: int | None = None) -> list[Checked]:
    return [
        replace(
            one.checked,
            media_id=media_id,
            pdq_rows=one.checked.pdq_rows if pdq_rows is None else pdq_rows,
        )
        for one in group
    ]


def _wanted(page: MediaPage, group: Sequence[_Open], near: Near) -> dict[tuple[int, int], NewHit]:
    """The surest hit of each media of a page on each list."""
    wanted = {}
    for one in group:
        number = one.held.id
        if near[number]:
            for media, digest in zip(page.id.tolist(), page.sha256, strict=True):
                if (hit := near[number].get(digest.tobytes())) is not None:
                    wanted[media, number] = hit
        found = matching.digest_hits(page, one.held, one.dead)
        categories = one.held.categories(found.record).tolist()
        for row, by, record, category in zip(*(part.tolist() for part in found), categories, strict=True):
            wanted[int(page.id[row]), number] = NewHit(_EXACT[by], record, _stated(category))
    return wanted


def _near_pictures(
    catalogue: Catalogue, group: Sequence[_Open], after: int, progress: Callable[[Progress], None]
) -> Near:
    """The nearest listed picture of each media, of those fingerprints that come after so many."""
    near: Near = {one.held.id: {} for one in group}
    pictures = [one.held.standing(_PDQ, one.dead) for one in group]
    listed = np.concatenate([digests for digests, _ in pictures])
    if not len(listed):
        return near
    records = np.concatenate([part for _, part in pictures])
    owner = np.repeat(np.arange(len(group)), [len(digests) for digests, _ in pictures])
    progress(Progress("hash lists, pictures"))
    for first in range(after, _pdq_rows(catalogue), _PAGE_ROWS):
        table = catalogue.fingerprints(_PDQ, from_row=first, to_row=first + _PAGE_ROWS)
        found = matching.picture_hits(table.values, table.quality, listed, owner)
        for row, place, distance, orientation in zip(*(part.tolist() for part in found), strict=True):
            held = group[owner[place]].held
            record = int(records[place])
            category = _stated(int(held.categories(np.array([record]))[0]))
            hit = NewHit(Digest.PDQ, record, category, distance, orientation)
            media = table.sha256[row].tobytes()
            before = near[held.id].get(media)
            if before is None or hit.distance < before.distance:
                near[held.id][media] = hit
    return near


def _late(catalogue: Catalogue, near: Near, media_id: int) -> dict[tuple[int, int], NewHit]:
    """Hits of media that came before those of this run: decoded late, or checked just before a kill."""
    numbers = catalogue.media_numbers({media for hits in near.values() for media in hits})
    return {
        (numbers[media], list_id): hit
        for list_id, hits in near.items()
        for media, hit in hits.items()
        if numbers.get(media, media_id + 1) <= media_id
    }


def _pictures_of(catalogue: Catalogue, lists: Sequence[int]) -> NDArray[np.uint8]:
    """All pictures of some lists that count, shape (m, 32)."""
    every = catalogue.lists()
    pictures = [np.empty((0, 32), np.uint8)]
    for one in every:
        if one.id in lists:
            opened = _opened(catalogue, one, _later_versions(one, every), Checked(one.id))
            pictures.append(opened.held.standing(_PDQ, opened.dead)[0])
    return np.concatenate(pictures)


def _ruled_pictures(catalogue: Catalogue, ruled: Sequence[str]) -> NDArray[np.uint8]:
    """Upright pictures and frames of media that are ruled to link nothing, shape (k, 32)."""
    if not ruled:
        return np.empty((0, 32), np.uint8)
    table = catalogue.fingerprints(_PDQ, width=32, owners=ruled)
    return table.values[table.quality >= matching.LEAST_QUALITY]


def _stated(category: int) -> int | None:
    return None if category == NO_CATEGORY else category
