"""Builds `samples/` from the development data: `python tools/make_samples.py DATA_DIR`.

DATA_DIR is the folder with the development set's `manifest.csv`. Every sample is one line of the plan in
`sample_plan.py`; what was done to it, its source and licence come out in `samples/README.md`, what belongs
together in `samples/truth.json`. The same data and libraries give the same files. Nothing else is read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from struct import pack
from zlib import compress, crc32

import av
from PIL import Image, ImageOps
from sample_plan import AUTHORS, CASE_NUMBER, CLIPS, EDITS, LICENCES, MADE, PICTURES, STILLS, ZIPPED

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
LONGER_SIDE = 900
QUALITY = 80
BOMB_BYTES = 96 * 1024 * 1024
_JPEG_HEAD = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01"
EPOCH = (2026, 1, 1, 0, 0, 0)
INDEX_FIRST = {"movflags": "faststart"}  # FFmpeg opens the file anew for it, so it needs a name
ORIENTATION = 0x0112
GPS_BLOCK, LATITUDE, LONGITUDE_REF = 0x8825, 2, 3


class Builder:
    """Writes files, and keeps what the README and the truth need."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with (data / "manifest.csv").open(newline="", encoding="utf-8") as rows:
            self.rows = {row["path"]: row for row in csv.DictReader(rows)}
        self.provenance: list[tuple[str, str, str, str, str]] = []
        self.series: defaultdict[str, list[str]] = defaultdict(list)
        self.copies: list[tuple[str, str]] = []
        self.unrelated: list[str] = []

    def write(self, path: str, content: bytes, source: str, change: str) -> None:
        """One file of ours made from one of the development set; "" where it is made from nothing."""
        target = SAMPLES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.provenance.append((path, *self.origin(source), change))

    def origin(self, source: str) -> tuple[str, str, str]:
        """Source, author and licence of a file of the development set."""
        if not source:
            return ("made by `tools/make_samples.py`", "the Foureyes engineers", "CC0-1.0")
        row = self.rows[source]
        project = row["source"].split("/")[0]
        if project not in LICENCES:
            sys.exit(f"{source}: no licence that samples may have")
        return (f"{AUTHORS[project][0]}: `{row['source']}`", AUTHORS[project][1], LICENCES[project])

    def belongs(self, series: str, path: str) -> None:
        """Note the truth about one path."""
        if series:
            self.series[series].append(path)
        else:
            self.unrelated.append(path)


def jpeg(picture: Image.Image, quality: int = QUALITY, exif: bytes = b"") -> bytes:
    """The picture as a JPEG."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def smaller(path: Path, side: int = LONGER_SIDE) -> tuple[Image.Image, bytes]:
    """The picture with its longer side at most `side`, and its EXIF block as it was, byte by byte."""
    with Image.open(path) as picture:
        picture.load()
        exif = picture.info.get("exif", b"")
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        return picture.copy(), exif


def take_picture(builder: Builder, path: str, source: str, series: str) -> None:
    """One picture, reduced with its EXIF kept, or as it was where it is small or not a JPEG."""
    original = builder.data / source
    if original.suffix.lower() in (".jpg", ".jpeg"):
        picture, exif = smaller(original)
        change = f"reduced to {LONGER_SIDE} px, JPEG quality {QUALITY}, EXIF kept"
        builder.write(path, jpeg(picture, exif=exif), source, change)
    else:
        builder.write(path, original.read_bytes(), source, "none")
    builder.belongs(series, path)


def _turned(upright: Image.Image) -> bytes:
    """Stored lying on its side, with the EXIF tag that says how to stand it up."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return jpeg(upright.transpose(Image.Transpose.ROTATE_90), exif=exif.tobytes())


def _webp(upright: Image.Image) -> bytes:
    out = io.BytesIO()
    upright.convert("RGB").save(out, "WEBP", quality=50)
    return out.getvalue()


