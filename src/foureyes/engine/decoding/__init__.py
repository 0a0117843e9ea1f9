"""Hostile bytes to pixels, frames and facts, in caged workers. It must not know sources or databases."""

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.decoder import Decoder
from foureyes.engine.decoding.sniff import HEAD_BYTES, sniff

__all__ = ["HEAD_BYTES", "ContentType", "Decoder", "Family", "sniff"]
