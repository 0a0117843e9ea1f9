"""What findings are about, and which of them a viewer reads; else they get what a missing one gives: 404.

A finding on a media belongs to the media: it shows in whatever series holds the media now, and who no longer
sees that series no longer reads it. A finding on a series follows the series into another that it becomes
part of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.http import Http404

from foureyes.workbench.access.rules import (
    Action,
    FindingAsked,
    MediaAsked,
    Scope,
    SeriesAsked,
    may_ever,
    require,
    scope_of_findings,
)
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models import Finding, Note, Region
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH, held_series, media_asked

F = TypeVar("F", bound=Finding)


@dataclass(frozen=True, slots=True)
class About:
    """What a finding is about, now."""

    series: str = ""
    """Id of the series that it shows in now; empty for a media in none."""
    media: str = ""
    """SHA-256 where it is about a media."""

    @property
    def asked(self) -> SeriesAsked | MediaAsked:
        """As `access` wants it asked."""
        if self.media:
            return MediaAsked(self.media, frozenset((self.series,) if self.series else ()))
        return SeriesAsked(self.series)

    @property
    def columns(self) -> dict[str, str]:
        """How a new finding about it is stored."""
        return {"series": "" if self.media else self.series, "media": self.media}

    @property
    def mark(self) -> str:
        """How pages and addresses name the media."""
        return self.media[:MARK_LENGTH]

    @property
    def name(self) -> str:
        """How the record names it."""
        return f"media:{self.media}" if self.media else f"series:{self.series}"


@dataclass(slots=True)
class Sight:
    """What one viewer reads: asked once, then without a query per finding."""

    viewer: object
    scope: Scope = field(init=False)
    _now: dict[tuple[str, str], About] = field(default_factory=dict)
    _decisions: dict[int, Sequence[str]] | None = None

    def __post_init__(self) -> None:
        """Ask `access` once."""
        allowed = may_ever(self.viewer, Action.VIEW)
        self.scope = scope_of_findings(self.viewer) if allowed else scope_of_findings(None)

    def learn(self, findings: Iterable[Finding]) -> None:
        """Find out together what these are about now."""
        pairs = {(one.series, one.media) for one in findings} - set(self._now)
        held = catalogue()
        inside = held.series_ids_of({media for _, media in pairs if media})
        now = held.current_ids({series for series, media in pairs if not media})
        for series, media in pairs:
            self._now[series, media] = (
                About(inside.get(media, ""), media) if media else About(now.get(series, series))
            )

    def about(self, finding: Finding) -> About:
        """What the finding is about now."""
        if (finding.series, finding.media) not in self._now:
            self.learn([finding])
        return self._now[finding.series, finding.media]

    def reads(self, finding: Finding) -> bool:
        """Whether the viewer may read the finding."""
        return self.scope.covers(asked_of(finding, self.about(finding))) and self._sees_decision(finding)

    def _sees_decision(self, finding: Finding) -> bool:
        """Whether the viewer sees every series that the decision names, where the finding is about one."""
        if not isinstance(finding, Note) or finding.decision is None:
            return True
        held = catalogue()
        if self._decisions is None:
            self._decisions = {one.id: one.series for one in held.decisions(active_only=False)}
        named = held.current_ids(self._decisions.get(finding.decision, ()))
        return all(self.scope.covers(SeriesAsked(one)) for one in named.values())

    def those_read(self, findings: Iterable[F]) -> list[F]:
        """Those of the findings that the viewer may read, in their order."""
        every = list(findings)
        self.learn(every)
        return [one for one in every if self.reads(one)]


def met_elsewhere(sight: Sight, regions: Iterable[Region]) -> frozenset[int]:
    """Numbers of those whose thing another region shows that the viewer reads: of others nothing is told."""
    things = {one.pk: one.thing_id for one in regions if one.thing_id is not None}
    if not things:
        return frozenset()
    every = Region.objects.filter(thing__in=set(things.values()), withdrawn_at__isnull=True)
    read = [(one.thing_id, one.pk) for one in sight.those_read(every)]
    return frozenset(pk for pk, thing in things.items() if any(at == thing and one != pk for at, one in read))


def series_of_decision(number: int) -> list[str]:
    """Ids that the series which a decision names have now."""
    held = catalogue()
    return sorted(set(held.current_ids(held.decision(number).series).values()))


def about_series(viewer: object, action: Action, series_id: str) -> About:
    """A series as what a finding is about, for a viewer who may.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    require(viewer, action, SeriesAsked(series_id))
    if catalogue().series_summary(series_id) is None:
        raise Http404
    return About(series_id)


def about_media(viewer: object, action: Action, untrusted_mark: str) -> About:
    """A media as what a finding is about, for a viewer who may.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    asked = media_asked(untrusted_mark)
    require(viewer, action, asked)
    return About(next(iter(asked.series), ""), asked.sha256)


def asked_of(finding: Finding, about: About) -> FindingAsked:
    """A finding as `access` wants it asked. The unit that asked, or marked the region, reads what is said."""
    above = [getattr(finding, name, None) for name in ("root", "region", "question")]
    units = {one.unit_id for one in above if isinstance(one, Finding)} | {finding.unit_id}
    return FindingAsked(about.asked, finding.handling_code, frozenset(units))


def require_finding(viewer: object, action: Action, finding: F | None) -> tuple[Officer, F, About]:
    """The viewer as an officer who may do this to a finding, the finding, and what it is about now.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    if finding is None:
        raise Http404
    sight = Sight(viewer)
    about = sight.about(finding)
    officer = require(viewer, action, asked_of(finding, about))
    if not sight.reads(finding):
        raise Http404
    return officer, finding, about


def ids_now(series_id: str) -> list[str]:
    """The id of a series, and the ids of those that became part of it."""
    return [series_id, *catalogue().former_ids(series_id)]


def members_of(series_id: str) -> Collection[str]:
    """SHA-256 of all media of a series, those too that lists set aside."""
    series = held_series(series_id)  # kept: it was read for the page that this is a part of
    return () if series is None else series.members
