"""Addresses of `series`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import MARK, SERIES, Case

TABLE: dict[str, Case] = {
    "series:board": Case(200, 200),
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
    "series:map": Case(404, 200, {"series_id": SERIES}),
    "series:board-map": Case(200, 200),
    "series:why": Case(404, 200, query="?a={mark}&b={other}"),
}
