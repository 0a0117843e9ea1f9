"""What the API says of findings, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

HandlingCode = Annotated[str, Field(pattern="^H[0-3]$", description="Who may do what with it.")]
On = Annotated[
    str,
    Field(
        pattern=r"^(series:S-[0-9A-Z]{8}|media:[0-9a-f]{16,64}|(region|decision|note|request):[0-9]{1,12})$",
        description="What it is about: `series:S-BLUEROOM`, `media:<mark>`, `region:7`, `note:12`, ...",
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Short = Annotated[str, Field(max_length=2_000)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class FindingOut(Schema):
    """What every finding has."""

    id: int
    series: str
    """Empty where it is about a media."""
    media: str
    """Empty where it is about a series."""
    officer: str
    unit: str
    at: datetime
    handling_code: str
    version: int


class RegionOut(FindingOut):
    """A clue on a picture; the box is in millionths of its width and height."""

    clue: str
    name: str
    tells: str
    speaks_for: list[str]
    speaks_against: list[str]
    left: int
    top: int
    width: int
    height: int
    points: list[list[int]]
    from_ms: int | None
    to_ms: int | None


class NoteOut(FindingOut):
    """A note; replies are read in the pages."""

    text: str
    replies: int


class TaskOut(FindingOut):
    """Something to do."""

    text: str
    to: str
    """A user name, a unit, or empty."""
    done_at: datetime | None


class RequestOut(FindingOut):
    """A request for a second pair of eyes."""

    text: str
    words: str
    closed_at: datetime | None


class AssessedOut(Schema):
    """A country of an assessment."""

    country: str
    certainty: str
    share: float | None
    """Per cent, where one was given."""


class AssessmentOut(FindingOut):
    """What an officer concluded; it counts once a second one confirmed it."""

    countries: list[AssessedOut]
    source: str
    information: str
    reasoning: str
    confirmed_at: datetime | None


class FoundOut(Schema):
    """What was found, as far as the program reads it: the newest 500 of each kind."""

    regions: list[RegionOut]
    notes: list[NoteOut]
    tasks: list[TaskOut]
    requests: list[RequestOut]
    assessments: list[AssessmentOut]


class NoteIn(Schema):
    """A note, or a reply to one (`on` is `note:12`)."""

    on: On
    text: Text
    handling_code: HandlingCode = "H1"


class TaskIn(Schema):
    """Something to do."""

    on: On
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    to: Annotated[str, Field(max_length=60)] = ""
    """A user name, `unit:<number>`, or empty."""


class RequestIn(Schema):
    """A question to those who know."""

    on: On
    text: Text
    words: Annotated[str, Field(max_length=300)] = ""
    """Languages and skills, with commas."""
    to: Annotated[str, Field(max_length=300)] = ""
    """User names, with commas."""
    handling_code: HandlingCode = "H1"


class RegionIn(Schema):
    """A box on a picture with the clue that is seen there."""

    clue: Annotated[
        str,
        Field(
            pattern="^(object|text|sound|place|person-mark|clothing|socket|product|view-from-window|other)$"
        ),
    ]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    tells: Short = ""
    speaks_for: Annotated[list[Country], Field(max_length=30, default_factory=list)]
    speaks_against: Annotated[list[Country], Field(max_length=30, default_factory=list)]
    left: Annotated[float, Field(ge=0, le=1)]
    """The box as shares of width and height."""
    top: Annotated[float, Field(ge=0, le=1)]
    width: Annotated[float, Field(gt=0, le=1)]
    height: Annotated[float, Field(gt=0, le=1)]
    handling_code: HandlingCode = "H1"
