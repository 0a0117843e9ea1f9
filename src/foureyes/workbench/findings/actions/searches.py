"""Searches for what a region shows: begun, stopped, and what was found linked as the same thing."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from foureyes.engine.model import MediaKind
from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.findings import searching
from foureyes.workbench.findings.actions import regions
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Region
from foureyes.workbench.findings.reach import Sight, about_media, require_finding
from foureyes.workbench.library.errands import Crowded
from foureyes.workbench.library.holdings import catalogue


def begin(viewer: object, number: int, *, everything: bool) -> None:
    """Search all media for what a region shows, in the background.

    Raises:
        django.http.Http404: the region is not there, or not for this viewer.
        NotDone: it is withdrawn, another search of theirs runs, or too many wait already.
    """
    found = Region.objects.filter(pk=number).first()
    officer, region, place = require_finding(viewer, Action.VIEW, found)
    if region.withdrawn_at:
        raise NotDone(_("This region is withdrawn: put it back first."))
    desk = searching.desk(officer.pk)
    running = desk.now()
    if running is not None and not running.ended:
        raise NotDone(_("One search at a time: wait for yours, or stop it."))
    try:
        with transaction.atomic():
            how = "every media" if everything else "likely media"
            append(officer, Did.REGION_SEARCHED, f"region:{number}", {"media": [place.media], "among": how})
            about = searching.about(region, everything=everything)
            desk.begin(catalogue(), about, searching.work(region, everything=everything))
    except Crowded as crowded:
        raise NotDone(_("Others search as well, and wait. Ask again in a while.")) from crowded
    except BaseException:
        desk.end()  # what is not recorded is not done
        raise


def stop(viewer: object) -> None:
    """End the officer's search, and forget what it came to.

    Raises:
        django.http.Http404: the viewer sees no media.
    """
    searching.desk(require_ever(viewer, Action.VIEW).pk).end()


@transaction.atomic
def link(viewer: object, number: int, untrusted_mark: str) -> Region:
    """Mark the thing where the search found it, and say that both show the same; gives the new region.

    Sent twice, it stands once; where it was withdrawn since, it is put back.

    Raises:
        django.http.Http404: the region or the media is not there, or not for this viewer.
        NotDone: the search is gone, or found nothing in that media.
    """
    found = Region.objects.filter(pk=number).first()
    officer, region, _place = require_finding(viewer, Action.FIND, found)
    errand = searching.desk(officer.pk).now()
    if errand is None or errand.about["region"] != number:
        raise NotDone(_("That search is no longer here: ask again."))
    # Asked first: the answer must not depend on what was found in media of others.
    sha256 = about_media(viewer, Action.FIND, untrusted_mark).media
    match = next((one for one in searching.matches_of(errand) if one.sha256 == sha256), None)
    if match is None:
        raise Http404
    media = catalogue().media(sha256)
    film = media is not None and media.kind is MediaKind.VIDEO
    at = f"{match.at_seconds:.3f}" if film else ""
    form = {
        "media": sha256,
        "shape": searching.shape_at(match.place),
        "from": at,
        "to": at,
        "clue": region.clue,
        "name": region.name,
        "handling_code": region.handling_code,
        "key": f"elsewhere{region.pk}x{sha256[:16]}",
    }
    there = regions.draw(viewer, form)
    if there.withdrawn_at:
        there = regions.restore(viewer, there.pk)
    regions.same_thing(viewer, number, str(there.pk))
    return there


@transaction.atomic
def unlink(viewer: object, number: int, untrusted_other: str) -> Region:
    """Withdraw a region that shows the same thing as this one; it can be put back.

    Raises:
        django.http.Http404: the region is not there, or not for this viewer.
        NotDone: the other is no such region, or was withdrawn before.
    """
    found = Region.objects.filter(pk=number).first()
    _officer, region, _place = require_finding(viewer, Action.FIND, found)
    same = Region.objects.filter(thing__isnull=False, thing=region.thing_id).exclude(pk=number)
    # One that the viewer does not read is answered as one that is not there.
    if untrusted_other not in {str(one.pk) for one in Sight(viewer).those_read(same)}:
        raise NotDone(_("There is no region of that number, or it is not for you."))
    return regions.withdraw(viewer, int(untrusted_other))
