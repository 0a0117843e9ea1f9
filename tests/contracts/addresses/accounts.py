"""Addresses of `accounts`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

TABLE: dict[str, Case] = {
    "accounts:sign-in": Case(200, 200, nobody=200),
    "accounts:sign-out": Case(302, 302, method="post"),
    "accounts:theme": Case(302, 302, method="post", data={"theme": "light"}),
}
