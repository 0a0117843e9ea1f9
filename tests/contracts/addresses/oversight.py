"""Addresses of `oversight`, and what each kind of officer gets from them: neither the holding unit nor another sees these."""

from __future__ import annotations

from contracts.addresses.case import Case

ENTRY = {"number": "999999999"}

TABLE: dict[str, Case] = {
    "oversight:search": Case(404, 404, roles={"oversight": 200}),
    "oversight:checkpoints": Case(404, 404, roles={"oversight": 200}),
    "oversight:export": Case(404, 404, method="post", roles={"oversight": 302}),
    "oversight:entry": Case(404, 404, ENTRY),
    "oversight:proof": Case(404, 404, ENTRY),
}
