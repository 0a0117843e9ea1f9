"""The query box of the grid: what may be written in it, and what is wrong with what was written.

    camera:nikon kind:video day:2019-07-03..2019-07-05 -has:position copies>2

Words stand between blanks and must all be true of a media; a `-` before one turns it round; commas give
choices; quotes hold blanks together. This module reads and writes queries and knows no media.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

LONGEST = 400
KINDS = ("picture", "video", "undecoded")
HAVING = ("position", "camera", "time")
FLAGS = ("seen", "unseen", "linked", "settled")
"""Words that stand alone."""
NONE = "none"
NUMBER = re.compile(r"[0-9]{1,6}")
DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
CLOCK = re.compile(r"[0-9]{2}(:[0-9]{2})?")
MARK = re.compile(r"[0-9a-f]{1,64}")
SHAPE = re.compile(r"(?P<field>[a-z]+)(?P<operator>[:<>])(?P<values>.*)", re.DOTALL)
WORD = re.compile(r'(?:"[^"]*"|[^\s"])+')


class NotUnderstood(Exception):
    """What was written is no query; the message says why, in words for people."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query."""

    field: str
    operator: str = ""
    """`:` is or holds, `<` fewer, `>` more; empty for a word that stands alone."""
    values: tuple[str, ...] = ()
    """Any of them; spans are `first..last`, either end may be missing."""
    negated: bool = False


Query = tuple[Term, ...]


def parse(untrusted_text: str) -> Query:
    """The query that a text is; an empty one selects nothing.

    Raises:
        NotUnderstood: it is none.
    """
    text = untrusted_text.strip()
    if len(text) > LONGEST:
        raise NotUnderstood(_("A query has at most %(most)s characters.") % {"most": LONGEST})
    if text.count('"') % 2:
        raise NotUnderstood(_("A quotation mark is not closed."))
    return tuple(_term(word) for word in WORD.findall(text))


def written(query: Query) -> str:
    """The query as a text that `parse` reads as the same."""
    return " ".join(_written(term) for term in query)


def _written(term: Term) -> str:
    values = ",".join(f'"{value}"' if _must_quote(value) else value for value in term.values)
    return f"{'-' if term.negated else ''}{term.field}{term.operator}{values}"


def _must_quote(value: str) -> bool:
    return re.search(r"[\s,]", value) is not None


def _term(word: str) -> Term:
    negated = word.startswith("-")
    bare = word.removeprefix("-")
    if bare.lower() in FLAGS:
        return Term(bare.lower(), negated=negated)
    shape = SHAPE.fullmatch(bare)
    if shape is None or shape["field"] not in FIELDS:
        raise NotUnderstood(
            _("“%(word)s” is no word of a query. There are: %(words)s.")
            % {"word": bare[:40], "words": ", ".join(dict.fromkeys([*FIELDS, *FLAGS]))}
        )
    field, operator, values = shape["field"], shape["operator"], tuple(_values(shape["values"]))
    if operator != ":" and field != "copies":
        raise NotUnderstood(_("Only copies are counted with < and >: write %(field)s:…") % {"field": field})
    if not values or not all(values):
        raise NotUnderstood(_("After “%(field)s%(operator)s” something is missing.") % shape.groupdict())
    for value in values:
        FIELDS[field](value)
    if operator != ":" and len(values) > 1:
        raise NotUnderstood(_("After “%(field)s%(operator)s” stands one number.") % shape.groupdict())
    return Term(field, operator, values, negated)


def _values(text: str) -> Iterator[str]:
    """Choices between commas, quotation marks taken off."""
    value, quoted = "", False
    for sign in text:
        if sign == '"':
            quoted = not quoted
        elif sign == "," and not quoted:
            yield value.strip()
            value = ""
        else:
            value += sign
    yield value.strip()


def _text(value: str) -> None:
    """Any text."""
    del value


def _one_of(choices: tuple[str, ...]) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in choices:
            raise NotUnderstood(
                _("“%(value)s” is none of: %(choices)s.")
                % {"value": value[:40], "choices": ", ".join(choices)}
            )

    return check


def _shaped(shape: re.Pattern[str], example: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if shape.fullmatch(value) is None:
            raise NotUnderstood(
                _("“%(value)s” is not understood: write for example %(example)s.")
                % {"value": value[:40], "example": example}
            )

    return check


def _span(shape: re.Pattern[str], example: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        first, dots, last = value.partition("..")
        ends = [end for end in (first, last) if end]
        if value == NONE:
            return
        if not ends or not all(shape.fullmatch(end) for end in ends):
            raise NotUnderstood(
                _("“%(value)s” is no day or time: write for example %(example)s.")
                % {"value": value[:40], "example": example}
            )
        if dots and first and last and first > last[: len(first)]:
            raise NotUnderstood(_("“%(value)s” ends before it begins.") % {"value": value[:40]})

    return check


FIELDS: dict[str, Callable[[str], None]] = {
    "camera": _text,
    "day": _span(DAY, "day:2019-07-03..2019-07-05"),
    "time": _span(CLOCK, "time:14:00..15:30"),
    "kind": _one_of(KINDS),
    "source": _text,
    "path": _text,
    "has": _one_of(HAVING),
    "copies": _shaped(NUMBER, "copies>2"),
    "linked": _shaped(MARK, "linked:0123abcd"),
    "mark": _shaped(MARK, "mark:0123abcd"),
}
"""Words that take a value, with what checks it."""
