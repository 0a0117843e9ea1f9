"""What a film's container says of itself, as typed facts. Reads names and numbers only, no pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import av.container
import av.stream
import av.video

from foureyes.engine.model import Fact, FactName, FactValue, Origin

TEXT_AT_MOST = 1000

FIRST_YEAR = 1980
"""Earlier times are the zero of some clock (1904, 1970), not of a camera that films into files."""

NORTH_AT_MOST, EAST_AT_MOST = 90.0, 180.0

RATE_AT_MOST = 1000

SIXTY = 60

_TEXT_TAGS: dict[FactName, tuple[str, ...]] = {
    FactName.CAMERA_MAKER: ("com.apple.quicktime.make", "com.android.manufacturer", "make", "maker"),
    FactName.CAMERA_MODEL: ("com.apple.quicktime.model", "com.android.model", "model"),
    FactName.LENS_MODEL: ("com.apple.quicktime.camera.lens_model",),
    FactName.FIRMWARE: ("firmware",),
    FactName.SOFTWARE: ("com.apple.quicktime.software", "software", "com.android.version"),
    FactName.ENCODER: ("encoder", "encoded_by"),
    FactName.ARTIST: ("com.apple.quicktime.author", "artist", "author"),
    FactName.COPYRIGHT: ("com.apple.quicktime.copyright", "copyright"),
    FactName.DESCRIPTION: ("com.apple.quicktime.description", "title", "description", "comment", "synopsis"),
    FactName.KEYWORD: ("com.apple.quicktime.keywords", "keywords"),
    FactName.IMAGE_ID: ("com.apple.quicktime.content.identifier",),
}
"""Names of FFmpeg's metadata keys, lower-case. Every one that is there is a fact: two may disagree."""

