"""What a file or its source says about itself, as typed facts that keep where they came from.

A fact is a claim, not a truth: two origins may disagree, and both are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Who says so."""

    EXIF = "exif"
    MAKER_NOTE = "maker-note"
    XMP = "xmp"
    IPTC = "iptc"
    JPEG = "jpeg"
    ICC = "icc"
    C2PA = "c2pa"
    CONTAINER = "container"
    SOURCE = "source"
    """Stated by the source beside the file, a VICS record say."""


class FactName(StrEnum):
    """What is said. Units and forms stand beside each name; text values are at most 1,000 characters."""

    CAMERA_MAKER = "camera-maker"
    CAMERA_MODEL = "camera-model"
    BODY_SERIAL = "body-serial"
    LENS_MODEL = "lens-model"
    LENS_SERIAL = "lens-serial"
    FIRMWARE = "firmware"
    SOFTWARE = "software"
    OWNER = "owner"
    ARTIST = "artist"
    COPYRIGHT = "copyright"
    DESCRIPTION = "description"
    KEYWORD = "keyword"
    PLACE_NAME = "place-name"
    IMAGE_ID = "image-id"
    """ImageUniqueID, XMP document and instance identifiers."""
    FILE_NUMBER = "file-number"
    """The camera's own running number of the picture (int)."""
    CAPTURED_AT = "captured-at"
    """ISO 8601 local time, `2026-11-22T17:38:00` with `.ffffff` and `+hh:mm` only where stated."""
    CHANGED_AT = "changed-at"
    """The same form: last written by a program."""
    GPS_TIME = "gps-time"
    """ISO 8601 in UTC, ends in `Z`."""
    LATITUDE = "latitude"
    """Degrees north, float, -90 to 90. Only ever together with LONGITUDE from the same origin."""
    LONGITUDE = "longitude"
    """Degrees east, float, -180 to 180."""
    ALTITUDE = "altitude"
    """Metres above sea level, float."""
    GPS_ERROR = "gps-error"
    """Horizontal error, metres, float."""
    GPS_REJECTED = "gps-rejected"
    """Why a stated position is not a place on earth; the position itself is then not given."""
    ORIENTATION = "orientation"
    """EXIF orientation as stated, int 1 to 8; pixels are already upright."""
    STATED_SIZE = "stated-size"
    """Width x height that the camera wrote beside the picture, as stored: `3008x2000`."""
    EXPOSURE = "exposure"
    """Text such as `1/60 s f/2.8 ISO 400 35 mm`."""
    QUANTISATION = "quantisation"
    """First 16 hex digits of the SHA-256 of the JPEG quantisation tables in file order."""
    JPEG_LAYOUT = "jpeg-layout"
    """Marker order, sampling and size of embedded thumbnail, as text."""
    COLOUR_PROFILE = "colour-profile"
    CONTENT_CREDENTIALS = "content-credentials"
    """A C2PA manifest is present (its label); its claims are not checked."""
    DURATION = "duration"
    """Seconds, float."""
    FRAME_RATE = "frame-rate"
    """Frames a second, float."""
    VIDEO_CODEC = "video-codec"
    AUDIO_CODEC = "audio-codec"
    CONTAINER = "container"
    ENCODER = "encoder"
    FRAME_COUNT = "frame-count"
    METADATA_FAULT = "metadata-fault"
    """A block of metadata that could not be read, and why."""
    CATEGORY = "category"
    """Raw category code as the source states it (VICS), int."""
    SERIES_NAME = "series-name"
    """Series as the source names it (VICS)."""
    TAG = "tag"
    COMMENT = "comment"
    CASE_NUMBER = "case-number"
    STATED_MD5 = "stated-md5"
    STATED_SHA1 = "stated-sha1"
    PHOTODNA = "photodna"
    """Stored and exchanged, never computed, never matched."""
    VICTIM_IDENTIFIED = "victim-identified"
    OFFENDER_IDENTIFIED = "offender-identified"
    DISTRIBUTED = "distributed"


FactValue = str | int | float


@dataclass(frozen=True, slots=True)
class Fact:
    """One claim: name, value (text, int or float as the name says) and origin."""

    name: FactName
    value: FactValue
    origin: Origin
