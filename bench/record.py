"""How quick the record is at a million entries: appending, signing, searching, proving, checking.

    python bench/record.py [--entries 1000000] [--database postgresql://…] [--json FILE]

Makes a workspace of its own in a temporary folder and removes it.
"""

# ruff: noqa: PLC0415 - Django is prepared before anything that has models is imported
from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from foureyes.engine.catalogue import Workspace
from foureyes.workbench import serving

REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--database", default=None)
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        serving.prepare(workspace.path, workbench_database_url=asked.database)
        numbers = measured(asked.entries, Path(folder))
    stated = {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "entries": asked.entries,
        **numbers,
    }
    for name, value in stated.items():
        print(f"{name:44} {value}")
    if asked.json:
        asked.json.write_text(json.dumps(stated, indent=1), encoding="utf-8")


def measured(entries: int, folder: Path) -> dict[str, object]:
    """Every number, by its name."""
    from django.db import transaction

    from foureyes.workbench.audit.checkpoints import make_checkpoint, signer
    from foureyes.workbench.audit.exports import proof_lines, record_lines
    from foureyes.workbench.audit.models import Entry
    from foureyes.workbench.audit.queries import verify
    from foureyes.workbench.audit.searching import Place, page_of, sought_in
    from foureyes.workbench.recording import verifier

    found: dict[str, object] = {}
    sample = min(entries, 48 * 200)
    found["append, entries a second (48 at once)"] = round(sample / timed(lambda: fill(sample)))
    with transaction.atomic():  # the rest at once: only the length matters from here on
        fill(entries - sample)
    found["first checkpoint over all, s"] = round(timed(make_checkpoint), 2)
    fill(48)
    found["next checkpoint, 48 new, ms"] = round(1000 * timed(make_checkpoint), 1)
    last, middle = entries, entries // 2
    days = list(Entry.objects.filter(id__in=[1, middle]).order_by("id").values_list("at", flat=True))
    for name, form, place in [
        ("newest page", {}, Place()),
        ("page in the middle", {}, Place(before=middle)),
        ("officer", {"officer": "officer-7"}, Place()),
        ("officer, middle", {"officer": "officer-7"}, Place(before=middle)),
        ("rare officer", {"officer": "officer-rare"}, Place()),
        ("series", {"series": "S-7"}, Place()),
        ("media", {"media": f"{7:016x}"}, Place()),
        ("rare action", {"action": "decided"}, Place()),
        ("days", {"first": days[0][:10], "last": days[1][:10]}, Place()),
        ("all at once", {"officer": "officer-7", "series": "S-7", "first": days[0][:10]}, Place()),
        ("nobody of these days", {"officer": "nobody", "first": days[0][:10]}, Place()),
    ]:  # fmt: skip
        found[f"search: {name}, ms"] = quickest(
            lambda form=form, place=place: page_of(sought_in(form), place)
        )
    one = Entry.objects.filter(id=middle)
    found["proof of one entry, ms"] = quickest(lambda: list(proof_lines(one)))
    found["verify, s"] = round(timed(verify), 1)
    record, program = folder / "record.jsonl", folder / "verify_record.py"
    program.write_text(verifier(), encoding="utf-8")
    with record.open("w", encoding="utf-8") as file:
        found["export, s"] = round(timed(lambda: file.writelines(record_lines())), 1)
    found["export, bytes an entry"] = record.stat().st_size // last
    command = [sys.executable, "-I", str(program), str(record), "--key", signer().public]
    found["offline verifier, s"] = round(timed(lambda: subprocess.run(command, check=True)), 1)
    return found


def fill(entries: int) -> None:
    """Append entries as reveals of 34 officers, one screen at a time."""
    from django.db import transaction

    from foureyes.workbench.audit.actions import Did, append_named

    for start in range(0, entries, 48):
        turn = start // 48
        officer = "officer-rare" if turn % 10_000 == 77 else f"officer-{turn % 34}"
        did = Did.DECIDED if turn % 1000 == 13 else Did.MEDIA_REVEALED
        things = [
            (f"media:{(start + more) % 300_000:016x}{'0' * 48}", {"series": f"S-{turn % 351}"})
            for more in range(min(48, entries - start))
        ]
        with transaction.atomic():
            append_named(officer, f"Unit {turn % 34 % 21}", did, things)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def quickest(work: Callable[[], object]) -> str:
    """Milliseconds of the median and of the slowest of some."""
    times = sorted(1000 * timed(work) for _ in range(REPEATS))
    return f"{times[REPEATS // 2]:.1f} (slowest {times[-1]:.1f})"


if __name__ == "__main__":
    main()
