"""Regions: drawn, changed, withdrawn, put back, and said to show the same thing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from foureyes.engine.model import MediaKind
from foureyes.workbench.access.rules import Action, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.findings import shapes, texts
from foureyes.workbench.findings.actions import writing
from foureyes.workbench.findings.countries import codes_of
from foureyes.workbench.findings.errors import Conflict, NotDone, Standing
from foureyes.workbench.findings.models import Clue, Region, Thing
from foureyes.workbench.findings.reach import About, Sight, about_media, met_elsewhere, require_finding
from foureyes.workbench.library.holdings import catalogue

NAME_AT_MOST = 200
TELLS_AT_MOST = 20_000
NUMBER = re.compile(r"#?([0-9]{1,12})")
CHANGED = (
    *("clue", "name", "tells", "speaks_for", "speaks_against", "handling_code"),
    *("left", "top", "width", "height", "points", "from_ms", "to_ms"),
)


@transaction.atomic
def draw(viewer: object, form: Mapping[str, str]) -> Region:
    """Mark a clue on a media. Sent twice, it stands once.

    Args:
        viewer: Who marks it.
        form: `media` (a mark), `shape` and `from`, `to` (see `shapes`), `clue`, `name`, `tells`,
            `speaks_for`, `speaks_against`, `handling_code`, `key`.

    Raises:
        django.http.Http404: the media is not there, or not for this viewer.
        NotDone: it lies outside the picture, has no name, or makes no sense otherwise.
    """
    about = about_media(viewer, Action.FIND, form.get("media", ""))
    officer = require(viewer, Action.FIND, about.asked)
    if before := writing.sent_before(Region.objects.all(), officer, form.get("key", "")):
        return before
    stated = writing.columns(officer, about, form.get("handling_code", ""), form.get("key", ""))
    region = Region(**stated)
    _fill(region, form)
    region.save()
    writing.record(officer, Did.FINDING_WRITTEN, region, about, _detail(region))
    return region


@transaction.atomic
def change(viewer: object, number: int, form: Mapping[str, str]) -> Region:
    """Change a region: whoever may mark clues may correct one.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        Conflict: somebody changed it since the form was made.
        NotDone: it makes no sense; says why.
    """
    officer, region, about = _for(viewer, number)
    before = {name: getattr(region, name) for name in CHANGED}
    wanted = region.version
    _fill(region, form)
    region.handling_code = writing.code_of(form.get("handling_code", ""))
    if form.get("version") != str(wanted):
        region.refresh_from_db()
        raise Conflict(_("This region was changed since you opened it."), standing(region))
    if before == {name: getattr(region, name) for name in CHANGED}:
        return region
    if region.handling_code < before["handling_code"] and officer.unit_id != region.unit_id:
        raise NotDone(_("Only the unit that provides it lowers its handling code."))
    region.version += 1
    region.save()
    code_before = before["handling_code"]
    writing.record(officer, Did.FINDING_CHANGED, region, about, _detail(region), code_before=code_before)
    return region


@transaction.atomic
def withdraw(viewer: object, number: int) -> Region:
    """Take a region back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was withdrawn before.
    """
    officer, region, about = _for(viewer, number)
    writing.withdraw(officer, region, about)
    return region


@transaction.atomic
def restore(viewer: object, number: int) -> Region:
    """Put a withdrawn region back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it stands already.
    """
    officer, region, about = _for(viewer, number)
    writing.restore(officer, region, about)
    return region


@transaction.atomic
def same_thing(viewer: object, number: int, untrusted_other: str) -> Region:
    """Say that two regions show the same thing; so do, then, all that either was said to be the same as.

    Raises:
        django.http.Http404: the first is not there, or not for this viewer.
        NotDone: the other is not there, is not for this viewer, or is the same region.
    """
    officer, region, about = _for(viewer, number)
    found = NUMBER.fullmatch(untrusted_other.strip())
    if not found or int(found[1]) == number:
        raise NotDone(_("Write the number of another region, such as #12."))
    try:
        _officer, other, about_other = _for(viewer, int(found[1]))
    except Http404 as error:
        raise NotDone(_("There is no region of that number, or it is not for you.")) from error
    if region.thing_id is not None and region.thing_id == other.thing_id:
        return region
    thing = region.thing or other.thing or Thing.objects.create(officer=officer)
    joined = [one.thing_id for one in (region, other) if one.thing_id is not None]
    Region.objects.filter(thing__in=joined).update(thing=thing)
    Region.objects.filter(pk__in=[region.pk, other.pk]).update(thing=thing)
    for one, place in ((region, about), (other, about_other)):
        writing.record(officer, Did.SAME_THING, one, place, {"regions": [f"{region.pk}", f"{other.pk}"]})
    region.refresh_from_db()
    return region


@transaction.atomic
def not_same_thing(viewer: object, number: int) -> Region:
    """Take a region out of those that show the same thing.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was the same as nothing that the viewer reads.
    """
    officer, region, about = _for(viewer, number)
    if not met_elsewhere(Sight(viewer), [region]):
        raise NotDone(_("It was not said to be the same as anything."))
    detail = {"thing": int(region.thing_id or 0)}
    region.thing = None
    region.save(update_fields=["thing"])
    writing.record(officer, Did.NOT_SAME_THING, region, about, detail)
    return region


def standing(region: Region) -> Standing:
    """What a region says now, for somebody who was second."""
    fields = (
        (_("Clue"), str(region.get_clue_display())),
        (_("Name"), region.name),
        (_("What it may tell"), region.tells),
        (_("Speaks for"), region.speaks_for),
        (_("Speaks against"), region.speaks_against),
        (_("Region"), str(shape_of(region))),
        (_("Handling code"), region.handling_code),
    )
    return Standing(region.version, str(region.officer), fields)


def shape_of(region: Region) -> shapes.Shape:
    """The region's shape, as `shapes` knows it."""
    points = tuple((int(x), int(y)) for x, y in region.points)
    return shapes.Shape(region.left, region.top, region.width, region.height, points)


