"""What reading and holding a VICS hash set costs: ours in its cage, json and ijson on the same file.

    python bench/lists.py [--records 1000000] [--stage NAME ...] [--file KEPT] [--json FILE]

The list is made up, the same for the same number of records: about 480 bytes each, one in a thousand with
PDQ beside its digests. Each stage runs in a process of its own, so that peaks of memory are its own; CPU time
and memory count every process below it, memory as proportional set size. The peers read what we read: MD5,
SHA-1 and category of each record, without keeping its bytes. A program for people: it asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import ijson
import numpy as np

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.exchange import hash_lists
from foureyes.engine.model import ListKind, NewList
from foureyes.engine.settings import EngineSettings

HEAD = (
    '{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",'
    '"value":['
)
RECORD = (
    '{{"MediaID":{number},"Category":{category},"MD5":"{md5}","SHA1":"{sha1}","MediaSize":{size},'
    '"MimeType":"image/jpeg","DateUpdated":"2025-01-02T03:04:05.0000Z","VictimIdentified":"false",'
    '"OffenderIdentified":"false","IsDistributed":"false","IsPrecategorized":"false","Series":"SYN-{series}",'
    '"Tags":"kitchen, blue wall","Comments":null,"AlternativeHashes":[{other}],"PhotoDNA":null}}'
)
PDQ_ONE_IN = 1000
CHUNK = 100_000


def main() -> None:
    arguments = asked()
    if arguments.alone:
        print(json.dumps(STAGES_ALONE[arguments.alone](arguments.file)))
        return
    with tempfile.TemporaryDirectory(prefix="foureyes-bench-") as folder:
        path = arguments.file or Path(folder) / "list.json"
        if not path.exists():
            make_list(path, arguments.records)
        report = {
            "machine": machine(),
            "list": {"records": arguments.records, "megabytes": path.stat().st_size / 1e6},
            "stages": {name: run_alone(name, path) for name in arguments.stage or STAGES},
        }
    show(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument(
        "--stage", action="append", choices=list(STAGES), help="only this one; may be repeated"
    )
    parser.add_argument("--file", type=Path, help="where the list is made, or lies from an earlier run")
    parser.add_argument("--json", type=Path, help="write the same numbers here")
    parser.add_argument("--alone", choices=list(STAGES), help=argparse.SUPPRESS)
    return parser.parse_args()


def make_list(path: Path, records: int) -> None:
    """Write the list a hundred thousand records at a time."""
    with path.open("w") as file:
        file.write(HEAD)
        for first in range(0, records, CHUNK):
            lines = made_records(first, min(CHUNK, records - first))
            file.write(("," if first else "") + "\n" + ",\n".join(lines))
        file.write("\n]}\n")


def made_records(first: int, count: int) -> Iterator[str]:
    """Records of digests that are random by the place in the list alone."""
    digits = np.random.default_rng(first).bytes(68 * count).hex()
    for index in range(count):
        number, at = first + index, 136 * index
        pdq = f'{{"HashName":"PDQ","HashValue":"{digits[at + 72 : at + 136]}"}}'
        yield RECORD.format(
            number=number,
            category=("null", 0, 1, 2, 3, 5)[number % 6],
            md5=digits[at : at + 32].upper(),
            sha1=digits[at + 32 : at + 72].upper(),
            size=1000 + number,
            series=number % 351,
            other=pdq if number % PDQ_ONE_IN == 0 else "",
        )


def read_ours(path: Path) -> int:
    """Every batch out of the cage, looked at no further."""
    return sum(len(batch) for batch in hash_lists.read(path))


def add_ours(path: Path) -> int:
    """Read in the cage and held in a new workspace, beside the list; media are checked in another step."""
    with tempfile.TemporaryDirectory(prefix="foureyes-bench-", dir=path.parent) as folder:
        workspace, settings = Workspace.create(Path(folder) / "workspace"), EngineSettings()
        with Catalogue.open(workspace, settings, write=True, purpose="bench") as catalogue:
            meta = NewList("bench", ListKind.KNOWN, "", "bench")
            return pipeline.add_list(catalogue, path, meta, settings).records


def read_with_json(path: Path) -> int:
    """The standard library: the whole file at once, digests to bytes one by one."""
    with path.open("rb") as file:
        records = json.load(file)["value"]
    return sum(1 for record in records if fields_of(record))


def read_with_ijson(path: Path) -> int:
    """A stream of records, as constant in memory as ours."""
    with path.open("rb") as file:
        return sum(1 for record in ijson.items(file, "value.item") if fields_of(record))


def fields_of(record: dict[str, Any]) -> tuple[bytes, bytes, int | None]:
    return bytes.fromhex(record["MD5"]), bytes.fromhex(record["SHA1"]), record["Category"]


Stage = Callable[[Path], int]
"""Takes the list, gives how many records it has read."""
STAGES: dict[str, Stage] = {
    "read": read_ours,
    "add": add_ours,
    "json": read_with_json,
    "ijson": read_with_ijson,
}


def alone(stage: Stage) -> Callable[[Path], dict[str, float]]:
    """Wrap a stage: run it here, and tell records, seconds and the peak of memory."""

    def measured(path: Path) -> dict[str, float]:
        with Memory() as memory:
            started = time.perf_counter()
            records = stage(path)
            wall = time.perf_counter() - started
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu = sum(one.ru_utime + one.ru_stime for one in used)
        return {"records": records, "wall_seconds": wall, "cpu_seconds": cpu, "peak_mb": memory.peak / 1e6}

    return measured


STAGES_ALONE = {name: alone(stage) for name, stage in STAGES.items()}


def run_alone(name: str, path: Path) -> dict[str, float]:
    """Run a stage in a process of its own; its start is within its CPU seconds."""
    command = [sys.executable, __file__, "--alone", name, "--file", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    measured["records_a_cpu_second"] = measured["records"] / measured["cpu_seconds"]
    measured["records_a_wall_second"] = measured["records"] / measured["wall_seconds"]
    return measured


class Memory:
    """Watches the memory of this process and all below it; pages that are shared count once."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.peak = max(self.peak, sum(proportional_bytes(process) for process in family()))


def family() -> set[int]:
    """This process and all below it."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def proportional_bytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def machine() -> dict[str, str]:
    processors = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {
        "processor": processors[0] if processors else platform.machine(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "ijson")},
    }


def show(report: dict[str, Any]) -> None:
    for name, value in report["machine"].items():
        print(f"{name:12} {value}")
    print(f"\n{report['list']['records']:,} records, {report['list']['megabytes']:,.0f} MB")
    print(f"\n{'':8}{'CPU s':>9}{'records a CPU s':>18}{'wall s':>9}{'peak MB':>9}")
    for name, one in report["stages"].items():
        print(
            f"{name:8}{one['cpu_seconds']:9.1f}{one['records_a_cpu_second']:18,.0f}"
            f"{one['wall_seconds']:9.1f}{one['peak_mb']:9.0f}"
        )


if __name__ == "__main__":
    main()
