"""Has two media compared point by point at once, in the background, for an officer who asks; nothing is kept.

What came of it is told to that officer alone, and only while they may see both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import ScenePair, ViewPair
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import viewing
from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library.errands import Desk, Errand, Tell, Work, failure
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series.matched import Matched, Moment, matched, nothing, of_view

LEFT_SECONDS = 20.0
"""Whoever leaves the page ends it. Pages ask twice a second."""


def ask(viewer: object, first: Moment, second: Moment) -> None:
    """Have the two compared. Another two that the officer had asked for are left.

    Raises:
        django.http.Http404: the viewer sees no media.
        foureyes.workbench.library.errands.Crowded: too many wait already.
    """
    officer = require_ever(viewer, Action.VIEW)
    desk = _desk(officer.pk)
    try:
        with transaction.atomic():
            append(officer, Did.POINTS_COMPARED, f"media:{first.sha256}", {"media": [second.sha256]})
            desk.begin(catalogue(), _about(first, second), _work(first, second))
    except BaseException:
        desk.end()  # what is not recorded is not done
        raise


def stop(viewer: object) -> None:
    """End what the officer has asked for, and forget what came of it.

    Raises:
        django.http.Http404: the viewer sees no media.
    """
    _desk(require_ever(viewer, Action.VIEW).pk).end()


def standing(viewer: object, first: Moment, second: Moment) -> tuple[Matched, Errand | None]:
    """What is known of the two, and the officer's errand about them where nothing was kept.

    Raises:
        django.http.Http404: the viewer sees no media.
    """
    officer = require_ever(viewer, Action.VIEW)
    kept = matched(first, second)
    if kept.state != "unknown":
        return kept, None
    errand = _desk(officer.pk).now()
    if errand is None or errand.about != _about(first, second):
        return kept, None
    return _outcome(errand, first, second), errand


def _outcome(errand: Errand, first: Moment, second: Moment) -> Matched:
    if errand.state == "failed":
        return Matched("unknown", failure(errand))
    if errand.state != "done":
        waiting = errand.state == "waiting"
        return Matched("unknown", _("Waiting for its turn …") if waiting else _("Comparing the points …"))
    view = errand.result["view"]
    if view is not None:
        return of_view(ViewPair(**{**view, "points": tuple(map(tuple, view["points"]))}), first, second)
    if errand.result["away"]:
        return Matched("unknown", _("They cannot be compared: the original of one is not at hand."))
    return Matched("nothing", nothing())


def _work(first: Moment, second: Moment) -> Work:
    (a, at_a), (b, at_b) = sorted((one.sha256, one.at_seconds) for one in (first, second))
    candidate = ScenePair(a, b, 1.0, at_a, at_b)

    def compare(held: Catalogue, settings: EngineSettings, tell: Tell) -> Mapping[str, Any]:
        found = viewing.pairs(held, settings, [candidate], tell)
        view = asdict(found.pairs[0]) if found.pairs else None
        return {"view": view, "away": any("could not be looked at" in note for note in found.notes)}

    return compare


def _about(first: Moment, second: Moment) -> dict[str, Any]:
    pair = sorted((one.sha256, round(one.at_seconds, 3)) for one in (first, second))
    return {"pair": [list(one) for one in pair]}


def _desk(officer: int) -> Desk:
    return Desk(catalogue().workspace.errands, "points", officer, LEFT_SECONDS)