EDITORS: dict[str, tuple[Callable[[Image.Image], bytes], str]] = {
    "recompressed": (lambda p: jpeg(p, 30), "JPEG quality 30, EXIF dropped"),
    "half": (lambda p: jpeg(p.resize((p.width // 2, p.height // 2))), "half the size, EXIF dropped"),
    "rotated": (lambda p: jpeg(p.transpose(Image.Transpose.ROTATE_90)), "turned by 90 degrees, EXIF dropped"),
    "mirrored": (lambda p: jpeg(ImageOps.mirror(p)), "mirrored, EXIF dropped"),
    "exif-turned": (_turned, "stored turned with EXIF orientation 6, other EXIF dropped"),
    "webp": (_webp, "as WebP quality 50, EXIF dropped"),
}


def make_edits(builder: Builder) -> None:
    """Edited copies of samples, and what they are copies of."""
    source_of = {path: source for path, source, _ in PICTURES}
    series_of = {path: series for path, _, series in PICTURES}
    for path, original, editor in EDITS:
        with Image.open(SAMPLES / original) as picture:
            upright = ImageOps.exif_transpose(picture)
        edit, change = EDITORS[editor]
        builder.write(path, edit(upright), source_of[original], f"copy of `{original}`: {change}")
        builder.copies.append((original, path))
        builder.belongs(series_of[original], path)


def make_clips(builder: Builder) -> None:
    """Clips cut and re-encoded, and stills of their sources."""
    for path, source, series, seconds, side in CLIPS:
        clip = cut_clip(builder.data / source, seconds, side)
        builder.write(path, clip, source, f"first {seconds:g} s, longer side {side}, H.264, no sound")
        builder.belongs(series, path)
    for path, source, series, at_seconds, mirror in STILLS:
        still = still_of(builder.data / source, at_seconds)
        change = f"frame at {at_seconds:g} s as JPEG" + (", mirrored" if mirror else "")
        builder.write(path, jpeg(ImageOps.mirror(still) if mirror else still), source, change)
        builder.belongs(series, path)


def cut_clip(source: Path, seconds: float, side: int) -> bytes:
    """The first seconds of a film as a small MP4 without sound."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "clip.mp4"
        with av.open(str(source)) as film, av.open(str(target), "w", options=INDEX_FIRST) as clip:
            pictures = film.streams.video[0]
            scale = side / max(pictures.width, pictures.height)
            stream = clip.add_stream("libx264", rate=30, options={"crf": "30", "preset": "slow"})
            stream.width, stream.height = (
                2 * round(n * scale / 2) for n in (pictures.width, pictures.height)
            )
            stream.pix_fmt = "yuv420p"
            for number, frame in enumerate(film.decode(pictures)):
                if frame.time >= seconds:
                    break
                small = frame.reformat(stream.width, stream.height, "yuv420p")
                small.pts, small.time_base = number, Fraction(1, 30)
                clip.mux(stream.encode(small))
            clip.mux(stream.encode(None))
        return target.read_bytes()


def still_of(source: Path, at_seconds: float) -> Image.Image:
    """The frame shown at a time."""
    with av.open(str(source)) as film:
        return next(frame for frame in film.decode(video=0) if frame.time >= at_seconds).to_image()


def make_places(builder: Builder) -> None:
    """Two positions that are wrong: the sign of the longitude turned, and a latitude that is none."""
    path, source, series = next(row for row in PICTURES if row[0].endswith("harbour.jpg"))
    picture, block = smaller(builder.data / source)
    exif = Image.Exif()
    exif.load(block)
    places = exif.get_ifd(GPS_BLOCK)
    for name, tag, value, change in (
        ("wrong-sign.jpg", LONGITUDE_REF, "W", "longitude W instead of E"),
        ("no-such-place.jpg", LATITUDE, (95.0, 8.0, 48.14), "latitude 95 degrees, which is not on earth"),
    ):
        turned = ImageOps.flip(picture) if tag == LATITUDE else picture.crop((0, 60, 640, 386))
        right, places[tag] = places[tag], value
        exif[GPS_BLOCK] = places
        text = f"part of or flipped, {change}; else as `{path}`"
        builder.write(f"odd/{name}", jpeg(turned, exif=exif.tobytes()), source, text)
        builder.belongs(series, f"odd/{name}")
        places[tag] = right


def zip_of(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with fixed times, so that it is the same every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=9) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, method)
    return out.getvalue()


def make_archive(builder: Builder) -> None:
    """A backup with pictures inside, one of them in an archive within the archive."""
    path = "phone/backup.zip"
    outer: list[tuple[str, bytes]] = [("readme.txt", b"Backup of a phone\n")]
    inner: list[tuple[str, bytes]] = []
    for name, source, series, nested in ZIPPED:
        picture, exif = smaller(builder.data / source)
        (inner if nested else outer).append((name, jpeg(picture, exif=exif)))
        builder.belongs(series, f"{path}!/{'older.zip!/' if nested else ''}{name}")
    outer.append(("older.zip", zip_of(inner)))
    sources = ", ".join(f"`{name}` from `{source}`" for name, source, _, _ in ZIPPED)
    change = f"a zip of reduced pictures (EXIF kept) and a zip within it: {sources}"
    builder.write(path, zip_of(outer), ZIPPED[0][1], change)


def make_case(builder: Builder) -> None:
    """A VICS 2.0 case that names samples in its own folder, and one file that is missing."""
    media = []
    for number, (path, _, series) in enumerate((row for row in PICTURES if row[0].startswith("case/")), 1):
        media.append(_case_record(number, (SAMPLES / path).read_bytes(), path.removeprefix("case/"), series))
    media.append(_case_record(len(media) + 1, b"not there", "Files/missing.jpg", ""))
    case = {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
        "value": [
            {
                "CaseID": "{00000000-0000-4000-8000-000000000001}",
                "CaseNumber": CASE_NUMBER,
                "ContactOrganization": "Foureyes demo",
                "SourceApplicationName": "make_samples",
                "SourceApplicationVersion": "1",
                "TotalMediaFiles": len(media),
                "TotalPrecategorized": 0,
                "Media": media,
            }
        ],
    }
    builder.write("case/case.json", json.dumps(case, indent=1).encode(), "", "VICS 2.0 case of `case/Files`")


def _case_record(number: int, content: bytes, path: str, series: str) -> dict[str, object]:
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest().upper()
    name = path.rpartition("/")[2]
    windows_path = path.replace("/", "\\")
    return {
        "MediaID": number,
        "Category": None,
        "MD5": md5,
        "SHA1": hashlib.sha1(content, usedforsecurity=False).hexdigest().upper(),
        "MediaSize": len(content),
        "MimeType": "image/jpeg",
        "RelativeFilePath": windows_path,
        "DateUpdated": "2026-01-02T03:04:05.0000Z",
        "VictimIdentified": "false",
        "OffenderIdentified": "false",
        "IsDistributed": "false",
        "Series": series,
        "Tags": "demo",
        "MediaFiles": [
            {
                "MD5": md5,
                "FileName": name,
                "FilePath": f"DCIM\\{name}",
                "Created": "2026-01-01T00:00:00.0000000Z",
                "Unallocated": "false",
                "SourceID": "SRC1",
            }
        ],
    }


def make_hostile(builder: Builder) -> None:
    """Broken and hostile files, each small and each of our own making or of a sample cut short."""
    picture = (SAMPLES / PICTURES[0][0]).read_bytes()
    clip = (SAMPLES / CLIPS[0][0]).read_bytes()
    contents: dict[str, tuple[bytes, str]] = {
        "truncated.jpg": (picture[: len(picture) * 2 // 3], PICTURES[0][1]),
        "truncated.mp4": (clip[: len(clip) * 2 // 3], CLIPS[0][1]),
        "empty.jpg": (b"", ""),
        "letter.jpg": (b"This is a text whose name says that it is a picture.\n", ""),
        "junk.heic": (pack(">I4s4sI4s", 20, b"ftyp", b"heic", 0, b"mif1") + bytes(range(256)) * 8, ""),
        "flood.png": (_flood(), ""),
        "bomb.zip": (zip_of([("DCIM/big.jpg", _JPEG_HEAD + bytes(BOMB_BYTES))], zipfile.ZIP_BZIP2), ""),
        "escape.zip": (zip_of([("../../escaped.jpg", _JPEG_HEAD)]), ""),
        "playlist.mp4": (b"#EXTM3U\n#EXTINF:1.0,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n", ""),
    }
    for name, (content, source) in contents.items():
        builder.write(f"odd/{name}", content, source, MADE[name])
        if source:
            builder.belongs(next(row[2] for row in (*PICTURES, *CLIPS) if row[1] == source), f"odd/{name}")


def _flood() -> bytes:
    """A PNG that declares 60,000 x 60,000 pixels and holds a handful of bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return pack(">I", len(content)) + kind + content + pack(">I", crc32(kind + content))

    header = pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, content)
        for kind, content in ((b"IHDR", header), (b"IDAT", compress(bytes(4096))), (b"IEND", b""))
    )


def write_readme(builder: Builder) -> None:
    """The provenance table."""
    rows = [
        f"| `{path}` | {source} | {author} | {licence} | {change} |"
        for path, source, author, licence, change in sorted(builder.provenance)
    ]
    text = (SAMPLES.parent / "tools" / "samples_readme.md").read_text(encoding="utf-8")
    (SAMPLES / "README.md").write_text(text + "\n".join(rows) + "\n", encoding="utf-8")


def write_truth(builder: Builder) -> None:
    """What belongs together, for tests and for the demo's own account of itself."""
    truth = {
        "series": {name: sorted(paths) for name, paths in sorted(builder.series.items())},
        "copies": sorted(builder.copies),
        "unrelated": sorted(builder.unrelated),
        "odd": sorted(path for path, *_ in builder.provenance if path.startswith("odd/")),
    }
    (SAMPLES / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Build everything anew."""
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/make_samples.py DATA_DIR   (the folder with manifest.csv)")
    builder = Builder(Path(sys.argv[1]))
    shutil.rmtree(SAMPLES, ignore_errors=True)
    for path, source, series in PICTURES:
        take_picture(builder, path, source, series)
    for step in (make_edits, make_clips, make_places, make_archive, make_case, make_hostile):
        step(builder)
    write_readme(builder)
    write_truth(builder)
    size = sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file())
    print(f"{len(builder.provenance)} samples, {size / 1e6:.1f} MB in {SAMPLES}")


if __name__ == "__main__":
    main()
