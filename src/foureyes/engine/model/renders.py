"""What is rendered for viewing, as stages hand it on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FilmOutline:
    """What a film is, without having been decoded whole."""

    seconds: float
    rate: float
    """Frames a second, as stated or usual."""
    width: int
    height: int
    """Upright, of the film itself."""
    sound: bool
