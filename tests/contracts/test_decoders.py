"""What every format decoder and every metadata reader must hold to; a new member is tested by its listing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engine.decoding import made
from foureyes.engine.decoding import ContentType, Family, wire, worker
from foureyes.engine.decoding.facts import fact_is_sound, sound
from foureyes.engine.decoding.formats import decoder_of, decoders
from foureyes.engine.decoding.formats.base import FormatDecoder
from foureyes.engine.decoding.metadata import readers
from foureyes.engine.decoding.metadata.base import MetadataReader
from foureyes.engine.decoding.untrusted import opened
from foureyes.engine.model import Decoded
from foureyes.engine.settings import DecodingSettings

FORMATS = sorted((name, decoder) for decoder in decoders() for name in decoder.formats)
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    worker.prepare()


def served(data: bytes, content: ContentType) -> Decoded:
    with made.sealed(data) as fd:
        return wire.from_frames(
            worker.serve(fd, wire.question_to_bytes(content, DecodingSettings())), content
        )


@pytest.mark.parametrize("decoder", decoders(), ids=lambda decoder: decoder.name)
def test_a_decoder_names_itself_and_its_formats(decoder: FormatDecoder) -> None:
    assert NAME.fullmatch(decoder.name)
    assert decoder.version >= 1
    assert decoder.formats
    for name in decoder.formats:
        assert NAME.fullmatch(name)
        assert len(name) <= wire.FORMAT_AT_MOST
        assert decoder_of(name) is decoder, "no format belongs to two decoders"


@pytest.mark.parametrize(("name", "decoder"), FORMATS, ids=[name for name, _ in FORMATS])
@pytest.mark.parametrize("kind", ["empty", "zeros", "noise", "text"])
def test_a_decoder_turns_nonsense_into_a_fault(name: str, decoder: FormatDecoder, kind: str) -> None:
    nonsense = {
        "empty": b"",
        "zeros": bytes(3000),
        "noise": np.random.default_rng(len(name)).bytes(3000),
        "text": b"<html>" * 500,
    }[kind]
    family = Family.VIDEO if decoder.name == "video" else Family.PICTURE
    decoded = served(nonsense, ContentType(family, name))
    assert decoded.frames == ()
    assert decoded.fault is not None
    assert decoded.fault.detail


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_a_reader_names_itself(reader: MetadataReader) -> None:
    assert NAME.fullmatch(reader.name)
    assert reader.version >= 1


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_a_reader_says_the_same_twice_and_nothing_unsound(reader: MetadataReader, kind: str) -> None:
    data = made.saved(made.hills(96, 72), kind)
    with made.sealed(data) as fd, opened(fd, ContentType(Family.PICTURE, kind.lower())) as untrusted:
        facts = list(sound(reader.read(untrusted)))
        assert facts == list(sound(reader.read(untrusted)))
    assert all(fact_is_sound(fact) for fact in facts)
