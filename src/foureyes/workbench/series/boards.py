"""The board: every series that the viewer sees, with where it stands. The viewer comes first.

The number of queries does not grow with the series: what the workbench knows of them is read for all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from foureyes.engine.catalogue import Counts, SeriesSummary
from foureyes.workbench.access.models import Edition, Placed
from foureyes.workbench.access.rules import Action, HoldingsAsked, Scope, may_ever, open_editions, scope_of
from foureyes.workbench.access.units import units_given
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import ALL, set_aside_by_series, set_aside_in_all, visible_series
from foureyes.workbench.live.presence import Here, who
from foureyes.workbench.series import changes, outlines, words
from foureyes.workbench.series.filters import Filters
from foureyes.workbench.series.models import ChangesRead, SavedView, Standing, State
from foureyes.workbench.series.outlines import Outline

ROWS_A_PAGE = 200
SHORTEST_PATH = 3
"""Signs of a word from which paths are searched: shorter ones stand in nearly every path."""
ORDER_OF_STATES = {state: number for number, state in enumerate(State.values)}


@dataclass(frozen=True, slots=True)
class Row:
    """One series on the board."""

    id: str
    name: str
    named_by_person: bool
    size: int
    reasons: Mapping[str, int]
    outline: Outline
    sources: int
    """0 for officers of other units: where it comes from is not theirs."""
    standing: Standing
    given: Sequence[Unit]
    """Units that see it by an open edition, each once, by name."""
    unread: int
    """Changes since the officer last marked changes as read."""
    here: Sequence[Here] = ()

    @property
    def units(self) -> list[str]:
        """Units that were given it, each once."""
        return list(map(str, self.given))

    @property
    def shown(self) -> tuple[object, ...]:
        """All that the row shows: the same row is drawn once for all who see the same."""
        now, outline = self.standing, self.outline
        taken = (now.state, now.version, now.next_step, str(now.taken_by or ""))
        here = tuple((one.officer.name, one.officer.unit) for one in self.here)
        named = (self.id, self.name, self.named_by_person, self.size, self.sources, self.unread)
        span = (outline.first, outline.last, outline.cameras)
        return (*named, *span, *taken, tuple(map(tuple, now.countries)), tuple(self.units), here)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to filter by."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Board:
    """The series that the viewer sees, in the order asked for."""

    rows: Sequence[Row]
    total: int
    """Series that the viewer sees, before the filters."""
    found: int
    page: int
    pages: int
    filters: Filters
    counts: Counts | None
    """What the workspace holds; None for officers of other units."""
    set_aside: int
    """Media that hash lists set aside; 0 for officers of other units."""
    countries: Sequence[str]
    units: Sequence[Choice]
    editions: Sequence[Choice]
    views: Sequence[SavedView]
    coordinates: bool
    decides: bool


def board(viewer: object, filters: Filters) -> Board:
    """The board as its filters ask for it."""
    scope = scope_of(viewer)
    officer = viewer if isinstance(viewer, Officer) else None
    seen = visible_series(scope)
    rows = _rows(seen, scope, officer)
    editions = _editions(officer)
    found = _filtered(rows, filters, scope, officer, editions)
    turned = filters.sort.startswith("-")
    found.sort(key=KEYS[filters.sort.removeprefix("-")], reverse=turned)
    pages = max(1, -(-len(found) // ROWS_A_PAGE))
    page = min(filters.page, pages)
    shown = found[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    return Board(
        rows=_with_presence(shown),
        total=len(seen),
        found=len(found),
        page=page,
        pages=pages,
        filters=filters.but(page=page),
        counts=catalogue().counts() if scope.covers(HoldingsAsked()) else None,
        set_aside=set_aside_in_all() if scope.covers(HoldingsAsked()) else 0,
        countries=sorted({code for row in rows for code, _status in row.standing.countries}),
        units=_units(rows),
        editions=[Choice(str(one.id), one.name) for one in editions],
        views=_views(officer),
        coordinates=may_ever(viewer, Action.COORDINATE),
        decides=may_ever(viewer, Action.DECIDE),
    )


KEYS: dict[str, Callable[[Row], tuple[object, ...]]] = {
    "size": lambda row: (row.size, row.id),
    "name": lambda row: (row.name.casefold(), row.id),
    "sources": lambda row: (row.sources, row.size, row.id),
    "first": lambda row: (row.outline.first, row.id),
    "last": lambda row: (row.outline.last, row.id),
    "cameras": lambda row: (len(row.outline.cameras), row.size, row.id),
    "places": lambda row: (len(row.outline.places), row.size, row.id),
    "countries": lambda row: ([code for code, _status in row.standing.countries], row.id),
    "state": lambda row: (ORDER_OF_STATES[row.standing.state], row.id),
    "with": lambda row: (str(row.standing.taken_by or ""), row.id),
    "given": lambda row: (row.units, row.id),
    "unread": lambda row: (row.unread, row.size, row.id),
    "next": lambda row: (row.standing.next_step.casefold(), row.id),
}


def _rows(seen: Sequence[SeriesSummary], scope: Scope, officer: Officer | None) -> list[Row]:
    made = outlines_of(seen)
    standings = {one.series: one for one in Standing.objects.select_related("taken_by", "taken_unit")}
    given = units_given()
    sources = _sources() if scope.covers(HoldingsAsked()) else {}
    unread = _unread(officer, scope)
    return [
        Row(
            id=one.id,
            name=one.name,
            named_by_person=one.named_by_person,
            size=one.size,
            reasons=one.reasons,
            outline=made[one.id],
            sources=sources.get(one.id, 0),
            standing=standings.get(one.id) or Standing(series=one.id),
            given=given.get(one.id, ()),
            unread=unread.get(one.id, 0),
        )
        for one in seen
    ]


def warm() -> None:
    """Make the outlines of all series, and count their sources, before anybody asks for a board."""
    outlines_of(catalogue().series_list(limit=ALL))
    _sources()


def outlines_of(summaries: Sequence[SeriesSummary]) -> dict[str, Outline]:
    """Outlines by id of series, for a caller that asked what the viewer sees."""
    keys: dict[str, Hashable] = {
        one.id: (one.id, one.size, tuple(sorted(one.reasons.items()))) for one in summaries
    }

    def members() -> dict[Hashable, list[str]]:
        held: dict[Hashable, list[str]] = {key: [] for key in keys.values()}
        for series_id, sha256 in catalogue().memberships():
            if series_id in keys:
                held[keys[series_id]].append(sha256)
        for series_id in set_aside_by_series().keys() & keys.keys():
            members = held[keys[series_id]]
            aside = catalogue().irrelevant_among(members)
            members[:] = [sha256 for sha256 in members if sha256 not in aside]
        return held

    made = outlines.kept.of(list(keys.values()), members)
    return {series_id: made[key] for series_id, key in keys.items()}


def _filtered(
    rows: Sequence[Row], asked: Filters, scope: Scope, officer: Officer | None, editions: Sequence[Edition]
) -> list[Row]:
    found = list(rows)
    if asked.edition:
        lie = _lie_in(asked.edition, editions)
        found = [row for row in found if row.id in lie]
    if asked.state:
        found = [row for row in found if row.standing.state in asked.state]
    if asked.country:
        found = [row for row in found if asked.country in {code for code, _ in row.standing.countries}]
    if asked.unit:
        found = [row for row in found if _is_with(row, asked.unit)]
    if asked.mine and officer is not None:
        mine = _given_to(officer)
        found = [row for row in found if row.standing.taken_by_id == officer.id or row.id in mine]
    if asked.unassigned:
        found = [row for row in found if not row.given]
    if asked.unread:
        found = [row for row in found if row.unread]
    for word in words.fold(asked.q).split():
        found = _with_word(found, word, scope)
    return found


def _with_word(rows: Sequence[Row], word: str, scope: Scope) -> list[Row]:
    """Rows that hold the word anywhere: in what is shown, in what people wrote, in what files state."""
    told = [row for row in rows if word in _searched(row)]
    left = {row.id for row in rows} - {row.id for row in told}
    if not left:
        return told
    held = words.series_with(word, left) | (catalogue().series_with_fact(word) & left)
    if scope.covers(HoldingsAsked()) and len(word) >= SHORTEST_PATH:
        held |= catalogue().series_with_path(word) & left
    known = {row.id for row in told} | held
    return [row for row in rows if row.id in known]


def _searched(row: Row) -> str:
    standing = row.standing
    told = [row.id, row.name, row.outline.first, row.outline.last, standing.next_step]
    told += [name for name, _ in row.outline.cameras]
    told += [kind.replace("-", " ") for kind in row.reasons]
    told += [f"{place.latitude:.4f}, {place.longitude:.4f}" for place in row.outline.places]
    told += [str(standing.get_state_display()), str(standing.taken_by or ""), *row.units]
    told += [code for code, _status in standing.countries]
    return words.fold(" ".join(told))


def _is_with(row: Row, unit: int) -> bool:
    return row.standing.taken_unit_id == unit or any(one.id == unit for one in row.given)


def _given_to(officer: Officer) -> set[str]:
    return set(officer.assignments.values_list("placed__series", flat=True))


def _lie_in(edition: int, editions: Sequence[Edition]) -> set[str]:
    """Series of an edition that the viewer may know of; of any other edition none."""
    if edition not in {one.id for one in editions}:
        return set()
    return set(Placed.objects.filter(edition_id=edition).values_list("series", flat=True))


def _editions(officer: Officer | None) -> list[Edition]:
    if officer is None:
        return []
    every = Edition.objects.order_by("-opens", "-id")
    if may_ever(officer, Action.COORDINATE):
        return list(every)
    return list(every.filter(id__in=open_editions(officer)))


def _units(rows: Sequence[Row]) -> list[Choice]:
    # Most rows share one tuple of units: each of them is looked through once.
    tuples = {id(row.given): row.given for row in rows}
    units: dict[int, Unit] = {one.id: one for given in tuples.values() for one in given}
    units |= {row.standing.taken_unit.id: row.standing.taken_unit for row in rows if row.standing.taken_unit}
    return sorted((Choice(str(one.id), str(one)) for one in units.values()), key=lambda one: one.name)


def _views(officer: Officer | None) -> list[SavedView]:
    if officer is None:
        return []
    own = SavedView.objects.filter(officer=officer) | SavedView.objects.filter(unit=officer.unit, shared=True)
    return list(own.select_related("officer").order_by("name", "id"))


def _unread(officer: Officer | None, scope: Scope) -> Mapping[str, int]:
    if officer is None:
        return {}
    read = ChangesRead.objects.filter(officer=officer).values_list("change", flat=True).first()
    return changes.count_by_series(scope, read or 0)


def _with_presence(rows: Sequence[Row]) -> list[Row]:
    here = who([row.id for row in rows])
    return [replace(row, here=here.get(row.id, ())) for row in rows]


def _sources() -> Mapping[str, int]:
    held = catalogue()
    return _sources_until(str(held.workspace.path), held.last_change())


@lru_cache(maxsize=4)
def _sources_until(workspace: str, last_change: int) -> Mapping[str, int]:
    """Counted anew when a linking changed something: every path of every member is read for it."""
    del workspace, last_change
    return catalogue().sources_in_series()
