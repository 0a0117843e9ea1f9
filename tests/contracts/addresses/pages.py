"""Addresses of `pages`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

TABLE: dict[str, Case] = {
    "start": Case(302, 302),
    "pages:words": Case(200, 200, nobody=200),
    "pages:keys": Case(200, 200),
}
