"""Near neighbours of scene vectors: how many are found, at what cost, among up to ten millions.

    python bench/scenes.py [--rows 1000000] [--queries 2000] [--folder DIR] [--real WORKSPACE …]
                           [--peer usearch] [--json FILE]

Vectors are drawn like real ones (docs/decisions/0011-near-scenes.md compares the two): around a mean, with a
spectrum that falls as theirs does (eigenvalues as 1 over their number), in scenes of 2 to 40 vectors, of
which some are nearer to their scene than others. They are not turned: whoever looks for main directions finds
the first coordinates, and turning all would change no cosine.

Found are the 12 nearest of other media, of a sample of rows: exactly, then by the index that the engine uses
for so many. With `--folder` the vectors lie in a file there (26 GB for ten millions, removed afterwards), as
the engine keeps those of millions. With `--real` the vectors of workspaces stand in the first rows, turned so
that their mean and their main directions lie where the drawn ones have theirs, and the sample is of them: are
those met that real pictures have among so many strangers? With `--peer usearch` (installed elsewhere) the
same rows go through its HNSW. A program for people: it asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.fingerprints.scene import SCENE
from foureyes.engine.matching.scenes import approximate
from foureyes.engine.matching.scenes.exact import FLOOR, KEPT, Exact, Table
from foureyes.engine.matching.scenes.neighbours import cosines
from foureyes.engine.settings import EngineSettings

WIDTH = 1280
DIRECTIONS = 600
MEAN_COSINE = 0.40
"""Of two unrelated pictures, with the drawing's spread: 0.42 at the median, as real ones have."""
WITHIN_COSINE = 0.74
"""Of two pictures of one series, at the median."""
WITHIN_DEVIATION = 0.08
_BLOCK = 1 << 16


Near = list[dict[int, float]]
"""Of each row of the sample its nearest, with their cosines."""
LEVELS = (FLOOR, 0.7, 0.8)


