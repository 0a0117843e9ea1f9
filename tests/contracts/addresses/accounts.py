"""Addresses of `accounts`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

TABLE: dict[str, Case] = {
    "accounts:sign-in": Case(200, 200, nobody=200),
    "accounts:second-factor": Case(302, 302),
    "accounts:openid": Case(404, 404, nobody=404),
    "openid_connect_callback": Case(404, 404, {"provider_id": "openid"}, nobody=404),
    "accounts:sign-out": Case(302, 302, method="post"),
    "accounts:theme": Case(302, 302, method="post", data={"theme": "light"}),
    "accounts:language": Case(302, 302, method="post", data={"language": "en", "next": "/sign-in/"}),
    "accounts:again": Case(200, 200),
    "accounts:kept": Case(302, 302),
    "accounts:profile": Case(200, 200),
    "accounts:password": Case(200, 200),
    "accounts:factors": Case(200, 200),
    "accounts:add-app": Case(200, 200),
    "accounts:add-key": Case(200, 200),
    "accounts:codes": Case(200, 200),
    "accounts:remove-factor": Case(404, 404, {"number": "1"}, "post"),
    "accounts:sessions": Case(200, 200),
}
