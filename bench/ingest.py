"""What taking in a 12-megapixel photo costs: us, the floor beneath us, and the usual pipeline, in one run.

    python bench/ingest.py --data FOLDER [--photos 24] [--rounds 5] [--json FILE]

The floor reads the file, takes SHA-256, SHA-1 and MD5, and decodes the JPEG once at the size that we use.
The usual pipeline decodes the full picture with Pillow and hashes it with `pdqhash`. Ours is the whole
task of ingestion (`steps.taking_in.take_in`): digests, caged decode, metadata, PDQ in eight orientations,
thumbnail, preview, part file; once without and once with scene vectors. All sides see the same files, in
turns. A program for people: it asserts
nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

import numpy as np
import pdqhash
import simplejpeg
from PIL import Image

from foureyes.engine import reading
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.decoding.formats.pixels import reduction
from foureyes.engine.settings import DecodingSettings, EngineSettings, SceneSettings
from foureyes.engine.steps import taking_in

PHOTO_PIXELS = 12_000_000
SMALLEST_SIDE = 1_200
"""Photos with a longer side below this are not blown up to 12 megapixels."""
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MODULES = ("foureyes", "numpy", "numba", "pillow", "simplejpeg", "pdqhash")


def main() -> None:
    arguments = asked()
    with tempfile.TemporaryDirectory(prefix="foureyes-bench-") as folder:
        photos = make_photos(arguments.data, Path(folder) / "photos", arguments.photos)
        report = {
            "machine": machine(),
            "photos": {"count": len(photos), "megabytes": sum(path.stat().st_size for path in photos) / 1e6},
            "rounds": arguments.rounds,
            "cpu_ms_per_photo": {},
        }
        with (
            Ours(Path(folder) / "workspace", photos[0].parent, scenes=False) as ours,
            Ours(Path(folder) / "with-scenes", photos[0].parent, scenes=True) as seeing,
            Memory() as memory,
        ):
            sides = {
                "floor": lambda: floor(photos),
                "ours": ours.run,
                "with scenes": seeing.run,
                "pillow+pdqhash": lambda: peer(photos),
            }
            report["cpu_ms_per_photo"] = measure(sides, arguments.rounds, len(photos))
            report["peak_memory_mb"] = memory.peak_bytes / 1e6
            hashes = ours.hashes()
        report["pdq"] = bits_apart(photos, hashes)
        report["ratios"] = ratios(report["cpu_ms_per_photo"])
    show(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with photos to make 12 megapixels of"
    )
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the same numbers here")
    return parser.parse_args()


def make_photos(data: Path, folder: Path, wanted: int) -> list[Path]:
    """Real photos as 12-megapixel JPEGs of the kind that cameras write: quality 92, 4:2:0, EXIF kept."""
    folder.mkdir()
    found = sorted(path for path in data.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    usable = [path for path in found if is_large(path)]
    if not usable:
        sys.exit(f"No photo of {SMALLEST_SIDE} pixels or more under {data}.")
    photos = []
    for index in range(min(wanted, len(usable))):
        photos.append(folder / f"photo{index:03}.jpg")
        blow_up(usable[index * len(usable) // min(wanted, len(usable))], photos[-1], seed=index)
    return photos


def is_large(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            return image.format in ("JPEG", "MPO") and max(image.size) >= SMALLEST_SIDE
    except OSError:
        return False


def blow_up(source: Path, target: Path, *, seed: int) -> None:
    """Scale to 12 megapixels; noise of 3 grey levels stands for the sensor's, which scaling took away."""
    with Image.open(source) as image:
        exif, picture = image.getexif(), image.convert("RGB")
    exif.pop(0x0112, None)
    scale = (PHOTO_PIXELS / (picture.width * picture.height)) ** 0.5
    sides = [round(side * scale / 16) * 16 for side in picture.size]
    pixels = np.asarray(picture.resize((sides[0], sides[1]), Image.Resampling.LANCZOS), np.float32)
    noise = np.random.default_rng(seed).normal(0, 3, (*pixels.shape[:2], 1)).astype(np.float32)
    noisy = Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))
    noisy.save(target, "JPEG", quality=92, subsampling="4:2:0", exif=exif)