def main() -> None:
    arguments = asked()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        report = measured(arguments, Path(folder))
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measured(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    began = time.process_time()
    place = folder / "vectors.f16" if arguments.folder else None
    values = drawn(arguments.rows, seed=1, file=place)
    report: dict[str, object] = {"machine": machine(), "rows": len(values)}
    report["drawn"] = told(
        "drawn", {"cpu_seconds": round(time.process_time() - began, 1), **likeness(values)}
    )
    table = Table(values, np.arange(len(values)), np.arange(len(values)))
    among = len(values)
    if arguments.real:
        real = turned(real_vectors(arguments.real))
        among, values[: len(real)] = len(real), real
        report["real"] = told("real", {"vectors": among, **likeness(real)})
    sample = np.sort(np.random.default_rng(2).choice(among, min(among, arguments.queries), replace=False))
    truth, took = exact(table, sample)
    report["exact"] = told("exact", took)
    report["wanted_per_query"] = {
        str(level): round(sum(one >= level for near in truth for one in near.values()) / len(truth), 2)
        for level in LEVELS
    }
    index, about = built(values, folder)
    report["index"] = told("index", about)
    usual = min(approximate.LOOKED_AT, len(values)), approximate.CANDIDATES
    looked_at = sorted({len(values) // part for part in (16, 8, 4, 2, 1)})
    report["search"] = [
        told("search", searched(table, index, sample, truth, (rows, usual[1]))) for rows in looked_at
    ]
    report["fewer_candidates"] = [
        told("search", searched(table, index, sample, truth, (usual[0], usual[1] // part))) for part in (5, 2)
    ]
    if arguments.peer:
        report["peer"] = told("peer", peer(table, sample, truth))
    report["peak_gigabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    return report


def told(what: str, numbers: dict[str, float]) -> dict[str, float]:
    """The same numbers, said at once: ten millions take an hour."""
    print(what, json.dumps(numbers), file=sys.stderr, flush=True)
    return numbers


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, help="vectors in a file there, not in memory")
    parser.add_argument(
        "--real", type=Path, nargs="+", metavar="WORKSPACE", help="whose vectors are mixed in"
    )
    parser.add_argument("--peer", choices=["usearch"])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def drawn(rows: int, seed: int, file: Path | None = None) -> NDArray[np.float16]:
    """Unit vectors in scenes of 2 to 40, with the cosines of real ones within and between scenes.

    A scene lies within 65,536 rows, as what is taken in together does.
    """
    rng = np.random.default_rng(seed)
    made = np.zeros((rows, WIDTH), np.float16) if file is None else _in_file(file, rows)
    spectrum = (np.arange(1, DIRECTIONS + 1) ** -0.5).astype(np.float32)
    spectrum /= np.linalg.norm(spectrum)
    for start in range(0, rows, _BLOCK):
        part = made[start : start + _BLOCK]
        scene = np.repeat(np.arange(len(part)), np.minimum(1 + rng.geometric(0.25, len(part)), 40))
        scene = rng.permutation(scene[: len(part)])
        centres = rng.standard_normal((int(scene.max()) + 1, DIRECTIONS), np.float32)
        within = WITHIN_COSINE + 2**0.5 * WITHIN_DEVIATION * rng.standard_normal((len(part), 1), np.float32)
        shared = np.clip(within - MEAN_COSINE, 0.02, 0.98 - MEAN_COSINE)
        here = (1 - MEAN_COSINE - shared) ** 0.5 * rng.standard_normal((len(part), DIRECTIONS), np.float32)
        here = (here + shared**0.5 * centres[scene]) * spectrum
        length = (MEAN_COSINE + (here * here).sum(axis=1, keepdims=True)) ** 0.5
        part[:, :1], part[:, 1 : DIRECTIONS + 1] = MEAN_COSINE**0.5 / length, here / length
    return made


def _in_file(file: Path, rows: int) -> NDArray[np.float16]:
    with file.open("wb") as stream:
        stream.truncate(rows * WIDTH * 2)
    return np.memmap(file, np.float16, mode="r+", shape=(rows, WIDTH))


def real_vectors(folders: list[Path]) -> NDArray[np.float16]:
    """The vectors of workspaces, each once; those of nothing left out."""
    found = []
    for folder in folders:
        with Catalogue.open(Workspace.open(folder), EngineSettings()) as catalogue:
            found.append(catalogue.fingerprints(SCENE).values.view("<f2"))
    values = np.unique(np.concatenate(found), axis=0)
    return values[(values != 0).any(axis=1)]


def turned(values: NDArray[np.float16]) -> NDArray[np.float16]:
    """Turned so that their mean is the first coordinate, and their main directions are the next."""
    wide = values.astype(np.float64)
    mean = wide.mean(axis=0) / np.linalg.norm(wide.mean(axis=0))
    _, axes = np.linalg.eigh(np.cov((wide - np.outer(wide @ mean, mean)).T))
    turn = np.linalg.qr(np.column_stack([mean, axes[:, :0:-1]]))[0]
    return (wide @ turn).astype(np.float16)


def likeness(values: NDArray[np.float16]) -> dict[str, float]:
    """Cosines of pairs drawn at random."""
    rng = np.random.default_rng(3)
    found = cosines(values, *rng.integers(0, len(values), (2, 20_000)))
    return {
        f"cosine_at_{share}": round(float(np.quantile(found, share)), 3) for share in (0.05, 0.5, 0.95, 0.999)
    }


def exact(table: Table, sample: NDArray[np.int64]) -> tuple[Near, dict[str, float]]:
    """The KEPT nearest of each row of the sample, and what finding them took."""
    active, never = np.ones(len(table.values), bool), np.full(len(table.values), 2.0, np.float32)
    search = Exact(table)
    began = time.process_time()
    step = search.at_once
    near = [search(sample[start : start + step], active, never) for start in range(0, len(sample), step)]
    took = time.process_time() - began
    rows, others = (np.concatenate(part) for part in zip(*near, strict=True))
    return nearest(table, sample, rows, others), {"cpu_ms_per_query": round(1000 * took / len(sample), 3)}


def nearest(
    table: Table, sample: NDArray[np.int64], rows: NDArray[np.int64], others: NDArray[np.int64]
) -> Near:
    near = cosines(table.values, rows, others)
    found = []
    order = np.lexsort((-near, rows))
    rows, others, near = rows[order], others[order], near[order]
    for row in sample:
        here = slice(*np.searchsorted(rows, [row, row + 1]))
        close = near[here] >= FLOOR
        pairs = zip(others[here][close].tolist(), near[here][close].tolist(), strict=True)
        found.append(dict(list(dict(pairs).items())[:KEPT]))
    return found


def built(values: NDArray[np.float16], folder: Path) -> tuple[Any, dict[str, float]]:
    import faiss  # noqa: PLC0415 -- only here

    faiss.omp_set_num_threads(1)
    wall, cpu, held = time.perf_counter(), time.process_time(), anonymous_gigabytes()
    index = approximate.trained(values)
    trained = time.process_time() - cpu
    approximate.fill(index, values)
    numbers = {
        "training_cpu_seconds": round(trained, 1),
        "adding_cpu_seconds": round(time.process_time() - cpu - trained, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "gigabytes_in_memory": round(anonymous_gigabytes() - held, 2),
        "lists": faiss.downcast_index(index.index).nlist,
    }
    faiss.write_index(index, str(folder / "index"))
    return index, {**numbers, "bytes_per_vector": round((folder / "index").stat().st_size / len(values), 1)}


def anonymous_gigabytes() -> float:
    """Memory that the process holds, files that it reads left out."""
    stated = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in stated.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) / 2**20


def searched(
    table: Table, index: Any, sample: NDArray[np.int64], truth: Near, looked_at: tuple[int, int]
) -> dict[str, float]:
    """`looked_at`: rows compared by their directions, and in full."""
    approximate.LOOKED_AT, approximate.CANDIDATES = looked_at
    search = approximate.Approximate(table, index)
    active, never = np.ones(len(table.values), bool), np.full(len(table.values), 2.0, np.float32)
    began, wall = time.process_time(), time.perf_counter()
    near = [
        search(sample[start : start + search.at_once], active, never)
        for start in range(0, len(sample), search.at_once)
    ]
    proposed = time.process_time() - began
    rows, others = (np.concatenate(part) for part in zip(*near, strict=True))
    found = nearest(table, sample, rows, others)
    took = time.process_time() - began
    return {
        "looked_at": looked_at[0],
        "candidates": looked_at[1],
        "cpu_ms_per_query": round(1000 * took / len(sample), 3),
        "of_it_proposing": round(1000 * proposed / len(sample), 3),
        "wall_ms_per_query": round(1000 * (time.perf_counter() - wall) / len(sample), 3),
        "millions_searched_per_cpu_second": round(len(table.values) * len(sample) / took / 1e6, 1),
        **recall(found, truth),
    }


def recall(found: Near, truth: Near) -> dict[str, float]:
    """Share of the true nearest that were found, of those that reach each cosine."""
    shares = {}
    for level in LEVELS:
        wanted = [{row for row, cosine in near.items() if cosine >= level} for near in truth]
        held = sum(len(one & two.keys()) for one, two in zip(wanted, found, strict=True))
        shares[f"recall_from_{level}"] = round(held / max(sum(map(len, wanted)), 1), 4)
    return shares


def peer(table: Table, sample: NDArray[np.int64], truth: Near) -> dict[str, float]:
    """USearch's HNSW on the same vectors, with its own defaults, in half precision."""
    from usearch.index import Index  # type: ignore[import-not-found]  # noqa: PLC0415 -- elsewhere

    cpu = time.process_time()
    index = Index(ndim=WIDTH, metric="ip", dtype="f16")
    index.add(np.arange(len(table.values)), table.values, threads=1)
    added = time.process_time() - cpu
    cpu = time.process_time()
    keys = np.asarray(index.search(table.values[sample], approximate.CANDIDATES, threads=1).keys)
    took = time.process_time() - cpu
    rows = np.repeat(sample, keys.shape[1])
    others = keys.reshape(-1).astype(np.int64)
    apart = rows != others
    found = nearest(table, sample, rows[apart], others[apart])
    return {
        "adding_cpu_seconds": round(added, 1),
        "cpu_ms_per_query": round(1000 * took / len(sample), 3),
        "bytes_per_vector": round(index.memory_usage / len(table.values), 1),
        **recall(found, truth),
    }


def machine() -> dict[str, str]:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if "model name" in line
    ]
    return {
        "processor": names[0] if names else platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "faiss-cpu")},
    }


if __name__ == "__main__":
    main()
