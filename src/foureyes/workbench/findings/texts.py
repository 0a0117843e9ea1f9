"""Text that people write: made fit to be stored, and cut into pieces that a page shows with links.

What cannot be seen (control characters, marks that turn the direction of writing) is shown as an escape,
never obeyed. Links lead to things of this workbench only, made by the server; no text becomes markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from foureyes.workbench.findings.errors import NotDone

TEXT_AT_MOST = 100_000
JOINERS = frozenset("\u200c\u200d\ufe0f")
"""Unseen signs that Persian and Indic scripts and emoji are written with."""
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
THINGS = re.compile(
    r"(?P<series>\bS-[A-Z2-7]{8}(?:-\d{1,6})?\b)"
    r"|(?P<media>\b(?:[0-9a-f]{64}|[0-9a-f]{16})\b)"
    r"|(?<![\w#])(?P<region>\#\d{1,12}\b)"
    r"|(?<![\w@.])(?P<mention>@\w[\w.@+-]*)"
)
NAMED = re.compile(r"(?<![\w@.])@(\w[\w.@+-]{0,59})")
NAMES_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: plain, or the name of something."""

    kind: str
    """`text`, `series`, `media`, `region`, `mention`."""
    text: str
    href: str = ""


def stored(untrusted_text: str, *, at_most: int = TEXT_AT_MOST) -> str:
    """The text as it is kept: lines end with a line feed, and a NUL, which no database keeps, is seen.

    Raises:
        NotDone: it is empty or too long.
    """
    text = untrusted_text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\u2400")
    text = text.encode("utf-8", "replace").decode("utf-8").strip()
    if not text:
        raise NotDone(_("Nothing is written yet."))
    _measure(text, at_most)
    return text


def line(untrusted_text: str, *, at_most: int) -> str:
    """One line of printable text, perhaps empty.

    Raises:
        NotDone: it is too long.
    """
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in untrusted_text).split())
    _measure(text, at_most)
    return text


def seen(text: str) -> str:
    """The text with what cannot be seen shown as an escape."""
    return "".join(sign if _is_seen(sign) else sign.encode("unicode_escape").decode() for sign in text)


def pieces(text: str) -> Iterator[Piece]:
    """The text in pieces, as a page shows it: names of things with where they lead."""
    last = 0
    for found in THINGS.finditer(text):
        if found.start() > last:
            yield Piece("text", seen(text[last : found.start()]))
        kind, name = str(found.lastgroup), found[0]
        yield Piece(kind, name, _address(kind, name))
        last = found.end()
    if last < len(text):
        yield Piece("text", seen(text[last:]))


def names_in(text: str) -> list[str]:
    """What may be user names in a text, each also without the full stop that ends a sentence."""
    found = dict.fromkeys(match[1] for match in NAMED.finditer(text))
    return list(found)[:NAMES_AT_MOST]


def readings(name: str) -> list[str]:
    """The user names that a mention may mean, the longest first: `otto.` may be `otto` and a full stop."""
    shorter = [name]
    while shorter[-1][-1:] in ".@+-" and len(shorter[-1]) > 1:
        shorter.append(shorter[-1][:-1])
    return shorter


def _measure(text: str, at_most: int) -> None:
    if len(text) > at_most:
        said = _(
            "This has %(count)d characters; at most %(most)d are kept. Nothing was saved, nothing is lost."
        )
        raise NotDone(said % {"count": len(text), "most": at_most})


def _is_seen(sign: str) -> bool:
    return sign in "\n\t" or sign in JOINERS or unicodedata.category(sign) not in HIDDEN


def _address(kind: str, name: str) -> str:
    if kind == "series":
        return reverse("series:page", args=[name])
    if kind == "media":
        return reverse("library:media", args=[name[:16]])
    if kind == "region":
        return reverse("findings:region", args=[int(name[1:])])
    return ""
