"""A piece of the join that comes to harm at its second piece, in a way of the test's choice."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from engine.running.programs.pieces import tell_and_hang
from foureyes.engine.matching import spread
from foureyes.engine.running.store import Place


def join_one(harm: str, marks: str, place: Place, digest: str, output: str, *rest: Any) -> int:
    mark = Path(marks) / Path(output).name
    if output == "pieces/00001.parquet" and (harm != "once" or not mark.exists()):
        mark.touch()
        if harm == "hangs":
            tell_and_hang(Path(marks) / "hangs")
        os.kill(os.getpid(), signal.SIGKILL)
    return spread.join_one(place, digest, output, *rest)
