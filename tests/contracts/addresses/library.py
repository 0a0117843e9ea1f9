"""Addresses of `library`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import MARK, Case

NO_MEDIA = {"oversight": 404, "administrator": 404}
"""Who sees no media reveals none."""

TABLE: dict[str, Case] = {
    "library:exposure": Case(200, 200),
    "library:sources": Case(404, 200),
    "library:faults": Case(404, 200),
    "library:media": Case(404, 200, {"mark": MARK}),
    "library:reveal": Case(
        404,
        200,
        method="post",
        body='{"media": ["{mark}"], "series": "{series}", "key": "walk-walk-walk-walk"}',
    ),
    "library:zoom": Case(404, 200, {"mark": MARK}),
    "library:play": Case(404, 302, {"mark": MARK}),
    "library:open": Case(
        404,
        200,
        {"mark": MARK},
        method="post",
        body='{"what": "tiles", "number": 0, "series": "{series}", "key": "open-open-open-open"}',
    ),
    "library:looked": Case(204, 204, method="post", data={"seconds": "1", "series": ""}, roles=NO_MEDIA),
    "library:viewing": Case(302, 302, method="post", data={"blur": "8"}, roles=NO_MEDIA),
    "library:put-off": Case(409, 409, method="post", data={"reason": "the child is named"}, roles=NO_MEDIA),
    "library:allow-more": Case(404, 302, method="post", data={"officer": "otto"}),
    "library:set-aside": Case(404, 200),
    "library:search": Case(200, 200),
    "library:ask": Case(302, 302, method="post", data={"hash": "{sha256}", "radius": "63"}),
}
