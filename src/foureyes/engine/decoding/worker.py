"""The program inside the cage: one file in, its facts and pixels out.

Runs under `running.cage`: `prepare` before the worker seals itself, `serve` once for each file. Facts leave
first, so that a file whose pixels kill the worker has still told its facts. It never raises for what a file
holds, and never keeps anything of one file for the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from foureyes.engine.decoding import facts, wire
from foureyes.engine.decoding.content import Family
from foureyes.engine.decoding.formats import decoder_of, decoders
from foureyes.engine.decoding.formats.base import CannotDecode, FormatDecoder
from foureyes.engine.decoding.metadata import readers
from foureyes.engine.decoding.metadata.base import MetadataReader
from foureyes.engine.decoding.untrusted import UntrustedInput, opened
from foureyes.engine.model import Decoded, Fact, FactName, Fault, FaultCode, MediaKind, Origin
from foureyes.engine.settings import DecodingSettings

_missing: dict[str, str] = {}
"""Decoders whose library is not installed, with what to install."""

_FACTS_OF_A_READER_AT_MOST = 500


def prepare() -> None:
    """Load every codec and reader while the worker may still open files."""
    for decoder in decoders():
        try:
            decoder.prepare()
        except ImportError as error:
            _missing[decoder.name] = error.name or decoder.name
    readers()


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    """Answer one question in the frames of `wire`."""
    content, settings = wire.question_from_bytes(question)
    kind = MediaKind.VIDEO if content.family is Family.VIDEO else MediaKind.PICTURE
    nothing = Decoded(kind, content.format, 0, 0, ())
    try:
        mapping = opened(untrusted_fd, content)
    except ValueError:
        yield from wire.to_frames(_faulty(nothing, FaultCode.EMPTY, "the file has no bytes"))
        return
    with mapping as untrusted:
        stated = list(_metadata(untrusted))
        if stated:
            yield wire.facts_to_frame(stated)
        decoded = _pixels(untrusted, settings, nothing)
    yield from wire.to_frames(decoded)


def _pixels(untrusted: UntrustedInput, settings: DecodingSettings, nothing: Decoded) -> Decoded:
    """Decode, and turn whatever goes wrong into a fault."""
    decoder = decoder_of(untrusted.content.format)
    if decoder is None:
        return _faulty(nothing, FaultCode.UNSUPPORTED, f"no decoder for {untrusted.content.format}")
    if decoder.name in _missing:
        return _faulty(
            nothing, FaultCode.UNSUPPORTED, f"install {_missing[decoder.name]} to decode this format"
        )
    if untrusted.content.family is Family.PICTURE and not untrusted.whole:
        return _faulty(nothing, FaultCode.TOO_LARGE, "a picture file of more than 512 MiB")
    return _decoded_by(decoder, untrusted, settings, nothing)


def _decoded_by(
    decoder: FormatDecoder, untrusted: UntrustedInput, settings: DecodingSettings, nothing: Decoded
) -> Decoded:
    try:
        decoded = decoder.decode(untrusted, settings)
    except CannotDecode as error:
        return _faulty(nothing, error.code, error.detail)
    except MemoryError:
        return _faulty(nothing, FaultCode.OUT_OF_MEMORY, f"{decoder.name}: more memory than the cage gives")
    except (ImportError, PermissionError) as error:
        return _faulty(nothing, FaultCode.FORBIDDEN, f"{decoder.name}: {type(error).__name__}")
    except Exception as error:  # noqa: BLE001  decoders raise anything; each is a recorded fault
        return _faulty(nothing, FaultCode.DAMAGED, f"{decoder.name}: {type(error).__name__}")
    return replace(decoded, facts=tuple(facts.sound(decoded.facts)))


def _metadata(untrusted: UntrustedInput) -> Iterator[Fact]:
    """Facts of every reader; one that fails costs a METADATA_FAULT, never the picture."""
    if untrusted.content.family is not Family.PICTURE:
        return
    for reader in readers():
        yield from _facts_of(reader, untrusted)


def _facts_of(reader: MetadataReader, untrusted: UntrustedInput) -> Iterator[Fact]:
    try:
        yield from islice(facts.sound(reader.read(untrusted)), _FACTS_OF_A_READER_AT_MOST)
    except Exception as error:  # noqa: BLE001  readers of hostile bytes raise anything; each is a recorded fact
        origins = {origin.value: origin for origin in Origin}
        origin = origins.get(reader.name, Origin.CONTAINER)
        yield Fact(FactName.METADATA_FAULT, f"{reader.name}: {type(error).__name__}", origin)


def _faulty(nothing: Decoded, code: FaultCode, detail: str) -> Decoded:
    return replace(nothing, fault=Fault(code, detail))
