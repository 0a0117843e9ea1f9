"""What is done to many series of the board at once, and the way back. Each step is an action of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foureyes.workbench.access.models import Assignment, Placed
from foureyes.workbench.access.rules import Action, SeriesAsked, require_ever, scope_of
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions import coordinating
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series import standing
from foureyes.workbench.series.models import SavedView, State

Thing = TypeVar("Thing")
Made = TypeVar("Made")

SHOWN_AT_MOST = 3
"""Reasons of refusal that one message names."""
NAME_AT_MOST = 60
QUERY_AT_MOST = 1_000
NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Bulk:
    """What a bulk action did."""

    said: str
    undo: Mapping[str, str | list[int]]
    """What `undo` takes back; empty where there is no way back by it."""


def act(viewer: object, what: str, chosen: Sequence[str], asked: Mapping[str, str]) -> Bulk:
    """Do one thing to the chosen series.

    Args:
        viewer: Who does it.
        what: `state`, `next-step`, `identified`, `place`, `unplace`, `assign`, `unassign`.
        chosen: Ids of series, each perhaps with `:version` of the standing that the viewer saw.
        asked: What the form says beside.

    Raises:
        django.http.Http404: none of the series is there for this viewer, or the role does not allow it.
        NotDone: nothing could be done; the message says why.
    """
    if what not in ACTS:
        raise NotDone(_("Choose what is to be done. Nothing was changed."))
    if not chosen:
        raise NotDone(_("Choose at least one series with X. Nothing was changed."))
    if len(chosen) > coordinating.AT_MOST:
        raise NotDone(
            _("At most %(most)d series at once. Nothing was changed.") % {"most": coordinating.AT_MOST}
        )
    versions = _versions(chosen)
    there = _there(viewer, list(versions))
    gone = len(versions) - len(there)
    bulk = ACTS[what](viewer, {one: versions[one] for one in there}, asked)
    if gone:
        told = ngettext(
            "%(count)d series is gone, or is not yours any more.",
            "%(count)d series are gone, or are not yours any more.",
            gone,
        )
        return Bulk(f"{bulk.said} {told % {'count': gone}}", bulk.undo)
    return bulk


def undo(viewer: object, remembered: Mapping[str, object]) -> str:
    """Take back what a bulk action of this viewer did, as far as nothing came after it.

    Raises:
        django.http.Http404: the role does not allow it.
        NotDone: there is nothing to take back.
    """
    kind, ids = remembered.get("what"), remembered.get("ids")
    if not isinstance(ids, list) or not ids:
        raise NotDone(_("There is nothing to take back."))
    numbers = [int(one) for one in ids]
    if kind == "assign":
        own = Assignment.objects.filter(id__in=numbers, given_by=_officer(viewer))
        return _counted(coordinating.unassign(viewer, list(own.values_list("id", flat=True))), _taken_back)
    if kind == "place":
        mine = Placed.objects.filter(id__in=numbers, placed_by=_officer(viewer), assignments__isnull=True)
        return _counted(coordinating.unplace(viewer, list(mine.values_list("id", flat=True))), _taken_back)
    if kind == "unassign":
        return _counted(len(_again(viewer, remembered)), _taken_back)
    done, refused = _each(numbers, lambda one: standing.undo(viewer, one))
    return _said(len(done), _taken_back, refused)


def save_view(viewer: object, untrusted_name: str, query: str, *, shared: bool) -> SavedView:
    """Keep the board's filters under a name; the same name again replaces.

    Raises:
        django.http.Http404: not an officer.
        NotDone: the name is empty or too long.
    """
    officer = _officer(viewer)
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in untrusted_name).split())
    if not name or len(name) > NAME_AT_MOST:
        raise NotDone(_("A view needs a name of at most %(most)d characters.") % {"most": NAME_AT_MOST})
    kept = {"query": query[:QUERY_AT_MOST], "shared": shared, "unit": officer.unit}
    return SavedView.objects.update_or_create(officer=officer, name=name, defaults=kept)[0]


def remove_view(viewer: object, number: int) -> str:
    """Remove one's own view.

    Raises:
        django.http.Http404: not there, or another's.
    """
    view = SavedView.objects.filter(id=number, officer=_officer(viewer)).first()
    if view is None:
        raise Http404
    view.delete()
    return view.name


def _state(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    to = asked.get("state", "")
    if to not in State.values:
        raise NotDone(_("Choose a state. Nothing was changed."))
    done, refused = _each(series, lambda one: standing.set_state(viewer, one, to, series[one]))
    if not done:
        raise NotDone(refused[0])
    label = State(to).label

    def said(count: int) -> str:
        return ngettext("%(count)d series: %(state)s.", "%(count)d series: %(state)s.", count) % {
            "count": count,
            "state": label,
        }

    return Bulk(_said(len(done), said, refused), {"what": "state", "ids": [step.id for step in done]})


def _next_step(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    text = asked.get("text", "")
    done, refused = _each(series, lambda one: standing.set_next_step(viewer, one, text, series[one]))
    if not done:
        raise NotDone(refused[0])
    return Bulk(_said(len(done), _next_step_said, refused), {})


def _identified(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    reason = asked.get("reason", "")
    done, refused = _each(series, lambda one: standing.propose_identified(viewer, one, reason))
    if not done:
        raise NotDone(refused[0])

    def said(count: int) -> str:
        return ngettext(
            "%(count)d proposal waits for a second pair of eyes.",
            "%(count)d proposals wait for a second pair of eyes.",
            count,
        ) % {"count": count}

    return Bulk(_said(len(done), said, refused), {})


def _place(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    made = coordinating.place(viewer, _number(asked, "edition"), list(series), asked.get("code", ""))
    said = ngettext("%(count)d series placed.", "%(count)d series placed.", len(made)) % {"count": len(made)}
    return Bulk(said, {"what": "place", "ids": made})


def _unplace(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    require_ever(viewer, Action.COORDINATE)
    placed = Placed.objects.filter(edition_id=_number(asked, "edition"), series__in=list(series))
    count = coordinating.unplace(viewer, list(placed.values_list("id", flat=True)))
    return Bulk(_("Taken out of the edition: %(count)d series.") % {"count": count}, {})


def _assign(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    edition, _slash, whom = asked.get("whom", "").partition("/")
    permitted = asked.get("permitted") == "1"
    number = _number({"edition": edition}, "edition")
    made = coordinating.assign(viewer, number, list(series), whom, permitted=permitted)
    said = ngettext("%(count)d series assigned.", "%(count)d series assigned.", len(made)) % {
        "count": len(made)
    }
    return Bulk(said, {"what": "assign", "ids": made})


def _unassign(viewer: object, series: Mapping[str, int | None], asked: Mapping[str, str]) -> Bulk:
    require_ever(viewer, Action.COORDINATE)
    edition, _slash, whom = asked.get("whom", "").partition("/")
    ended = Assignment.objects.filter(
        placed__edition_id=_number({"edition": edition}, "edition"), placed__series__in=list(series)
    )
    kind, _colon, number = whom.partition(":")
    if not NUMBER.fullmatch(number):
        raise NotDone(_("Choose from whom they are taken back. Nothing was changed."))
    ended = ended.filter(**{"officer_id" if kind == "officer" else "unit_id": int(number)})
    again = [f"{one.placed.series} {'1' if one.permitted else '0'}" for one in ended.select_related("placed")]
    count = coordinating.unassign(viewer, list(ended.values_list("id", flat=True)))
    said = _("Taken back from them: %(count)d series.") % {"count": count}
    return Bulk(
        said, {"what": "unassign", "whom": asked.get("whom", ""), "again": " ".join(again), "ids": [1]}
    )


def _again(viewer: object, remembered: Mapping[str, object]) -> list[int]:
    """Give once more what was taken back."""
    edition, _slash, whom = str(remembered.get("whom", "")).partition("/")
    words = str(remembered.get("again", "")).split()
    made: list[int] = []
    for permitted in ("0", "1"):
        series = [one for one, was in zip(words[::2], words[1::2], strict=True) if was == permitted]
        if series:
            number = _number({"edition": edition}, "edition")
            made += coordinating.assign(viewer, number, series, whom, permitted=permitted == "1")
    return made


ACTS: dict[str, Callable[[object, Mapping[str, int | None], Mapping[str, str]], Bulk]] = {
    "state": _state,
    "next-step": _next_step,
    "identified": _identified,
    "place": _place,
    "unplace": _unplace,
    "assign": _assign,
    "unassign": _unassign,
}


def _each(things: Iterable[Thing], do: Callable[[Thing], Made]) -> tuple[list[Made], list[str]]:
    """Do it to each; what is refused leaves the others as they are."""
    done: list[Made] = []
    refused: list[str] = []
    for one in things:
        try:
            with transaction.atomic():
                done.append(do(one))
        except NotDone as said:
            refused.append(str(said))
    return done, refused


def _said(count: int, said: Callable[[int], str], refused: Sequence[str]) -> str:
    if not refused:
        return said(count)
    told = " ".join(dict.fromkeys(refused[:SHOWN_AT_MOST]))
    left = ngettext("%(count)d not: %(why)s", "%(count)d not: %(why)s", len(refused))
    return f"{said(count)} {left % {'count': len(refused), 'why': told}}"


def _counted(count: int, said: Callable[[int], str]) -> str:
    if not count:
        raise NotDone(_("There is nothing to take back."))
    return said(count)


def _taken_back(count: int) -> str:
    return ngettext("Taken back for %(count)d series.", "Taken back for %(count)d series.", count) % {
        "count": count
    }


def _next_step_said(count: int) -> str:
    return ngettext("%(count)d next step set.", "%(count)d next steps set.", count) % {"count": count}


def _versions(chosen: Sequence[str]) -> dict[str, int | None]:
    versions: dict[str, int | None] = {}
    for one in chosen:
        series, _colon, version = one.partition(":")
        versions[series] = int(version) if NUMBER.fullmatch(version) else None
    return versions


def _there(viewer: object, series: Sequence[str]) -> list[str]:
    """Those of the series that exist and that the viewer sees."""
    scope = scope_of(viewer)
    held = catalogue()
    found = [one for one in series if scope.covers(SeriesAsked(one)) and held.series_summary(one) is not None]
    if not found:
        raise Http404
    return found


def _number(asked: Mapping[str, str], name: str) -> int:
    text = asked.get(name, "")
    if not NUMBER.fullmatch(text):
        raise NotDone(_("Choose an edition. Nothing was changed."))
    return int(text)


def _officer(viewer: object) -> Officer:
    if not isinstance(viewer, Officer):
        raise Http404
    return viewer
