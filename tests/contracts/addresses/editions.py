"""Addresses of `editions`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

NUMBER = {"number": "{proposal}"}

TABLE: dict[str, Case] = {
    "editions:waiting": Case(200, 200),
    "editions:proposal": Case(404, 200, NUMBER),
    "editions:confirm": Case(404, 302, NUMBER, "post"),
    "editions:refuse": Case(404, 302, NUMBER, "post"),
    "editions:withdraw": Case(404, 302, NUMBER, "post"),
}
