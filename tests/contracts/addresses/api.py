"""Addresses of `api`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

TABLE: dict[str, Case] = {}
