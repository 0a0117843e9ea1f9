"""Questions whose answer by a person settles where several media belong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from foureyes.engine.model.series import Link


class QuestionKind(StrEnum):
    """What is asked."""

    JOINT = "joint"
    """Inside a series: some media hang on the rest by one link, or by a few weak ones. Do they belong?"""
    BETWEEN = "between"
    """Between a series and another, or a media of none: linked, but not enough to join. Do they belong?

    Or between two media of none: `series` is empty then.
    """


@dataclass(frozen=True, slots=True)
class Question:
    """Whether two groups of media belong together, by the pair of media that speaks most for it."""

    kind: QuestionKind
    a: str
    """SHA-256 of the media that stands for `few`."""
    b: str
    """SHA-256 of the media that stands for the others."""
    links: tuple[Link, ...]
    """Of that pair, the strongest first."""
    strength: float
    """Of all reasons of that pair together, log10."""
    pairs: int
    """Linked pairs between the two groups, this one the strongest: 1 where all hangs on one link."""
    few: tuple[str, ...]
    """The smaller group: what an answer settles. Rising."""
    others: int
    """Media in the other group."""
    series: str
    """Id of the series of `b`; empty where neither media is in one."""
    home: str | None
    """Id of the series of `a`: the same for a joint; None where it is in none."""
    uncertainty: float
    """Bits that an answer gives, 0 to 1."""
    change: float = 0.5
    """How likely an answer changes what stands, 0 to 1: that a joint parts, or that two groups join."""

    @property
    def key(self) -> str:
        """Names the question in addresses: marks of its pair."""
        return f"{self.a[:16]}-{self.b[:16]}"

    @property
    def settles(self) -> float:
        """How much of a series all media of both groups would gain together (B-cubed), in media.

        Each of the one group gains the share that the other one is of both: a picture that joins a thousand
        gains a whole series, and they next to nothing.
        """
        return 2 * len(self.few) * self.others / (len(self.few) + self.others)

    @property
    def worth(self) -> float:
        """What an answer is worth: what it settles, times how likely it changes anything."""
        return self.settles * self.change
