"""Addresses of `api`, and what each kind of officer gets from them.

The endpoints look at no cookie: whoever is signed in to the pages gets 401 as nobody does. What programs of
other units get is walked in `test_api_access.py`.
"""

from __future__ import annotations

from contracts.addresses.case import MARK, SERIES, Case

NO_TOKEN = 401
DECISION = {"number": "1"}


def endpoint(
    kwargs: dict[str, str] | None = None, method: str = "get", body: str = "", query: str = ""
) -> Case:
    """An endpoint, which wants a token of everybody."""
    return Case(NO_TOKEN, NO_TOKEN, kwargs or {}, method, body=body, query=query, nobody=NO_TOKEN)


TABLE: dict[str, Case] = {
    "api:v1:editions": endpoint(),
    "api:v1:series": endpoint(),
    "api:v1:one-series": endpoint({"series_id": SERIES}),
    "api:v1:members": endpoint({"series_id": SERIES}),
    "api:v1:standing": endpoint({"series_id": SERIES}),
    "api:v1:state": endpoint({"series_id": SERIES}, "put"),
    "api:v1:series-findings": endpoint({"series_id": SERIES}),
    "api:v1:media-findings": endpoint({"mark": MARK}),
    "api:v1:write-note": endpoint(method="post"),
    "api:v1:give-task": endpoint(method="post"),
    "api:v1:ask-request": endpoint(method="post"),
    "api:v1:draw-region": endpoint({"mark": MARK}, "post"),
    "api:v1:links": endpoint({"series_id": SERIES}),
    "api:v1:why": endpoint(query="?a={mark}&b={other}"),
    "api:v1:media": endpoint({"mark": MARK}),
    "api:v1:decisions": endpoint(),
    "api:v1:changes": endpoint(),
    "api:v1:name": endpoint({"series_id": SERIES}, "put"),
    "api:v1:decide": endpoint({"series_id": SERIES}, "post", '{"kind": "split", "reason": "x"}'),
    "api:v1:withdraw": endpoint({"number": "{decision}"}, "post", '{"reason": "x"}'),
    "api:v1:search": endpoint(method="post", body='{"hash": "{sha256}"}'),
    "api:v1:search-picture": endpoint(method="post"),
    "api:v1:reveal": endpoint({"mark": MARK}, "post"),
    "api:openapi": Case(200, 200),
    "api:docs": Case(200, 200),
    "api:tokens": Case(404, 404, roles={"administrator": 200}),
    "api:make-token": Case(404, 404, method="post"),
    "api:revoke-token": Case(404, 404, DECISION, "post"),
}
