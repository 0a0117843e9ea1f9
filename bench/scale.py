"""What the join costs at sizes that no machine here holds: a fit of `bench/join.py`, and plans from it.

    python bench/join.py --rows 1e6,2e6,4e6,8e6,16e6,32e6 --json join.json
    python bench/scale.py join.json [--price 0.05] [--nodes 8] [--cores 16]

CPU seconds of n rows = n (a + b C(n)): a is what sorting costs a row over all 32 starts, b what a candidate
costs over all of them, C(n) how many candidates a row has from each. C is not measured but follows from the
keys: half of the masks, times rows a key. Prints the tables of docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from foureyes.engine.matching.ring import LONGEST_KEY, RING_BYTES, masks
from foureyes.engine.matching.starts import _ROWS_A_KEY_BITS, _SHORTEST_KEY

RADIUS = 31
SCAN_SECONDS = 6e-9
"""CPU of passing over a row that a piece does not want (measured: an eighth of a start, 1 million rows)."""
RING_BYTES_A_ROW = 32
PREPARING_BYTES = 80
"""A row, while the driver prepares: the row, its ring, two 64-bit numbers of its family (docs/scale.md)."""
SORTED_BYTES = 20
PAIR_BYTES = 10
"""A pair in a piece's file, compressed (docs/scale.md)."""


class Plan(NamedTuple):
    """One size, and how it is to be done."""

    rows: float
    pieces: int
    nodes: int
    cores: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("measured", type=Path, help="what bench/join.py wrote with --json")
    parser.add_argument("--price", type=float, default=0.05, help="of one core for one hour, any currency")
    parser.add_argument("--nodes", type=int, default=8)
    parser.add_argument("--cores", type=int, default=16, help="of each node")
    asked = parser.parse_args()
    runs = [run for run in json.loads(asked.measured.read_text())["runs"] if run["model"] == "uniform"]
    curve(runs)
    a, b = fit(runs)
    print(f"\na = {a * 1e6:.3f} microseconds a row, b = {b * 1e9:.3f} nanoseconds a candidate\n")
    print(
        "| rows | candidates a row | pieces | CPU hours | hours on | a worker | the driver | moved | money |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for plan in (Plan(32e6, 64, 1, 2), Plan(1e8, 192, 1, 2), Plan(1e9, 512, asked.nodes, asked.cores)):
        tell(plan, a, b, asked.price)


def candidates(rows: float) -> float:
    """Rows that each row is compared with from one start, each pair once."""
    bits = min(LONGEST_KEY, max(_SHORTEST_KEY, round(math.log2(rows)) - _ROWS_A_KEY_BITS))
    return float((len(masks(RADIUS, bits, itself=True).value) + 1) / 2 * rows / 2**bits)


def curve(runs: list[dict[str, Any]]) -> None:
    print("| rows | CPU s | wall s, 2 cores | memory GB | pairs |\n|---|---|---|---|---|")
    for run in runs:
        cells = run["rows"], run["cpu_seconds"], run["wall_seconds"], run["peak_gigabytes"], run["pairs"]
        print("| {:,} | {:.1f} | {:.1f} | {:.2f} | {:,} |".format(*cells))


def fit(runs: list[dict[str, Any]]) -> tuple[float, float]:
    """Find a and b by least squares of the relative errors, neither below zero."""
    rows = np.array([run["rows"] for run in runs], float)
    spent = np.array([run["cpu_seconds"] for run in runs], float)
    sides = np.column_stack([rows, rows * [candidates(count) for count in rows]]) / spent[:, None]
    a, b = np.linalg.lstsq(sides, np.ones(len(runs)), rcond=None)[0]
    return max(0.0, float(a)), max(0.0, float(b))


def tell(plan: Plan, a: float, b: float, price: float) -> None:
    each = candidates(plan.rows)
    scanning = max(0, plan.pieces - RING_BYTES) * plan.rows * SCAN_SECONDS
    hours = (plan.rows * (a + b * each) + scanning) / 3600
    parts = max(1, plan.pieces // RING_BYTES)
    worker = plan.rows * SORTED_BYTES / parts
    moved = plan.rows * RING_BYTES_A_ROW * plan.nodes if plan.nodes > 1 else 0.0
    print(
        f"| {plan.rows / 1e6:,.0f} million | {each:,.0f} | {plan.pieces} | {hours:,.2f} "
        f"| {hours / plan.nodes / plan.cores:,.2f} on {plan.nodes} x {plan.cores} cores "
        f"| {worker / 1e9:.1f} GB and {plan.rows * RING_BYTES_A_ROW / 1e9:.1f} GB shared by its node "
        f"| {plan.rows * PREPARING_BYTES / 1e9:.0f} GB "
        f"| {moved / 1e9:,.0f} GB and {PAIR_BYTES} bytes a pair | {hours * price:,.2f} |"
    )


if __name__ == "__main__":
    main()