def _for(viewer: object, number: int) -> tuple[Officer, Region, About]:
    return require_finding(viewer, Action.FIND, writing.locked(Region.objects.all(), number))


def _fill(region: Region, form: Mapping[str, str]) -> None:
    """Put what the form says into the region, checked."""
    media = catalogue().media(region.media)
    if media is None:
        raise Http404
    shape = shapes.shape_of(form.get("shape", ""))
    stretch = shapes.stretch_of(
        form.get("from", ""),
        form.get("to", ""),
        is_video=media.kind is MediaKind.VIDEO,
        duration=media.duration_seconds,
    )
    if form.get("clue") not in Clue.values:
        raise NotDone(_("Choose what kind of clue it is."))
    name = texts.line(form.get("name", ""), at_most=NAME_AT_MOST)
    if not name:
        raise NotDone(_("Give the clue a name, in a word or three."))
    tells = form.get("tells", "")
    region.clue, region.name = form["clue"], name
    region.tells = texts.stored(tells, at_most=TELLS_AT_MOST) if tells.strip() else ""
    region.speaks_for = codes_of(form.get("speaks_for", ""))
    region.speaks_against = codes_of(form.get("speaks_against", ""))
    both = set(region.speaks_for.split()) & set(region.speaks_against.split())
    if both:
        raise NotDone(
            _("%(code)s stands on both sides: a clue speaks for a country or against it.")
            % {"code": min(both)}
        )
    region.left, region.top, region.width, region.height = shape.left, shape.top, shape.width, shape.height
    region.points = [list(one) for one in shape.points]
    region.from_ms, region.to_ms = (stretch.from_ms, stretch.to_ms) if stretch else (None, None)


def _detail(region: Region) -> dict[str, str | int | list[str]]:
    return {
        "clue": region.clue,
        "name": region.name,
        "shape": str(shape_of(region)),
        "for": region.speaks_for,
        "against": region.speaks_against,
    }
