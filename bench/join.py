"""The join of fingerprints: CPU, wall, memory, pairs and growth, beside FAISS on the same rows.

    python bench/join.py [--rows 1000000,4000000] [--model uniform|real|both] [--peers] [--json FILE]
                         [--data FOLDER | --fit FILE] [--peer-python PATH]

Each size runs in a process of its own, so that its peak memory is its own, rows included. Uniform rows are
joined by `near_pairs`; real ones (see real_bits.py) by `near_families`, for their popular pictures make
squares of pairs. Kernels are compiled before the clock starts. `--peers` adds FAISS, one thread:
`IndexBinaryFlat` and `IndexBinaryMultiHash` (16 x 16 bits, 1 flip, exact for radius 31) answer a share of
the rows as range queries, and their CPU for all rows is extrapolated from that share, half of it for the
flat one, for a self-join compares each pair once. FAISS lives in an environment of its own: that of
`--peer-python`, or one made for this run with pip.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import venv
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import real_bits
from numpy.typing import NDArray

from foureyes.engine.matching import near_families, near_pairs

RADIUS = 31
FAISS = "faiss-cpu==1.15.1"
FLAT_QUERIES = 2_000_000_000
"""Compares that the flat index makes, in queries times rows: some ten seconds."""
MULTI_QUERIES = 500
MULTI_MOST_ROWS = 4_000_000
"""MultiHash takes about 0.35 GB more a million rows."""


def main() -> None:
    asked = arguments()
    if asked.one:
        print(json.dumps(measured(asked.model, asked.one, asked.threads, asked.fit, asked.keep)))
        return
    sizes = [int(float(size)) for size in asked.rows.split(",")]
    models = ["uniform", "real"] if asked.model == "both" else [asked.model]
    with tempfile.TemporaryDirectory(prefix="foureyes-bench-") as folder:
        fit = fit_of(asked, Path(folder)) if "real" in models else None
        peer = peer_python(asked, Path(folder)) if asked.peers else None
        report = {"machine": machine(), "radius": RADIUS, "runs": []}
        for model in models:
            for size in sizes:
                run = in_a_process(asked, model, size, fit, peer, Path(folder))
                show(run)
                report["runs"].append(run)
        report["growth"] = {model: growth(report["runs"], model) for model in models}
        report["real / uniform"] = beside(report["runs"])
    for name in ("growth", "real / uniform"):
        print(name, json.dumps(report[name]))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", default="1000000,4000000", help="sizes, with commas between")
    parser.add_argument("--model", choices=("uniform", "real", "both"), default="uniform")
    parser.add_argument("--threads", type=int, help="by default all cores")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-python", type=Path, help="a Python that has faiss and numpy")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--fit", type=Path, help="a fit that real_bits.py saved")
    parser.add_argument("--json", type=Path, help="write the same numbers here")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def in_a_process(
    asked: argparse.Namespace, model: str, size: int, fit: Path | None, peer: Path | None, folder: Path
) -> dict[str, Any]:
    """One size, measured in a fresh process, and its peers in processes of theirs."""
    kept = folder / "rows.npy"
    command = [sys.executable, __file__, "--one", str(size), "--model", model]
    command += ["--threads", str(asked.threads)] if asked.threads else []
    command += ["--fit", str(fit)] if fit else []
    command += ["--keep", str(kept)] if peer else []
    run = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if peer:
        run["peers"] = peers(peer, kept, size, run)
        kept.unlink()
    return run


def measured(model: str, size: int, threads: int | None, fit: Path, keep: Path | None) -> dict[str, Any]:
    logging.basicConfig(level=logging.WARNING)
    rows = uniform(size, 1) if model == "uniform" else real_bits.rows(real_bits.load(fit), size, 1)
    join = near_pairs if model == "uniform" else near_families
    join(uniform(40_000, 2), radius=RADIUS)
    wall, cpu = time.perf_counter(), time.process_time()
    found = join(rows, radius=RADIUS, threads=threads)
    run = {
        "model": model,
        "rows": size,
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "threads": threads or len(os.sched_getaffinity(0)),
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6 * 1.024,
    }
    pairs = found if model == "uniform" else found.pairs
    run["pairs"] = len(pairs.a)
    if model == "real":
        run |= {
            "distinct": len(found.equal),
            "families": len(found.representative),
            "in_families": len(found.member),
        }
    if keep:
        np.save(keep, rows)
    return run


def uniform(size: int, seed: int) -> NDArray[np.uint8]:
    """Random rows with one pair in ten thousand planted within the radius, so that something is found."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2**64, (size, 4), dtype=np.uint64).view(np.uint8)
    for at in range(0, size - 5_000, 10_000):
        bits = np.zeros(256, np.uint8)
        bits[rng.choice(256, rng.integers(1, RADIUS + 1), replace=False)] = 1
        rows[at + 5_000] = rows[at] ^ np.packbits(bits)
    return rows


