"""Timeline, map and link graph of a series, map of the board: pages, and pieces beside the grid."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.library.views import officer
from foureyes.workbench.series.graphs import graph, weak_pairs
from foureyes.workbench.series.moments import Doubt, Lane
from foureyes.workbench.series.positions import board_map, series_map
from foureyes.workbench.series.reach import moved_to
from foureyes.workbench.series.timeline import OPEN_QUESTIONS, timeline

PIECE = "X-Foureyes-Piece"
SPOTS_LISTED = 300
LANE_WORDS = {
    Lane.CAPTURED: _("captured, by the camera's clock"),
    Lane.GPS: _("captured, by GPS"),
    Lane.CHANGED: _("last written by a program"),
    Lane.FILE: _("file on its disk"),
    Lane.SOURCE: _("stated by the source"),
}
DOUBT_WORDS = {
    Doubt.NO_ZONE: _("no time zone stated"),
    Doubt.UNSET: _("the day on which a clock starts that was never set"),
    Doubt.IMPOSSIBLE: _("before there were digital cameras"),
    Doubt.FUTURE: _("later than its source was taken in"),
    Doubt.GPS_DISAGREES: _("GPS and the camera's clock disagree"),
    Doubt.FILE_OLDER: _("the file is older than its capture"),
    Doubt.OFFSET: _("this camera's clock seems to be set wrong"),
}


@require_safe
@gzip_page
def timeline_of(request: HttpRequest, series_id: str) -> HttpResponse:
    """The times of a series on lanes, and as a table."""
    if moved := moved_to(request.user, series_id):
        return redirect("series:timeline", moved)
    shown = timeline(request.user, series_id)
    lanes = [lane for lane in Lane if any(one.lane is lane for one in shown.moments)]
    doubts = list(Doubt)
    data = {
        "series": shown.series_id,
        "marks": shown.marks,
        "lanes": [str(LANE_WORDS[lane]) for lane in lanes],
        "doubts": [str(DOUBT_WORDS[doubt]) for doubt in doubts],
        "open": [doubts.index(doubt) for doubt in OPEN_QUESTIONS],
        "moments": [
            [one.at, lanes.index(one.lane), round(one.seconds), [doubts.index(each) for each in one.doubts]]
            for one in shown.moments
        ],
    }
    days = [
        (day, LANE_WORDS[day.lane], [(DOUBT_WORDS[doubt], count) for doubt, count in day.doubts])
        for day in shown.days
    ]
    clocks = [(one, _span(one.seconds)) for one in shown.offsets]
    context = {"shown": shown, "data": data, "days": days, "clocks": clocks}
    return _shown(request, "timeline", shown.series_id, context)


@require_safe
@gzip_page
def map_of(request: HttpRequest, series_id: str) -> HttpResponse:
    """The positions of a series on a map, and as a list."""
    if moved := moved_to(request.user, series_id):
        return redirect("series:map", moved)
    shown = series_map(request.user, series_id)
    data = {
        "series": shown.series_id,
        "points": [
            {
                "north": round(one.latitude, 6),
                "east": round(one.longitude, 6),
                "error": round(one.error, 1),
                "marks": [shown.marks[one.at]],
            }
            for one in shown.positions
        ],
    }
    return _shown(
        request, "map", shown.series_id, {"shown": shown, "data": data, "spots": shown.spots[:SPOTS_LISTED]}
    )


@require_safe
@gzip_page
def map_of_board(request: HttpRequest) -> HttpResponse:
    """The places of all series that the viewer sees."""
    places = board_map(request.user)
    data = {
        "points": [
            {
                "north": round(one.latitude, 6),
                "east": round(one.longitude, 6),
                "error": 0,
                "series": one.series_id,
                "name": one.name,
                "media": one.media,
            }
            for one in places
        ]
    }
    context = {"section": "series", "places": places[:SPOTS_LISTED], "in_all": len(places), "data": data}
    return render(request, "series/board_map.html", context)


def _span(seconds: int) -> str:
    """`37 min`, `2 h 5 min`: how far a clock is from another."""
    hours, minutes = divmod(round(abs(seconds) / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@require_safe
@gzip_page
def graph_of(request: HttpRequest, series_id: str) -> HttpResponse:
    """Who hangs on what in a series, and where little holds it together."""
    if moved := moved_to(request.user, series_id):
        return redirect("series:graph", moved)
    shown = graph(request.user, series_id)
    data = {
        "nodes": [{"marks": one.marks, "x": one.x, "y": one.y, "parent": one.parent} for one in shown.nodes],
        "kinds": shown.kinds,
        "edges": [[one.a, one.b, shown.kinds.index(one.kind), one.strength] for one in shown.edges],
        "weak": weak_pairs(shown),
    }
    joints = [(one, one.few, [sha256[:MARK_LENGTH] for sha256 in one.few]) for one in shown.joints]
    return _shown(request, "graph", shown.series_id, {"shown": shown, "data": data, "joints": joints})


def _shown(request: HttpRequest, part: str, series_id: str, context: Mapping[str, object]) -> HttpResponse:
    """The piece where the series' page asks for it, else a page around it, which is recorded."""
    if request.headers.get(PIECE):
        return render(request, f"series/{part}_piece.html", dict(context))
    with transaction.atomic():
        append(officer(request), Did.SERIES_OPENED, f"series:{series_id}", {"part": part})
    return render(request, f"series/{part}.html", {"section": "series", **context})
