"""Which media a name in a page or address means, and which series lie within a scope."""

from __future__ import annotations

import re

from django.http import Http404

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.rules import MediaAsked, Scope, SeriesAsked
from foureyes.workbench.library.holdings import catalogue

MARK_LENGTH = 16
"""Hex digits of a SHA-256 that name a media in pages and addresses: 64 bits, the catalogue's own key."""
MARK = re.compile(r"[0-9a-f]{16,64}")

ALL = 1_000_000
"""More series than any workspace holds: the board sorts by columns that the catalogue does not know."""


def media_asked(untrusted_mark: str) -> MediaAsked:
    """The media that a mark names, as `access` wants it asked.

    Raises:
        django.http.Http404: no such media, or the mark fits several.
    """
    if not MARK.fullmatch(untrusted_mark):
        raise Http404
    found = [sha256 for sha256 in catalogue().find(untrusted_mark) if sha256.startswith(untrusted_mark)]
    if len(found) != 1:
        raise Http404
    return MediaAsked(found[0], series_ids_of(found[0]))


def series_ids_of(sha256: str) -> frozenset[str]:
    """Ids of the series that hold a media: one or none today."""
    series = catalogue().series_of(sha256)
    return frozenset(() if series is None else (series.id,))


def visible_series(scope: Scope) -> list[SeriesSummary]:
    """All series within the scope, the largest first."""
    return [one for one in catalogue().series_list(limit=ALL) if scope.covers(SeriesAsked(one.id))]
