"""What goes over the API, field by field. Names and meanings are those of the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

SeriesId = Annotated[
    str, Field(pattern=r"^S-[0-9A-Z]{8}$", description="Id of a series, such as S-BLUEROOM.")
]
Mark = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{16,64}$", description="SHA-256 of a media, or its first 16 or more digits."),
]
Reason = Annotated[str, Field(min_length=1, max_length=2000, description="Why; others will rely on it.")]
Limit = Annotated[int, Field(ge=1, le=500)]


class EditionOut(Schema):
    """An edition that is open and in which the program has a seat."""

    id: int
    name: str
    opens: date
    closes: date
    handling_code: str


class EditionsOut(Schema):
    """All of them."""

    items: list[EditionOut]


class SeriesOut(Schema):
    """One series as a list shows it."""

    id: str
    name: str
    named_by_person: bool
    size: int
    reasons: dict[str, int]
    """Links inside it by kind."""


class SeriesListOut(Schema):
    """A page of series."""

    items: list[SeriesOut]
    next: str | None
    """Give it as `cursor` for the page after this; null at the end."""


class CountryOut(Schema):
    """A country that a series may be of."""

    country: str
    status: str
    """suspected or confirmed."""


class StandingOut(Schema):
    """Where a series stands in the work of the taskforce."""

    series: str
    state: str
    next_step: str
    taken_by: str | None
    countries: list[CountryOut]
    version: int
    """Give it back with a change: who changes what they have not seen is refused."""


class StateIn(Schema):
    """A state to move a series to."""

    state: Annotated[
        str, Field(pattern="^(prepared|taken|under-analysis|located|referred|identified|closed)$")
    ]
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Of the standing that the program saw."""


class MemberOut(Schema):
    """One media of a series."""

    sha256: str
    kind: str | None
    """image or video; null where it could not be decoded."""
    format: str
    width: int
    height: int
    duration_seconds: float | None


class MembersOut(Schema):
    """A page of members."""

    items: list[MemberOut]
    next: str | None


class LinkOut(Schema):
    """A stated reason that two media belong together."""

    a: str
    b: str
    kind: str
    strength: float
    """log10 of the likelihood ratio."""
    evidence: str


class LinksOut(Schema):
    """A page of links."""

    items: list[LinkOut]
    next: str | None


class HopOut(Schema):
    """One step from one media to the other."""

    a: str
    b: str
    links: list[LinkOut]
    decisions: list[int]


class WhyOut(Schema):
    """Why two media are together, or what is nearest to linking them."""

    a: str
    b: str
    together: bool
    sentence: str
    hops: list[HopOut]


class FactOut(Schema):
    """Something known of a media, and who says so."""

    origin: str
    name: str
    value: str


class MediaOut(MemberOut):
    """One media with its facts."""

    series: str | None
    facts: list[FactOut]
    set_aside: bool
    """A hash list sets it aside: pages do not show it unasked."""


class DecisionOut(Schema):
    """A person's ruling."""

    id: int
    kind: str
    series: list[str]
    media: list[str]
    officer: str
    at: datetime
    reason: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None
    held: bool
    """Recorded, and not in force before the catalogue can be written to again."""


class DecisionsOut(Schema):
    """A page of decisions, the newest first."""

    items: list[DecisionOut]
    next: int | None


class DecisionIn(Schema):
    """A ruling to make."""

    kind: Annotated[str, Field(pattern="^(belongs|does-not-belong|split|merge)$")]
    media: Annotated[list[Mark], Field(max_length=5000, default_factory=list)]
    """Members it is about; none for a merge."""
    other: Annotated[str, Field(pattern=r"^(S-[0-9A-Z]{8})?$")] = ""
    """The series to merge with."""
    reason: Reason


class WaitsOut(Schema):
    """What was asked takes effect once a second pair of eyes confirms it in the pages."""

    proposal: int
    detail: str


class NameIn(Schema):
    """A name for a series."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class NameOut(Schema):
    """The name that stands now."""

    name: str


class WithdrawalIn(Schema):
    """Why a decision is taken back."""

    reason: Reason


class SearchIn(Schema):
    """A hash to look for: PDQ or SHA-256 (64 hex digits), SHA-1 (40), MD5 (32)."""

    hash: Annotated[str, Field(min_length=1, max_length=200)]
    radius: Annotated[int, Field(ge=0, le=63)] = 31
    """Bits of 256 that may differ."""


class PictureIn(Schema):
    """What goes with a picture that is looked for."""

    radius: Annotated[int, Field(ge=0, le=63)] = 31
    """Bits of 256 that may differ."""


class HitOut(Schema):
    """A media that is the same picture."""

    sha256: str
    distance_bits: int
    same_file: bool
    series: str | None


class AnswerOut(Schema):
    """What is held of the same picture."""

    items: list[HitOut]
    """The nearest, 100 at most."""
    found: int
    set_aside: int
    entry: int
    """Number of the entry in the record."""
    notes: list[str]


class ChangeOut(Schema):
    """What changed, summed by series and kind."""

    series: str | None
    kind: str
    said: str
    count: int
    at: datetime
    media: str | None
    """The media, where it is one alone."""


class ChangesOut(Schema):
    """What changed."""

    items: list[ChangeOut]
    last: int
    """Give it as `after` the next time."""
