"""Which members of a series a query is true of. It decides no rights: what may be asked is told to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from foureyes.engine.model import Series
from foureyes.workbench.access.rules import MediaAsked
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.models import Exposure
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.library.settled import settled_among
from foureyes.workbench.series.grids import Grid
from foureyes.workbench.series.selecting import NONE, NotUnderstood, Query, Term

KIND_OF = {"p": "picture", "v": "video", "u": "undecoded"}


@dataclass(frozen=True)
class Asked:
    """One series as a query sees it. What costs a look into a database is read when a word asks for it."""

    series: Series
    table: Grid
    officer: Officer
    here: str
    """Mark of the media that the officer stands on; empty where on none."""
    sees_sources: bool

    @cached_property
    def copies(self) -> Counter[int]:
        """Media in each stack, by its leader."""
        return Counter(self.table.leaders)

    @cached_property
    def seen(self) -> frozenset[str]:
        """Members that were revealed to the officer before."""
        shown = Exposure.objects.filter(officer=self.officer).values_list("media", flat=True).distinct()
        return frozenset(shown).intersection(self.series.members)

    @cached_property
    def settled(self) -> frozenset[str]:
        """Members that are not shown again unasked."""
        within = frozenset({self.series.id})
        return settled_among(self.officer, [MediaAsked(one, within) for one in self.series.members])

    @cached_property
    def paths(self) -> dict[str, list[tuple[str, str]]]:
        """Sources and paths of each member."""
        if not self.sees_sources:
            raise NotUnderstood(_("Sources and paths are for the unit that took them in."))
        return catalogue().paths_of(self.series.members)

    def linked_to(self, mark: str) -> frozenset[str]:
        """Members with a link to the one whose mark begins so."""
        if not mark:
            raise NotUnderstood(_("Stand on a media first: linked means linked to that one."))
        return frozenset(
            other
            for link in self.series.links
            for one, other in ((link.a, link.b), (link.b, link.a))
            if one.startswith(mark)
        )


def find(asked: Asked, query: Query) -> list[int]:
    """Indexes of the members that every word of the query is true of.

    Raises:
        NotUnderstood: a word cannot be asked here, or not by this officer.
    """
    if not query:
        return []
    tests = [(_test(asked, term), term.negated) for term in query]
    return [
        index
        for index in range(len(asked.series.members))
        if all(test(index) is not negated for test, negated in tests)
    ]


Test = Callable[[int], bool]


def _test(asked: Asked, term: Term) -> Test:
    return TESTS[term.field](asked, term)


def _camera(asked: Asked, term: Term) -> Test:
    wanted = _folded(term.values)
    matching = {at for at, name in enumerate(asked.table.cameras) if _holds(name, wanted)}
    if NONE in term.values:
        matching.add(-1)
    return lambda index: asked.table.camera[index] in matching


def _day(asked: Asked, term: Term) -> Test:
    return lambda index: _in_spans(asked.table.times[index][:10], term.values)


def _time(asked: Asked, term: Term) -> Test:
    return lambda index: _in_spans(asked.table.times[index][11:16], term.values)


def _kind(asked: Asked, term: Term) -> Test:
    return lambda index: KIND_OF[asked.table.kinds[index]] in term.values


def _source(asked: Asked, term: Term) -> Test:
    wanted = _folded(term.values)
    return _of_member(asked, lambda one: any(_holds(held[0], wanted) for held in asked.paths.get(one, ())))


def _path(asked: Asked, term: Term) -> Test:
    wanted = _folded(term.values)
    return _of_member(asked, lambda one: any(_holds(held[1], wanted) for held in asked.paths.get(one, ())))


def _has(asked: Asked, term: Term) -> Test:
    table = asked.table
    tests: dict[str, Test] = {
        "position": lambda index: index in table.placed,
        "camera": lambda index: table.camera[index] >= 0,
        "time": lambda index: table.times[index] != "",
    }
    return lambda index: any(tests[value](index) for value in term.values)


def _copies(asked: Asked, term: Term) -> Test:
    """Copies besides the one: a picture without a copy has none."""
    numbers = [int(value) for value in term.values]

    def test(index: int) -> bool:
        copies = asked.copies[asked.table.leaders[index]] - 1
        if term.operator == ":":
            return copies in numbers
        return copies > numbers[0] if term.operator == ">" else copies < numbers[0]

    return test


def _linked(asked: Asked, term: Term) -> Test:
    marks = term.values or (asked.here,)
    linked = frozenset[str]().union(*(asked.linked_to(mark[:MARK_LENGTH]) for mark in marks))
    return _of_member(asked, linked.__contains__)


def _mark(asked: Asked, term: Term) -> Test:
    return _of_member(asked, lambda one: one.startswith(term.values))


def _of_member(asked: Asked, test: Callable[[str], bool]) -> Test:
    return lambda index: test(asked.series.members[index])


TESTS: dict[str, Callable[[Asked, Term], Test]] = {
    "camera": _camera,
    "day": _day,
    "time": _time,
    "kind": _kind,
    "source": _source,
    "path": _path,
    "has": _has,
    "copies": _copies,
    "linked": _linked,
    "mark": _mark,
    "seen": lambda asked, _term: _of_member(asked, asked.seen.__contains__),
    "unseen": lambda asked, _term: _of_member(asked, lambda one: one not in asked.seen),
    "settled": lambda asked, _term: _of_member(asked, asked.settled.__contains__),
}


def _folded(values: Sequence[str]) -> list[str]:
    return [value.casefold() for value in values]


def _holds(text: str, wanted: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(one in folded for one in wanted)


def _in_spans(stated: str, spans: Sequence[str]) -> bool:
    """Whether a day or time lies in one of the spans; an end that is shorter means all that begins so."""
    return any(_in_span(stated, span) for span in spans)


def _in_span(stated: str, span: str) -> bool:
    if span == NONE or not stated:
        return span == NONE and not stated
    first, dots, last = span.partition("..")
    if not dots:
        return stated.startswith(first)
    return (not first or stated >= first) and (not last or stated[: len(last)] <= last)
