"""All that can be set about the engine, handed in as one frozen record.

The engine never reads the environment; the command and the workbench fill this in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CageLimits:
    """What one caged worker may use at most. Bytes, seconds and counts."""

    address_space_bytes: int = 2 * 1024**3
    """RLIMIT_AS of the worker: a memory bomb ends as MemoryError inside it, or as its death."""
    cpu_seconds: float = 60.0
    """CPU time for one file, whatever the wall clock says."""
    wall_seconds: float = 90.0
    """Wall time for one frame of an answer: a worker that says nothing for so long is killed."""
    output_bytes: int = 512 * 1024**2
    """All frames of one answer together."""
    frame_bytes: int = 64 * 1024**2
    """One frame of an answer."""
    files_per_worker: int = 500
    """A worker is replaced after so many files, and after any fault."""


@dataclass(frozen=True, slots=True)
class DecodingSettings:
    """What is asked of the decoders."""

    pixels_at_most: int = 400_000_000
    """Declared width x height above this is a recorded fault (`too-many-pixels`), never decoded."""
    side_pixels: int = 512
    """Decoded pictures come back with their longer side near this: JPEGs from a reduced-size decode."""
    kept_pixels_at_most: int = 4_000_000
    """Pixels of a frame at most, whatever its shape: 12 MB leave the cage."""
    kept_side_at_most: int = 16_384
    frames_at_most: int = 400
    """Frames kept of one video or animation: 400 find every still of the hand-held development clips, 240
    find 84 to 98 % (`docs/families/decoders/video.md`); 315 MB at most, inside the cage's output."""
    frame_seconds: float = 2.0
    """The steady cadence beside scene changes; stretched where the film is long."""


RENDER_CAGE = CageLimits(
    address_space_bytes=4 * 1024**3,
    cpu_seconds=240.0,
    wall_seconds=60.0,
    output_bytes=1024**3,
    files_per_worker=50,
)
"""For rendering: 100 megapixels take about 1 GB while they are turned upright, and a part of a film says now
and then how far it is."""


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How pictures and films are rendered for viewing, and how much of it is kept."""

    pixels_at_most: int = 120_000_000
    """Larger pictures are reduced until they fit: 360 MB of raw pixels and a third more leave the cage."""
    side_at_most: int = 32_768
    film_side: int = 1280
    """Longer side of a rendered film. A frame of it can be had at full size."""
    part_seconds: float = 60.0
    """A film is rendered in parts, so that a long one plays from anywhere without waiting for its end."""
    cache_bytes: int = 20 * 1024**3
    """What was not looked at for the longest time goes first. Tiles take 2.4 to 3.1 times the bytes of a JPEG
    (measured on drawn ones of 12 and 101 megapixels), a minute of film of 1280 x 720 at 30 a second 21 MB."""
    cage: CageLimits = RENDER_CAGE


LAYOUTS = ("nchw", "nhwc", "nhwc-uint8")
"""Orders of a picture's numbers that a network may want; the last takes raw pixels."""


@dataclass(frozen=True, slots=True)
class SceneModel:
    """A network in an ONNX file that makes a vector of a picture (docs/families/fingerprints/networks.md)."""

    path: Path
    sha256: str
    """Of the file, in hexadecimal. A file with another one is never loaded."""
    side: int
    """The network sees side x side pixels; where `squeezed` is off, as many in the picture's own shape."""
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    """Taken off the 0 to 255 of red, green and blue: ImageNet's, as most networks want it."""
    deviation: tuple[float, float, float] = (58.395, 57.12, 57.375)
    """What is left is divided by this."""
    layout: str = "nchw"
    """`nchw` or `nhwc` in float32, or `nhwc-uint8`: raw pixels, mean and deviation then stand idle."""
    squeezed: bool = True
    mirrored: bool = True
    """Average over the picture and its mirror image, so that mirrored copies have one vector. Costs twice."""
    output: str = ""
    """Name of the output that is the vector; needed where the network has several."""
    floor: float = 0.5
    """Cosine of two of its vectors below which pictures are no candidates."""
    likely: float = 0.7
    """From here on a pair is worth verifying though not the nearest: what one stranger in 300 reaches."""


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """Vectors of scenes: which rooms look alike."""

    on: bool = True
    model: SceneModel | None = None
    """None means EfficientNet-Lite0, made from the weights of its package."""
    beside: tuple[SceneModel, ...] = ()
    """Networks that look as well: what any of them finds alike is a candidate."""


@dataclass(frozen=True, slots=True)
class TextSettings:
    """Text that stands in pictures and films, read while they are taken in."""

    on: bool = True
    weights: Path | None = None
    """Folder with the files of both networks; None means those of the installed package."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How far reading goes into what it finds."""

    nesting_at_most: int = 4
    """Archives within archives."""
    member_bytes_at_most: int = 64 * 1024**3
    archive_ratio_at_most: float = 1000.0
    """Unpacked bytes over packed bytes above which an archive is a bomb (after the first 64 MB)."""
    archive_members_at_most: int = 5_000_000
    unit_files: int = 200
    """Files that one task takes in."""
    unit_bytes: int = 256 * 1024**2
    """Bytes after which a task is full; a larger file gets a task of its own."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """All settings of one engine."""

    workers: int = 2
    database_url: str | None = None
    """SQLAlchemy URL of the catalogue; None means SQLite inside the workspace."""
    allow_uncaged: bool = False
    """Decode under resource limits only where the cage cannot be built. Named in every report."""
    keep_originals: bool = False
    """Copy the original of every media into the workspace: a seized drive goes back into the cupboard."""
    cage: CageLimits = field(default_factory=CageLimits)
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    reading: ReadingSettings = field(default_factory=ReadingSettings)
    rendering: RenderSettings = field(default_factory=RenderSettings)
    scenes: SceneSettings = field(default_factory=SceneSettings)
    texts: TextSettings = field(default_factory=TextSettings)
    models: Path | None = None
    """Folder where networks are kept once they are converted; None means that each process converts its own,
    half a second."""
    memory_bytes: int = 64 * 1024**2
    """Members of archives up to this size are held in memory while they are digested and decoded, larger ones
    in an unlinked file. Files on disk are read where they lie: `changed-while-read` if they change."""