def floor(photos: list[Path]) -> None:
    for path in photos:
        data = path.read_bytes()
        for name in ("sha256", "sha1", "md5"):
            hashlib.new(name, data, usedforsecurity=False).digest()
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
        scale = min(8, reduction(width, height, DecodingSettings()))
        simplejpeg.decode_jpeg(data, min_width=-(-width // scale), min_height=-(-height // scale))


def peer(photos: list[Path]) -> None:
    for path in photos:
        with Image.open(path) as image:
            pdqhash.compute(np.asarray(image.convert("RGB")))


class Ours:
    """The take-in task as ingestion runs it, on one unit that holds all photos."""

    def __init__(self, workspace: Path, photos: Path, *, scenes: bool) -> None:
        models = workspace.with_name("models")
        self._settings = EngineSettings(scenes=SceneSettings(on=scenes), models=models)
        self._workspace = Workspace.create(workspace)
        with Catalogue.open(self._workspace, self._settings, write=True) as catalogue:
            self._source = catalogue.source("bench", str(photos), "folder")
        self._units = list(reading.plan(photos, self._settings.reading))

    def __enter__(self) -> Self:
        self.run()
        return self

    def __exit__(self, *_: object) -> None:
        for hands in taking_in.Hands._of.values():  # noqa: SLF001 -- a task process ends instead
            hands.decoder.close()

    def run(self) -> None:
        """Take all photos in; nothing is committed, so that every round decodes them anew."""
        for part in self._workspace.parts.glob("*.parquet"):
            part.unlink()
        for index, unit in enumerate(self._units):
            stem = f"bench{index}"
            taking_in.take_in(
                unit, self._source, self._workspace.path, self._settings, stem, again=(), fresh=True
            )

    def hashes(self) -> dict[str, bytes]:
        """Upright PDQ of every photo, by its path."""
        from foureyes.engine.catalogue import read_part  # noqa: PLC0415 -- needed here alone

        items = [item for part in self._workspace.parts.glob("*.parquet") for item in read_part(part)]
        return {item.occurrence.path: item.media.fingerprints[0].value[:32] for item in items if item.media}


def measure(sides: dict[str, Callable[[], None]], rounds: int, photos: int) -> dict[str, dict[str, float]]:
    """CPU milliseconds per photo of each side: median, least and most of the rounds; the peer runs once."""
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(rounds):
        for name, side in sides.items():
            if name == "pillow+pdqhash" and turn:
                continue
            before = cpu_seconds()
            side()
            spent[name].append((cpu_seconds() - before) * 1000 / photos)
    return {
        name: {"median": statistics.median(times), "least": min(times), "most": max(times)}
        for name, times in spent.items()
    }


def ratios(cpu: dict[str, dict[str, float]]) -> dict[str, float]:
    return {
        "ours / floor": cpu["ours"]["median"] / cpu["floor"]["median"],
        "with scenes / ours": cpu["with scenes"]["median"] / cpu["ours"]["median"],
        "pillow+pdqhash / ours": cpu["pillow+pdqhash"]["median"] / cpu["ours"]["median"],
    }


def bits_apart(photos: list[Path], hashes: dict[str, bytes]) -> dict[str, float]:
    """Bits between our PDQ and that of `pdqhash` on the full picture, for quality 50 and above."""
    apart = []
    for path in photos:
        with Image.open(path) as image:
            bits, quality = pdqhash.compute(np.asarray(image.convert("RGB")))
        if quality >= 50:
            reference = int.from_bytes(np.packbits(np.asarray(bits, np.uint8)).tobytes())
            apart.append((reference ^ int.from_bytes(hashes[path.name])).bit_count())
    return {"photos": len(apart), "median_bits": statistics.median(apart), "most_bits": max(apart)}


def cpu_seconds() -> float:
    """CPU time of this process and everything below it, caged workers too, since they started."""
    own = time.process_time()
    return own + sum(fields[0] for process, fields in processes().items() if process != os.getpid())


def processes() -> dict[int, tuple[float, int]]:
    """CPU seconds and resident bytes of this process and of all its descendants."""
    table: dict[int, tuple[int, float, int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                resident = int((folder / "statm").read_text().split()[1]) * PAGE_BYTES
            except OSError:
                continue
            table[int(folder.name)] = (int(stat[1]), sum(map(int, stat[11:15])) * TICK_SECONDS, resident)
    return {process: table[process][1:] for process in below(os.getpid(), table)}


def below(root: int, table: dict[int, tuple[int, float, int]]) -> Iterator[int]:
    yield root
    for process, (parent, *_) in table.items():
        if parent == root:
            yield from below(process, table)


@dataclass
class Memory:
    """Watches the resident memory of the whole process tree. Pages that a fork shares count twice."""

    peak_bytes: int = 0

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak_bytes = max(self.peak_bytes, sum(resident for _, resident in processes().values()))


def machine() -> dict[str, str]:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in MODULES if name != "foureyes"},
    }


def show(report: dict[str, dict[str, float]]) -> None:
    for name, value in report["machine"].items():
        print(f"{name:12} {value}")
    photos = report["photos"]
    print(f"\n{photos['count']} photos, {photos['megabytes'] / photos['count']:.1f} MB each")
    print(f"\n{'CPU ms per photo':18}{'median':>9}{'least':>9}{'most':>9}")
    for name, times in report["cpu_ms_per_photo"].items():
        print(f"{name:18}{times['median']:9.1f}{times['least']:9.1f}{times['most']:9.1f}")
    for name, ratio in report["ratios"].items():
        print(f"\n{name:24}{ratio:8.2f}", end="")
    pdq = report["pdq"]
    print(f"\n\nPDQ against pdqhash on the full picture, {pdq['photos']} photos of quality 50 and above:")
    print(f"median {pdq['median_bits']:g} bits, most {pdq['most_bits']} bits")
    print(f"\npeak resident memory of all processes {report['peak_memory_mb']:.0f} MB, with the bench itself")


if __name__ == "__main__":
    main()
