"""Near neighbours of scene vectors: how many are found, at what cost, among up to millions.

    python bench/scenes.py [--rows 1000000] [--queries 2000] [--peer usearch] [--json FILE]

Vectors are drawn like real ones: around a mean, with a spectrum that falls as theirs does (eigenvalues as
1 over their number), in scenes of 1 to 40 vectors with the cosines that real ones have within and between.
Found are the 12 nearest of other media, of a sample of rows: exactly, then by the index that the engine uses
for so many. With `--peer usearch` (installed elsewhere) the same rows go through its HNSW. A program for
people: it asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.scenes import approximate
from foureyes.engine.matching.scenes.exact import FLOOR, KEPT, Exact, Table
from foureyes.engine.matching.scenes.neighbours import cosines

WIDTH = 1280
DIRECTIONS = 400
MEAN_COSINE = 0.45
"""Of two unrelated pictures of the development set, at the median."""
WITHIN_COSINE = 0.74
"""Of two pictures of one series."""


Near = list[dict[int, float]]
"""Of each row of the sample its nearest, with their cosines."""
LEVELS = (FLOOR, 0.7, 0.8)


def main() -> None:
    arguments = asked()
    began = time.process_time()
    values = drawn(arguments.rows, seed=1)
    report: dict[str, object] = {"machine": machine(), "rows": len(values)}
    report["drawn"] = {"cpu_seconds": round(time.process_time() - began, 1), **likeness(values)}
    table = Table(values, np.arange(len(values)), np.arange(len(values)))
    sample = np.sort(np.random.default_rng(2).choice(len(values), arguments.queries, replace=False))
    truth, report["exact"] = exact(table, sample)
    index, report["index"] = built(values)
    report["search"] = [searched(table, index, sample, truth, probed) for probed in (32, 128, 256, 512)]
    if arguments.peer:
        report["peer"] = peer(table, sample, truth)
    report["wanted_per_query"] = {
        str(level): round(sum(one >= level for near in truth for one in near.values()) / len(truth), 2)
        for level in LEVELS
    }
    report["peak_gigabytes"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--peer", choices=["usearch"])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def drawn(rows: int, seed: int) -> NDArray[np.float16]:
    """Unit vectors in scenes of 1 to 40, with the cosines of real ones within and between scenes."""
    rng = np.random.default_rng(seed)
    sizes = np.minimum(1 + rng.geometric(0.25, rows), 40)
    scene = np.repeat(np.arange(rows), sizes)[:rows]
    rng.shuffle(scene)
    spectrum = np.arange(1, DIRECTIONS + 1) ** -0.5
    spectrum /= np.linalg.norm(spectrum)
    axes = np.linalg.qr(rng.standard_normal((WIDTH, DIRECTIONS + 1)))[0].T.astype(np.float32)
    own, shared = (1 - WITHIN_COSINE) ** 0.5, (WITHIN_COSINE - MEAN_COSINE) ** 0.5
    centres = rng.standard_normal((int(scene.max()) + 1, DIRECTIONS), np.float32) * spectrum
    made = np.empty((rows, WIDTH), np.float16)
    for start in range(0, rows, 1 << 15):
        part = slice(start, start + (1 << 15))
        noise = rng.standard_normal((len(scene[part]), DIRECTIONS), np.float32) * spectrum
        here = (shared * centres[scene[part]] + own * noise) @ axes[1:] + MEAN_COSINE**0.5 * axes[0]
        made[part] = here / np.linalg.norm(here, axis=1, keepdims=True)
    return made


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
    near = [search(sample[start : start + 512], active, never) for start in range(0, len(sample), 512)]
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


def built(values: NDArray[np.float16]) -> tuple[Any, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    index = approximate.trained(values)
    trained = time.process_time() - cpu
    approximate.fill(index, values)
    import faiss  # noqa: PLC0415 -- only here

    size = len(faiss.serialize_index(index))
    return index, {
        "training_cpu_seconds": round(trained, 1),
        "adding_cpu_seconds": round(time.process_time() - cpu - trained, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "bytes_per_vector": round(size / len(values), 1),
        "lists": faiss.downcast_index(index.index).nlist,
    }


def searched(
    table: Table, index: Any, sample: NDArray[np.int64], truth: Near, probed: int
) -> dict[str, float]:
    approximate.PROBED = probed
    search = approximate.Approximate(table, index)
    active, never = np.ones(len(table.values), bool), np.full(len(table.values), 2.0, np.float32)
    began = time.process_time()
    near = [search(sample[start : start + 512], active, never) for start in range(0, len(sample), 512)]
    rows, others = (np.concatenate(part) for part in zip(*near, strict=True))
    found = nearest(table, sample, rows, others)
    took = time.process_time() - began
    return {"probed": probed, "cpu_ms_per_query": round(1000 * took / len(sample), 3), **recall(found, truth)}


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
