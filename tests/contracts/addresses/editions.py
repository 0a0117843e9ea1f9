"""Addresses of `editions`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import Case

NUMBER = {"number": "{proposal}"}
EDITION = {"number": "{edition}"}

TABLE: dict[str, Case] = {
    "editions:waiting": Case(200, 200),
    "editions:propose-export": Case(404, 302, method="post", data={"list": "1"}),
    "editions:proposal": Case(404, 200, NUMBER),
    "editions:confirm": Case(404, 302, NUMBER, "post"),
    "editions:refuse": Case(404, 302, NUMBER, "post"),
    "editions:withdraw": Case(404, 302, NUMBER, "post"),
    "editions:editions": Case(404, 200),
    "editions:make": Case(404, 200),
    "editions:edition": Case(404, 200, EDITION),
    "editions:change": Case(404, 200, EDITION),
    "editions:close": Case(404, 302, EDITION, "post"),
    "editions:reopen": Case(404, 302, EDITION, "post"),
    "editions:unit": Case(404, 302, EDITION, "post", {"unit": "{unit}"}),
    "editions:seats": Case(404, 302, EDITION, "post", {"unit": "{unit}"}),
}