PEER = """
import json, sys, time
import faiss, numpy as np
path, kind, queries, radius = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
faiss.omp_set_num_threads(1)
rows = np.load(path)
index = faiss.IndexBinaryFlat(256) if kind == "flat" else faiss.IndexBinaryMultiHash(256, 16, 16)
began = time.process_time()
index.add(rows)
built = time.process_time() - began
if kind != "flat":
    index.nflip = 1
chosen = np.linspace(0, len(rows) - 1, queries).astype(np.int64)
began = time.process_time()
limits, distances, found = index.range_search(rows[chosen], radius + 1)
spent = time.process_time() - began
own = np.repeat(chosen, np.diff(limits.astype(np.int64)))
pairs = sorted(zip(own.tolist(), found.tolist()))
print(json.dumps({"version": faiss.__version__, "queries": queries, "build_cpu_seconds": built,
                  "query_cpu_seconds": spent, "found": sum(a != b for a, b in pairs)}))
"""


def peers(python: Path, rows: Path, size: int, run: dict[str, Any]) -> dict[str, Any]:
    """CPU of FAISS for all rows, extrapolated from a share of them, and how often ours goes into it."""
    asked = {"flat": min(size, max(16, FLAT_QUERIES // size))}
    if size <= MULTI_MOST_ROWS:
        asked["multi"] = min(size, MULTI_QUERIES)
    result = {}
    for kind, queries in asked.items():
        command = [python, "-c", PEER, rows, kind, str(queries), str(RADIUS)]
        peer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        whole = peer["query_cpu_seconds"] * size / queries
        peer["cpu_seconds_extrapolated"] = peer["build_cpu_seconds"] + (
            whole / 2 if kind == "flat" else whole
        )
        peer["peer / ours"] = peer["cpu_seconds_extrapolated"] / run["cpu_seconds"]
        result[kind] = peer
    return result


def peer_python(asked: argparse.Namespace, folder: Path) -> Path:
    if asked.peer_python:
        return asked.peer_python
    home = folder / "peer"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", FAISS, "numpy"], check=True)
    return python


def fit_of(asked: argparse.Namespace, folder: Path) -> Path:
    if asked.fit:
        return asked.fit
    if not asked.data.is_dir():
        sys.exit(f"There is no {asked.data}: say where pictures are with --data FOLDER, or give --fit FILE.")
    fit = real_bits.fitted(asked.data)
    real_bits.show(fit)
    real_bits.save(fit, folder / "fit.npz")
    return folder / "fit.npz"


def growth(runs: list[dict[str, Any]], model: str) -> float | None:
    """Exponent of CPU over rows, fitted to all sizes."""
    own = [run for run in runs if run["model"] == model]
    if len(own) < 2:
        return None
    return float(np.polyfit(*(np.log([run[key] for run in own]) for key in ("rows", "cpu_seconds")), 1)[0])


def beside(runs: list[dict[str, Any]]) -> dict[int, float]:
    """CPU on real rows over that on uniform ones, by size."""
    cpu = {(run["model"], run["rows"]): run["cpu_seconds"] for run in runs}
    return {
        rows: cpu["real", rows] / cpu["uniform", rows]
        for model, rows in cpu
        if model == "uniform" and ("real", rows) in cpu
    }


def machine() -> dict[str, str]:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba")},
    }


def show(run: dict[str, Any]) -> None:
    print(
        f"{run['model']:8}{run['rows']:12,} rows  {run['cpu_seconds']:8.1f} CPU s  "
        f"{run['wall_seconds']:8.1f} s wall  {run['peak_gigabytes']:5.2f} GB  {run['pairs']:,} pairs",
        flush=True,
    )
    if "families" in run:
        print(
            f"        {run['distinct']:,} distinct, "
            f"{run['in_families']:,} of them in {run['families']:,} families"
        )
    for kind, peer in run.get("peers", {}).items():
        print(
            f"        faiss {kind:6}{peer['cpu_seconds_extrapolated']:12,.0f} CPU s, extrapolated from "
            f"{peer['queries']:,} of {run['rows']:,} queries: {peer['peer / ours']:,.0f} times ours",
            flush=True,
        )


if __name__ == "__main__":
    main()