_CAPTURED_TAGS = ("com.apple.quicktime.creationdate", "date_recorded")
_POSITION_TAGS = ("com.apple.quicktime.location.iso6709", "location", "location-eng")
_ERROR_TAG = "com.apple.quicktime.location.accuracy.horizontal"
_CHANGED_TAGS = ("modification_date", "wm/encodingtime")
_REWRITTEN_BY = re.compile(r"lavf|handbrake|libmkv|mencoder|virtualdub|imovie|premiere|vegas", re.IGNORECASE)
"""Programs that write a film anew: its creation time is then theirs, not the camera's."""

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d{1,6})?\d*\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_NUMBER = r"([+-]\d+(?:\.\d+)?)"
_ISO6709 = re.compile(rf"{_NUMBER}{_NUMBER}{_NUMBER}?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Observed:
    """What decoding itself found out."""

    orientation: int
    """EXIF orientation, 1 to 8."""
    frame_count: int
    end_seconds: float | None
    """Where the last frame ends; None where not every frame was decoded."""


def facts_of(
    film: av.container.InputContainer, stream: av.video.VideoStream, observed: Observed
) -> Iterator[Fact]:
    """Facts of one open film, in a fixed order."""
    untrusted_tags = _tags(film.metadata, stream.metadata)
    yield from _measures(film, stream, observed)
    yield from _texts(untrusted_tags)
    yield from _times(untrusted_tags)
    yield from position_facts(untrusted_tags)


def has_decoder(stream: av.stream.Stream) -> bool:
    """Whether FFmpeg knows the stream's codec; PyAV's types say that it always does."""
    return getattr(stream, "codec_context", None) is not None


def _fact(name: FactName, value: FactValue) -> Fact:
    return Fact(name, value, Origin.CONTAINER)


def _tags(*untrusted: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for metadata in untrusted:
        for key, value in metadata.items():
            text = _clean(value)
            name = key.lower()
            if text and text not in merged.get(name, ()):
                merged[name] = (*merged.get(name, ()), text)
    return merged


def _clean(untrusted_text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in untrusted_text[: 2 * TEXT_AT_MOST])
    return " ".join(printable.split())[:TEXT_AT_MOST]


def _measures(
    film: av.container.InputContainer, stream: av.video.VideoStream, observed: Observed
) -> Iterator[Fact]:
    yield _fact(FactName.CONTAINER, film.format.name)
    yield _fact(FactName.VIDEO_CODEC, stream.codec_context.name)
    for name in dict.fromkeys(audio.codec_context.name for audio in film.streams.audio if has_decoder(audio)):
        yield _fact(FactName.AUDIO_CODEC, name)
    yield from _lengths(film, stream, observed)
    rate = stream.average_rate or stream.guessed_rate
    if rate and 0 < rate <= RATE_AT_MOST:
        yield _fact(FactName.FRAME_RATE, round(float(rate), 3))
    if observed.orientation != 1:
        yield _fact(FactName.ORIENTATION, observed.orientation)


def _lengths(
    film: av.container.InputContainer, stream: av.video.VideoStream, observed: Observed
) -> Iterator[Fact]:
    stated = film.duration / 1_000_000 if film.duration and film.duration > 0 else None
    seen = observed.end_seconds if observed.frame_count else None
    if stated is not None and seen is not None and abs(stated - seen) > 1 + stated / 5:
        yield _fact(FactName.METADATA_FAULT, f"{stated:.1f} s stated, the pictures last {seen:.1f} s")
        stated = seen
    length = seen if stated is None else stated
    if length is not None:
        yield _fact(FactName.DURATION, round(length, 3))
    count = stream.frames or (observed.frame_count if observed.end_seconds is not None else 0)
    if count > 0:
        yield _fact(FactName.FRAME_COUNT, count)


def _texts(tags: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    for name, keys in _TEXT_TAGS.items():
        for value in dict.fromkeys(value for key in keys for value in tags.get(key, ())):
            yield _fact(name, value)


def _times(tags: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    captured = [stated for key in _CAPTURED_TAGS for stated in tags.get(key, ())]
    changed = [stated for key in _CHANGED_TAGS for stated in tags.get(key, ())]
    rewritten = any(_REWRITTEN_BY.search(v) for key in ("encoder", "software") for v in tags.get(key, ()))
    (changed if rewritten or captured else captured).extend(tags.get("creation_time", ()))
    for name, stated_times in ((FactName.CAPTURED_AT, captured), (FactName.CHANGED_AT, changed)):
        for value in dict.fromkeys(filter(None, map(iso_time, stated_times))):
            yield _fact(name, value)


def iso_time(untrusted_text: str) -> str | None:
    """ISO 8601 with the zone as `+hh:mm` where stated, None where it is no moment a camera could know."""
    found = _TIME.match(untrusted_text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        moment = datetime(  # noqa: DTZ001 - local time as stated; the zone is kept as text
            int(year), int(month), int(day), int(hour), int(minute), int(second)
        )
    except ValueError:
        return None
    if not FIRST_YEAR <= moment.year <= datetime.now(UTC).year + 1:
        return None
    digits = (fraction or "").rstrip("0").rstrip(".")
    return moment.isoformat() + (digits.ljust(7, "0") if digits else "") + _zone(zone)


def _zone(stated: str | None) -> str:
    if stated is None:
        return ""
    if stated == "Z":
        return "+00:00"
    digits = stated[1:].replace(":", "")
    return f"{stated[0]}{digits[:2]}:{digits[2:]}"


def position_facts(tags: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    """Latitude, longitude and altitude of the first stated position, or why it was rejected."""
    stated = next((value for key in _POSITION_TAGS for value in tags.get(key, ())), None)
    if stated is None:
        return
    found = _ISO6709.match(stated)
    if not found:
        yield _fact(FactName.GPS_REJECTED, "position is not in the form of ISO 6709")
        return
    latitude, longitude = _degrees(found[1], 2), _degrees(found[2], 3)
    reason = _not_on_earth(latitude, longitude)
    if reason or latitude is None or longitude is None:
        yield _fact(FactName.GPS_REJECTED, reason or "position is not in degrees")
        return
    yield _fact(FactName.LATITUDE, round(latitude, 7))
    yield _fact(FactName.LONGITUDE, round(longitude, 7))
    if found[3]:
        yield _fact(FactName.ALTITUDE, float(found[3]))
    yield from _position_error(tags)


def _position_error(tags: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    for stated in tags.get(_ERROR_TAG, ()):
        if re.fullmatch(r"\d{1,7}(\.\d+)?", stated, re.ASCII):
            yield _fact(FactName.GPS_ERROR, float(stated))


def _degrees(stated: str, digits: int) -> float | None:
    """Degrees, degrees and minutes, or with seconds too: told apart by the digits before the point."""
    sign = -1 if stated[0] == "-" else 1
    whole, _, fraction = stated[1:].partition(".")
    if len(whole) <= digits:
        return sign * float(stated[1:])
    minutes, seconds = whole[digits : digits + 2], whole[digits + 2 :]
    if len(whole) not in (digits + 2, digits + 4):
        return None
    last = float(f"{seconds or minutes}.{fraction or 0}")
    parts = (int(minutes), last) if seconds else (last, 0.0)
    if max(parts) >= SIXTY:
        return None
    return sign * (int(whole[:digits]) + parts[0] / SIXTY + parts[1] / SIXTY**2)


def _not_on_earth(latitude: float | None, longitude: float | None) -> str | None:
    if latitude is None or longitude is None:
        return "position is not in degrees, minutes and seconds"
    if abs(latitude) > NORTH_AT_MOST or abs(longitude) > EAST_AT_MOST:
        return f"latitude {latitude:.4f}, longitude {longitude:.4f} is not on earth"
    if latitude == 0 and longitude == 0:
        return "latitude 0, longitude 0 is a receiver without a fix"
    return None
