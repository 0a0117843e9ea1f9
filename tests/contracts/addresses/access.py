"""Addresses of administrators, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

TABLE: dict[str, Case] = {
    "access:people": Case(404, 404, roles={"administrator": 200}),
    "access:make-unit": Case(
        404, 404, method="post", data={"agency": "A new unit"}, roles={"administrator": 302}
    ),
    "access:rename-unit": Case(404, 404, {"number": "1"}, roles={"administrator": 200}),
    "access:new-officer": Case(404, 404, roles={"administrator": 200}),
    "access:officer": Case(404, 404, {"username": "ida"}, roles={"administrator": 200}),
    "access:roles": Case(
        404, 404, {"username": "ida"}, "post", {"roles": "administrator"}, roles={"administrator": 302}
    ),
    "access:deed": Case(
        404, 404, {"username": "ida"}, "post", {"do": "deactivate"}, roles={"administrator": 302}
    ),
}
