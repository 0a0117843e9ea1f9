"""How fast one picture is found among N, how large the index is, and what a new batch costs.

    python bench/search.py [--rows N] [--new N] [--questions N] [--no-orientations] [--folder DIR] [--json F]

Fingerprints are uniform random bits, a hundredth of them edits of others. The index is built as an ingest of
N rows would leave it: one run. Times are wall times of one process; a question of eight orientations uses two
threads. `--new` rows are joined with all N and then with each other: once only upright (looked up), once in
all eight orientations of either side. Answers to some questions are compared with a scan of all rows.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes import __version__
from foureyes.engine.matching.index import Index
from foureyes.engine.matching.index.cutting import PERMUTATION_SEED, permuted, plan
from foureyes.engine.matching.index.joining import look_up
from foureyes.engine.matching.index.manifest import Manifest, write_manifest
from foureyes.engine.matching.index.runs import Members, distinct, write_run

PROVEN = 20
"""Questions whose answers are compared with a scan."""


def main() -> None:
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="foureyes-search-", dir=arguments.folder))
    try:
        result = _measured(folder, arguments)
    finally:
        shutil.rmtree(folder)
    for name, value in result.items():
        print(f"{name:34} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--new", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=2_000)
    parser.add_argument(
        "--no-orientations", action="store_true", help="Leave the eight-fold join of --new out."
    )
    parser.add_argument(
        "--folder", type=Path, help="Where the index is written; a temporary folder if left out."
    )
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _measured(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    rng = np.random.default_rng(32)
    began, cpu = time.perf_counter(), time.process_time()
    _build(folder, arguments.rows, rng)
    built, built_cpu = time.perf_counter() - began, time.process_time() - cpu
    building_peak = _peak()
    index = Index.open(folder, workers=2)
    began = time.perf_counter()
    index.warm()
    warmed = time.perf_counter() - began
    run = index._runs[0]  # noqa: SLF001 - to see how it looks up
    how = plan(run._widths, len(run.words), 31) if run._widths else None  # noqa: SLF001 - as above
    questions = _questions(index, arguments.questions, rng)
    _prove(index, questions[:PROVEN])
    hash_ms = _times(index, [one[0] for one in questions])
    eight_ms = _times(index, questions)
    result: dict[str, Any] = {
        "machine": f"{_processor()}, Python {platform.python_version()}, foureyes {__version__}",
        "rows": arguments.rows,
        "build seconds (wall, CPU)": (round(built, 1), round(built_cpu, 1)),
        "peak while building, MB": building_peak,
        "disk, bytes": index.manifest.size,
        "disk, bytes a row": round(index.manifest.size / arguments.rows, 1),
        "probes of one hash": 0 if how is None else len(how.masks),
        "warming, seconds": round(warmed, 2),
        "resident after all questions, MB": _resident(),
        "one hash, ms (wall p50, p99, CPU)": hash_ms,
        "eight orientations, ms (the same)": eight_ms,
        "radius 63, one hash, ms (the same)": _times(index, [one[0] for one in questions[:50]], 63),
    }
    return result | _batch(index, arguments, rng)


def _build(folder: Path, rows: int, rng: np.random.Generator) -> None:
    """One run of so many rows, as merging leaves it."""
    words = rng.integers(0, 2**64, (rows, 4), dtype=np.uint64)
    edits = rng.integers(0, rows, rows // 100)
    words[edits] = words[rng.integers(0, rows, len(edits))] ^ _few_bits(len(edits), rng)
    members = Members(
        np.arange(rows, dtype=np.uint32),
        rng.integers(0, 2**64, (rows, 4), dtype=np.uint64).view(np.uint8).reshape(-1, 32),
        np.zeros(rows, np.float32),
    )
    written = write_run(folder / "run-00000001", distinct(words, members))
    write_manifest(folder, Manifest(("pdq", 1), 31, watermark=rows, next_file=2, runs=(written,)))


def _few_bits(count: int, rng: np.random.Generator) -> NDArray[np.uint64]:
    """Words with about 16 of 256 bits set."""
    bits = rng.random((count, 256), dtype=np.float32) < 1 / 16
    return np.packbits(bits, axis=1).view(np.uint64)


def _questions(index: Index, count: int, rng: np.random.Generator) -> list[NDArray[np.uint8]]:
    """Half of them edits of what is held, each with seven strangers for its other orientations."""
    words = rng.integers(0, 2**64, (count, 8, 4), dtype=np.uint64)
    held_words = index._runs[0].words  # noqa: SLF001 - what it holds
    chosen = rng.integers(0, len(held_words), count // 2)
    words[: count // 2, 0] = held_words[chosen] ^ _few_bits(count // 2, rng)
    return list(_plain(words.reshape(-1, 4)).reshape(count, 8, 32))


def _plain(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """What `permuted` makes these words of."""
    order = np.argsort(np.random.default_rng(PERMUTATION_SEED).permutation(256))
    bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8).reshape(-1, 32), axis=1)
    return np.packbits(bits[:, order], axis=1)


def _prove(index: Index, questions: list[NDArray[np.uint8]]) -> None:
    """Answers must be those of comparing all."""
    words = index._runs[0].words  # noqa: SLF001 - what it holds
    for question in questions:
        asked = permuted(question)
        nearest = np.full(len(words), 256, np.uint16)
        for one in asked:
            nearest = np.minimum(nearest, np.bitwise_count(words ^ one).sum(axis=1, dtype=np.uint16))
        expected = int((nearest <= 31).sum())
        found = len(index.search(question).number)
        if found != expected:
            raise SystemExit(f"found {found} of {expected}")


def _times(index: Index, questions: list[NDArray[np.uint8]], radius: int = 31) -> tuple[float, ...]:
    """Milliseconds: wall p50, wall p99, CPU p50, CPU p99. On a busy machine only the CPU time tells."""
    index.search(questions[0], radius)
    took = []
    for question in questions:
        began, cpu = time.perf_counter(), time.process_time()
        index.search(question, radius)
        took.append((time.perf_counter() - began, time.process_time() - cpu))
    wall, used = np.array(took).T * 1e3
    return tuple(round(float(np.percentile(one, share)), 2) for one in (wall, used) for share in (50, 99))


def _batch(index: Index, arguments: argparse.Namespace, rng: np.random.Generator) -> dict[str, Any]:
    """New rows joined with all: upright by looking up, and in all orientations as an update does it."""
    count = arguments.new
    values = rng.integers(0, 256, (count, 256), dtype=np.uint8)
    began, cpu = time.perf_counter(), time.process_time()
    look_up(index._runs[0], permuted(values[:, :32].copy()), 31, 2)  # noqa: SLF001 - one step of an update
    result: dict[str, Any] = {
        f"{count:,} new, upright, seconds (wall, CPU)": (
            round(time.perf_counter() - began, 1),
            round(time.process_time() - cpu, 1),
        )
    }
    if arguments.no_orientations:
        return result
    held = rng.integers(0, 256, (1 << 16, 256), dtype=np.uint8)

    def earlier(first: int, last: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        rows = np.resize(held, (last - first, 256))
        rows[:, :8] ^= np.arange(first, last).astype(np.uint64).view(np.uint8).reshape(-1, 8)
        return rows, np.full(last - first, 90)

    began, cpu = time.perf_counter(), time.process_time()
    owners = np.zeros((count, 32), np.uint8)
    index.update(values, np.full(count, 90), owners, np.zeros(count), earlier=earlier, keep=False)
    result[f"{count:,} new, all orientations, seconds (wall, CPU)"] = (
        round(time.perf_counter() - began, 1),
        round(time.process_time() - cpu, 1),
    )
    return result


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _resident() -> int:
    """Megabytes of this process in memory now, mapped files included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1024**2)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    main()
