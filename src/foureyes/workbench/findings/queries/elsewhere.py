"""The page of a search for what a region shows: how far it is, and what of the found the viewer sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from foureyes.engine.catalogue import SeriesSummary
from foureyes.engine.model import MediaKind, RegionMatch
from foureyes.workbench.access.rules import Action, HoldingsAsked, MediaAsked, may, scope_of
from foureyes.workbench.findings import searching
from foureyes.workbench.findings.models import Region
from foureyes.workbench.findings.reach import About, Sight, require_finding
from foureyes.workbench.library.errands import Errand
from foureyes.workbench.library.holdings import catalogue

SHOWN_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Met:
    """One media in which the thing was found again."""

    match: RegionMatch
    series: SeriesSummary | None
    is_film: bool
    percent: int
    """Of that picture that the thing covers."""
    linked: Region | None
    """A region there that is said to show the same thing."""

    @property
    def seconds(self) -> str:
        """Of the frame of a film, as addresses write it; empty for a picture."""
        return f"{self.match.at_seconds:.3f}" if self.is_film else ""


@dataclass(frozen=True, slots=True)
class ElsewherePage:
    """What the page of a search shows."""

    about: About
    region: Region
    state: str
    """none, waiting, running, failed, done, or other where the viewer's search is of another region."""
    words: str
    met: Sequence[Met]
    other: int
    """Number of that other region."""
    everything: bool
    changed: bool
    """The region was drawn anew since."""
    notes: Sequence[str]
    may_link: bool

    @property
    def at(self) -> str:
        """The second of a film that the region is of, as addresses write it."""
        return f"{(self.region.from_ms or 0) / 1000:.3f}"


def page(viewer: object, number: int) -> ElsewherePage:
    """The viewer's own search for a region, as it stands.

    Raises:
        django.http.Http404: the region is not there, or not for this viewer.
    """
    rows = Region.objects.select_related("officer", "unit", "thing")
    officer, region, about = require_finding(viewer, Action.VIEW, rows.filter(pk=number).first())
    errand = searching.desk(officer.pk).now()
    of_other = errand is not None and errand.about["region"] != number
    if errand is None or (of_other and errand.ended):
        return ElsewherePage(
            about, region, "none", "", (), 0, everything=False, changed=False, notes=(), may_link=False
        )
    holds = may(viewer, Action.VIEW, HoldingsAsked())
    return ElsewherePage(
        about,
        region,
        "other" if of_other else errand.state,
        words_of(errand, counts=holds),
        () if of_other else _met(viewer, region, searching.matches_of(errand)),
        int(errand.about["region"]) if of_other else 0,
        everything=bool(errand.about["everything"]),
        changed=not of_other and errand.about["shape"] != searching.drawn(region),
        # They count what other units hold, too.
        notes=errand.result["notes"] if holds and errand.state == "done" else (),
        may_link=may(viewer, Action.FIND, about.asked),
    )


def words_of(errand: Errand, *, counts: bool) -> str:
    """How far it is, in words; numbers of media only for those who see all that is held."""
    if errand.state == "failed":
        return searching.why_failed(errand)
    if errand.state == "done":
        if not counts:
            return _("The search is done.")
        told = {"compared": errand.result["compared"], "held": errand.result["held"]}
        return _("%(compared)s of %(held)s media were looked at.") % told
    if counts and errand.looked_at:
        return _("Searching: %(done)s media were looked at …") % {"done": errand.looked_at}
    if errand.total:
        percent = 100 * errand.looked_at // errand.total
        return _("Searching: %(percent)s of 100 parts are done …") % {"percent": percent}
    return _("Waiting for its turn …") if errand.state == "waiting" else _("Searching …")


def _met(viewer: object, region: Region, matches: Sequence[RegionMatch]) -> list[Met]:
    """Those of the found that the viewer sees now; of the others nothing is told, not even how many."""
    scope, held = scope_of(viewer), catalogue()
    every = [one.sha256 for one in matches]
    known, inside, aside = held.media_many(every), held.series_ids_of(every), held.irrelevant_among(every)
    seen = []
    for one in matches:
        home = inside.get(one.sha256)
        asked = MediaAsked(one.sha256, frozenset((home,) if home else ()))
        if one.sha256 in known and one.sha256 not in aside and scope.covers(asked):
            seen.append(one)
    seen = seen[:SHOWN_AT_MOST]
    series = {
        one: held.series_summary(one) for one in {inside[it.sha256] for it in seen if it.sha256 in inside}
    }
    linked = _linked(viewer, region, [one.sha256 for one in seen])
    return [
        Met(
            one,
            series.get(inside.get(one.sha256, "")),
            known[one.sha256].kind is MediaKind.VIDEO,
            round(100 * searching.share_of(one.place)),
            linked.get(one.sha256),
        )
        for one in seen
    ]


def _linked(viewer: object, region: Region, media: Sequence[str]) -> dict[str, Region]:
    if region.thing_id is None:
        return {}
    rows = Region.objects.filter(thing=region.thing_id, media__in=media, withdrawn_at__isnull=True)
    read = Sight(viewer).those_read(rows.select_related("officer", "unit").order_by("-id"))
    return {one.media: one for one in read}
