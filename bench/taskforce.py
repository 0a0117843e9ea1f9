"""A taskforce at work on a really running server: latency of pages, errors, lost writes, memory, a kill.

    python bench/taskforce.py [--experts 34 200] [--minutes 10] [--database sqlite] [--workers 1]
        [--kill] [--json FILE]

Starts `foureyes serve` over a synthetic workspace of some hundred series, the largest of 5,000 media, with
officers of 21 units in one edition, and plays what experts do: open the board and a series, its grid, its
previews, reveal, write notes, decide, rename, keep a live channel open and say where they look. At the end
every write that was confirmed is looked for, and every channel is compared with what happened. `--kill` kills
the server (SIGKILL) in the middle and starts it again on the same port. The client shares the cores with the
server. A program for people: `tests/workbench/test_taskforce.py` runs a short one, without asserting a time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import django
import uvicorn

from foureyes import __version__

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from taskforce_experts import Expert, Tally

from postgresql import PrivatePostgresql, find_programs

STAGE = Path(__file__).with_name("taskforce_stage.py")
SERVER = Path(__file__).with_name("taskforce_server.py")
RAMP = 0.1
"""Share of the time after which is measured: by then every channel is open and what is kept is kept."""
SAMPLES = 60
GOALS_MS = {34: 200, 200: 500}
PAGES = frozenset({"board", "series page", "media page", "changes", "decisions", "findings", "people"})


def main() -> None:
    """Run every number of experts, print and write."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="taskforce-") as folder, _database(arguments.database) as url:
        workspace = Path(folder) / "workspace"
        if url:
            os.environ["FOUREYES_WORKBENCH_DATABASE"] = url
        results = []
        for experts in arguments.experts:
            made = _make(workspace, experts, arguments)
            results.append(_run(workspace, made, experts, arguments))
            _say(results[-1])
    if arguments.json:
        machine = {
            "foureyes": __version__,
            "python": platform.python_version(),
            "django": django.__version__,
            "uvicorn": uvicorn.__version__,
            "processor": _processor(),
            "cores": os.cpu_count(),
        }
        Path(arguments.json).write_text(json.dumps({"machine": machine, "runs": results}, indent=1), "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experts", type=int, nargs="+", default=[34, 200])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--think", type=float, default=6.0, help="seconds between two actions, on average")
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--largest", type=int, default=5_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes of the server; more with PostgreSQL"
    )
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--json")
    return parser.parse_args()


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """Address of a private PostgreSQL that writes durably, or nothing for SQLite."""
    if kind == "sqlite":
        yield ""
        return
    programs = find_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed")
    server = PrivatePostgresql(programs, durable=True)
    server.start()
    try:
        yield server.url(server.create_database())
    finally:
        server.stop()


def _make(workspace: Path, experts: int, arguments: argparse.Namespace) -> dict[str, Any]:
    size = ["--series", str(arguments.series), "--largest", str(arguments.largest)]
    made: dict[str, Any] = _stage("make", workspace, *size, "--officers", str(experts))
    return made


def _stage(what: str, workspace: Path, *more: str, said: str = "") -> Any:
    command = [sys.executable, str(STAGE), what, str(workspace), *more]
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def _run(
    workspace: Path, made: dict[str, Any], experts: int, arguments: argparse.Namespace
) -> dict[str, Any]:
    tally = Tally()
    server = Served(workspace, arguments.workers)
    used = resource.getrusage(resource.RUSAGE_SELF)
    try:
        asyncio.run(_play(server, made, tally, arguments))
    finally:
        cpu = server.cpu_seconds()
        server.stop()
    mine = resource.getrusage(resource.RUSAGE_SELF)
    confirmed = {
        name: getattr(tally, name) for name in ("notes", "decisions", "names", "reveals", "channels")
    }
    checked = _stage("check", workspace, said=json.dumps(confirmed))
    pages = [one for kind in PAGES for one in tally.took.get(kind, [])]
    return {
        "experts": experts,
        "database": arguments.database,
        "minutes": arguments.minutes,
        "workers": arguments.workers,
        "think_seconds": arguments.think,
        "killed": arguments.kill,
        "took_ms": {kind: _shares(took) for kind, took in sorted(tally.took.items())},
        "cpu_ms": {kind: _shares(spent) for kind, spent in sorted(tally.spent.items())},
        "pages_ms": _shares(pages),
        "goal_ms": GOALS_MS.get(experts),
        "errors": tally.errors,
        "lost_connections": tally.lost_connections,
        "confirmed": {name: len(value) for name, value in confirmed.items()},
        **checked,
        "memory_mb": server.memory,
        "server_cpu_seconds": round(cpu, 1),
        "client_cpu_seconds": round(mine.ru_utime + mine.ru_stime - used.ru_utime - used.ru_stime, 1),
    }


