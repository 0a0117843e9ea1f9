"""What benches on the ground truth share: its rows, the options that name it, and figures kept for machines.

It measures nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

MANIFEST = "manifest.csv"


def options(what: str | None) -> argparse.ArgumentParser:
    """A parser that knows --data and --json; `what` is the docstring of the bench."""
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    return parser


def asked(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """What was typed; ends with a line that helps where there is no ground truth."""
    arguments = parser.parse_args()
    if not (arguments.data / MANIFEST).is_file():
        sys.exit(f"There is no {MANIFEST} in {arguments.data}: say where the data is with --data DIR.")
    return arguments


def rows_of(data: Path) -> list[dict[str, str]]:
    """The manifest: a row per file."""
    with (data / MANIFEST).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def keep(figures: object, path: Path | None) -> None:
    """Write figures as JSON where a file was asked for."""
    if path is not None:
        path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
