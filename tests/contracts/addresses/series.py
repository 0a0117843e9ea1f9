"""Addresses of `series`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import MARK, SERIES, Case

NOT_ASKED = {"trainee": 404, "oversight": 404, "administrator": 404}
"""Who may not rule is asked nothing."""

SEES_NO_MEDIA = {"oversight": 404, "administrator": 404}

TABLE: dict[str, Case] = {
    "series:board": Case(200, 200),
    "series:act": Case(404, 302, method="post", data={"act": "next-step", "series": SERIES, "text": "look"}),
    "series:undo": Case(302, 302, method="post"),
    "series:save-view": Case(302, 302, method="post", data={"name": "mine", "next": "mine=1"}),
    "series:remove-view": Case(404, 302, {"number": "{view}"}, "post"),
    "series:standing": Case(404, 200, {"series_id": SERIES}),
    "series:merge-told": Case(404, 200, {"series_id": SERIES}),
    "series:progress": Case(404, 200, {"number": "{edition}"}),
    "series:decisions": Case(200, 200),
    "series:page": Case(404, 200, {"series_id": SERIES}),
    "series:grid": Case(404, 200, {"series_id": SERIES}),
    "series:find": Case(404, 200, {"series_id": SERIES}, query="?q=kind:picture"),
    "series:grid-link": Case(404, 200, {"series_id": SERIES}),
    "series:rename": Case(404, 302, {"series_id": SERIES}, "post", {"name": ""}),
    "series:decide": Case(404, 302, {"series_id": SERIES}, "post", {"kind": "split", "media": MARK}),
    "series:add-media": Case(404, 302, {"mark": MARK}, "post", {"series": SERIES}),
    "series:withdraw": Case(404, 302, {"number": "{decision}"}, "post"),
    "series:changes": Case(200, 200, query="?all=1"),
    "series:changes-read": Case(302, 302, method="post", data={"last": "0"}),
    "series:timeline": Case(404, 200, {"series_id": SERIES}),
    "series:graph": Case(404, 200, {"series_id": SERIES}),
    "series:map": Case(404, 200, {"series_id": SERIES}),
    "series:board-map": Case(200, 200),
    "series:compare": Case(404, 200, query="?m={mark}&m={other}"),
    "series:points": Case(404, 200, query="?a={mark}&b={other}"),
    "series:points-stop": Case(204, 204, method="post", roles=SEES_NO_MEDIA),
    "series:review": Case(404, 200, {"series_id": SERIES}),
    "series:review-all": Case(200, 200, roles=NOT_ASKED),
    "series:review-answer": Case(
        302, 302, method="post", data={"question": "{mark}-{other}", "answer": "yes"}, roles=NOT_ASKED
    ),
    "series:review-undo": Case(302, 302, method="post", roles=NOT_ASKED),
    "series:review-again": Case(302, 302, method="post"),
    "series:why": Case(404, 200, query="?a={mark}&b={other}"),
}
