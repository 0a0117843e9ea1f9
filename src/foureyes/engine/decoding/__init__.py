"""Hostile bytes to pixels, frames and facts, in caged workers. It must not know sources or databases."""

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.decoder import Decoder
from foureyes.engine.decoding.render_wire import TILE, Band, Pixels, Size, level_sizes
from foureyes.engine.decoding.renderer import CannotRender, FilmPart, Renderer
from foureyes.engine.decoding.sniff import HEAD_BYTES, sniff

__all__ = [
    "HEAD_BYTES",
    "TILE",
    "Band",
    "CannotRender",
    "ContentType",
    "Decoder",
    "Family",
    "FilmPart",
    "Pixels",
    "Renderer",
    "Size",
    "level_sizes",
    "sniff",
]
