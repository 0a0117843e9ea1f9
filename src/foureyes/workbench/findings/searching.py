"""The search of all media for what a region shows: whose it is, how it stands, and where something was found.

The engine looks at whatever is held; which of the found an officer sees is decided when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import RegionMatch
from foureyes.engine.settings import EngineSettings
from foureyes.workbench.findings import shapes
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import WHOLE, Region
from foureyes.workbench.library.errands import Desk, Errand, Tell, Work, failure
from foureyes.workbench.library.holdings import catalogue

LEFT_SECONDS = 20 * 60.0
"""A search goes on while its officer does something else, but not for ever."""
SAID = (
    (
        "The region is too small",
        gettext_lazy("The region is too small to be found again: mark a larger part of the picture."),
    ),
    (
        "The region is too plain",
        gettext_lazy("The region is too plain to be found again: it has too few corners and edges."),
    ),
    ("The picture of this region", gettext_lazy("The picture of this region cannot be decoded.")),
)
"""What the engine says, by its first words, and what officers read."""

Place = Sequence[tuple[float, float]]


def desk(officer: int) -> Desk:
    """Where the one search of an officer stands."""
    return Desk(catalogue().workspace.errands, "region", officer, LEFT_SECONDS)


def about(region: Region, *, everything: bool) -> dict[str, Any]:
    """What a search is about: the region as it is drawn now."""
    return {"region": region.pk, "shape": drawn(region), "everything": everything}


def drawn(region: Region) -> str:
    """Where the region lies, and when."""
    points = tuple((int(x), int(y)) for x, y in region.points)
    shape = shapes.Shape(region.left, region.top, region.width, region.height, points)
    return f"{shape} {region.from_ms}"


def work(region: Region, *, everything: bool) -> Work:
    """The search itself, for the background."""
    sha256, at_seconds = region.media, (region.from_ms or 0) / 1000
    right, bottom = region.left + region.width, region.top + region.height
    box = (region.left / WHOLE, region.top / WHOLE, right / WHOLE, bottom / WHOLE)

    def search(held: Catalogue, settings: EngineSettings, tell: Tell) -> Mapping[str, Any]:
        found = pipeline.find_region(
            held, sha256, box, settings, at_seconds=at_seconds, everything=everything, progress=tell
        )
        matches = [asdict(one) for one in found.matches]
        return {"matches": matches, "compared": found.compared, "held": found.held, "notes": found.notes}

    return search


def matches_of(errand: Errand) -> list[RegionMatch]:
    """What was found, the most points first."""
    if errand.state != "done":
        return []
    return [
        RegionMatch(**{**one, "place": tuple((x, y) for x, y in one["place"])})
        for one in errand.result["matches"]
    ]


def why_failed(errand: Errand) -> str:
    """Why a search came to nothing, in the language of who asks."""
    known = (str(words) for begins, words in SAID if errand.detail.startswith(begins))
    return next(known, "") or failure(errand)


def clipped(place: Place) -> list[tuple[float, float]]:
    """The part of an outline that lies in the picture (Sutherland and Hodgman); empty where none does."""
    corners = list(place)
    for axis, edge, sign in ((0, 0.0, 1), (0, 1.0, -1), (1, 0.0, 1), (1, 1.0, -1)):
        kept: list[tuple[float, float]] = []
        for at, here in enumerate(corners):
            before = corners[at - 1]
            inside, was = (sign * (one[axis] - edge) >= 0 for one in (here, before))
            if inside != was:
                share = (edge - before[axis]) / (here[axis] - before[axis])
                x, y = (before[n] + share * (here[n] - before[n]) for n in (0, 1))
                kept.append((edge, y) if axis == 0 else (x, edge))
            if inside:
                kept.append(here)
        corners = kept
    return corners


def share_of(place: Place) -> float:
    """Share of the picture that an outline covers, 0 to 1."""
    corners = clipped(place)
    twice = sum(
        corners[at - 1][0] * here[1] - here[0] * corners[at - 1][1] for at, here in enumerate(corners)
    )
    return abs(twice) / 2


def shape_at(place: Place) -> str:
    """The outline as a region's shape; the box around it where it folds over itself.

    Raises:
        NotDone: it lies outside the picture.
    """
    corners = clipped(place)
    written = " ".join(f"{100 * x:.4f},{100 * y:.4f}" for x, y in corners)
    try:
        return str(shapes.shape_of(f"polygon=percent:{written}"))
    except NotDone:
        if not corners:
            raise NotDone(_("The thing lies outside that picture.")) from None
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    sides = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return str(shapes.shape_of("xywh=percent:" + ",".join(f"{100 * one:.4f}" for one in sides)))
