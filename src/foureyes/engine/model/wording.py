"""How a number of things is said in notes and reports: one of them is one, not several."""

from __future__ import annotations


def counted(number: int, word: str, words: str | None = None) -> str:
    """A number with its word: `1 record`, `2 records`; or with what else depends on it: `1 pair was`."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"
