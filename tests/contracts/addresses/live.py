"""Addresses of `live`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import SERIES, Case

TABLE: dict[str, Case] = {
    "live:people": Case(404, 200, {"series_id": SERIES}),
    "live:place": Case(404, 200, {"series_id": SERIES}, "post", {"hidden": "1"}),
}