async def _play(server: Served, made: dict[str, Any], tally: Tally, arguments: argparse.Namespace) -> None:
    seconds = arguments.minutes * 60
    began = time.monotonic()
    people = [Expert(server.port, one, made["series"], made["cookie"], tally) for one in made["officers"]]
    working = [asyncio.create_task(one.work(began + seconds, arguments.think)) for one in people]
    killed = not arguments.kill
    step = seconds / SAMPLES
    for sample in range(SAMPLES):
        await asyncio.sleep(max(0.0, began + (sample + 1) * step - time.monotonic()))
        tally.measuring = sample + 1 >= SAMPLES * RAMP
        server.note_memory()
        if not killed and sample >= SAMPLES // 2:
            killed = True
            tally.killing = True
            await asyncio.to_thread(server.kill_and_start)
            await asyncio.sleep(min(3.0, step))
            tally.killing = False
    await asyncio.gather(*working)


class Served:
    """The server process."""

    def __init__(self, workspace: Path, workers: int) -> None:
        self._workspace, self._workers = workspace, workers
        self.memory: list[int] = []
        """Megabytes in memory, sampled evenly."""
        self._cpu_before = 0.0
        self.port = 0
        self._start()

    def _start(self) -> None:
        command = [sys.executable, str(SERVER), str(self._workspace), str(self.port), str(self._workers)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        address = self._process.stdout.readline().strip()
        if not address:
            raise SystemExit("the server did not start")
        self.port = int(address.rstrip("/").rpartition(":")[2])

    def kill_and_start(self) -> None:
        """SIGKILL to all of it at once, and a new one on the same port."""
        self._cpu_before = self.cpu_seconds()
        for one in reversed(self._processes()):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._process.wait()
        self._start()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)

    def note_memory(self) -> None:
        """One sample, of all processes that answer (the one that groups comes and goes with rulings)."""
        pages = 0
        for one in self._processes():
            if "regrouper" not in _of_process(one, "cmdline"):
                pages += int((_of_process(one, "statm").split() or [0, 0])[1])
        self.memory.append(round(pages * resource.getpagesize() / 1024**2))

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far, with that which groups anew."""
        ticks = 0
        for one in self._processes():
            ticks += sum(map(int, _of_process(one, "stat").rpartition(") ")[2].split()[11:15]))
        return self._cpu_before + ticks / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> list[int]:
        """The server and those that it started."""
        found = [self._process.pid]
        for one in found:
            for thread in Path(f"/proc/{one}/task").glob("*"):
                found += map(int, _of_process(one, f"task/{thread.name}/children").split())
        return found


def _of_process(process: int, what: str) -> str:
    """What the system says of a process; nothing where it is gone by now."""
    try:
        return Path(f"/proc/{process}/{what}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _shares(took: list[float]) -> dict[str, float]:
    if not took:
        return {"count": 0}
    sorted_ms = sorted(1000 * one for one in took)

    def share(percent: float) -> float:
        return round(sorted_ms[min(len(sorted_ms) - 1, int(len(sorted_ms) * percent / 100))], 1)

    return {"count": len(took), "p50": share(50), "p95": share(95), "p99": share(99), "max": share(100)}


def _say(result: dict[str, Any]) -> None:
    served = f"{result['database']}, {result['workers']} worker{'s' if result['workers'] > 1 else ''}"
    print(f"{result['experts']} experts, {served}, {result['minutes']} minutes, {_processor()}")
    print(f"  {'':14}{'count':>8}{'p50 ms':>9}{'p95':>9}{'p99':>9}{'max':>9}{'CPU p50':>9}{'p95':>9}")
    for kind, took in [*result["took_ms"].items(), ("ALL PAGES", result["pages_ms"])]:
        spent = result["cpu_ms"].get(kind, {})
        numbers = "".join(f"{took.get(share, 0):9}" for share in ("p50", "p95", "p99", "max"))
        numbers += "".join(f"{spent[share]:9}" for share in ("p50", "p95") if share in spent)
        print(f"  {kind:14}{took['count']:>8}{numbers}")
    print(f"  goal: 95 % of pages within {result['goal_ms']} ms")
    print(f"  errors: {len(result['errors'])} {sorted(set(result['errors']))[:8]}")
    print(f"  confirmed: {result['confirmed']}")
    print(
        f"  lost: { {name: len(value) for name, value in result['lost'].items()} }, record {result['record']}"
    )
    memory = result["memory_mb"]
    told = ", ".join(str(one) for one in memory[len(memory) // 10 :: max(1, len(memory) // 12)])
    print(f"  memory of the server: {told}, {memory[-1]} MB")
    print(f"  CPU seconds: server {result['server_cpu_seconds']}, client {result['client_cpu_seconds']}")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    main()
