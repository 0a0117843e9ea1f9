"""What the board is asked to show, as its address says it. Whatever stands there, a filter comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import QueryDict

from foureyes.workbench.series.models import State

NUMBER = re.compile(r"[0-9]{1,8}")
COUNTRY = re.compile(r"[A-Z]{2}")
TEXT_AT_MOST = 200
SORTS = (
    "name",
    "size",
    "sources",
    "first",
    "last",
    "cameras",
    "places",
    "countries",
    "state",
    "with",
    "given",
    "unread",
    "next",
)
DEFAULT_SORT = "-size"


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of the board; the names are those in its address."""

    q: str = ""
    state: tuple[str, ...] = ()
    country: str = ""
    unit: int = 0
    edition: int = 0
    mine: bool = False
    unassigned: bool = False
    unread: bool = False
    sort: str = DEFAULT_SORT
    view: str = "rows"
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether anything but order and looks is asked for."""
        return self.but(sort=DEFAULT_SORT, view="rows", page=1) != Filters()

    @property
    def address(self) -> str:
        """As the address says it, without the page."""
        return self.query(page=1)

    def but(self, **changes: object) -> Filters:
        """The same with some filters changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # names and types are the caller's

    def query(self, **changes: object) -> str:
        """The address' question, without what is as it begins."""
        wanted, begins = self.but(**changes), Filters()
        pairs: list[tuple[str, str]] = []
        for one in fields(wanted):
            value = getattr(wanted, one.name)
            if value == getattr(begins, one.name):
                continue
            values: Sequence[object] = value if isinstance(value, tuple) else (value,)
            pairs += [(one.name, "1" if it is True else str(it)) for it in values]
        return urlencode(pairs)


def filters_of(untrusted: QueryDict) -> Filters:
    """What an address asks for; nonsense in it counts as not asked."""
    sort = untrusted.get("sort", DEFAULT_SORT)
    country = untrusted.get("country", "").upper()
    return Filters(
        q=" ".join(untrusted.get("q", "").replace("\x00", " ").split())[:TEXT_AT_MOST],
        state=tuple(one for one in State.values if one in untrusted.getlist("state")),
        country=country if COUNTRY.fullmatch(country) else "",
        unit=_number(untrusted, "unit", 0),
        edition=_number(untrusted, "edition", 0),
        mine=untrusted.get("mine") == "1",
        unassigned=untrusted.get("unassigned") == "1",
        unread=untrusted.get("unread") == "1",
        sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
        view="cards" if untrusted.get("view") == "cards" else "rows",
        page=max(1, _number(untrusted, "page", 1)),
    )


def _number(untrusted: Mapping[str, str], name: str, otherwise: int) -> int:
    text = untrusted.get(name, "")
    return int(text) if NUMBER.fullmatch(text) else otherwise
