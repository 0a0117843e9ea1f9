"""The server of `taskforce.py`: `foureyes serve`, with the CPU time of each page told in its answer.

    python bench/taskforce_server.py WORKSPACE PORT [WORKERS]

Prints the address when it accepts connections. The header is the benchmark's alone: a server for people says
nothing of how long it took. Workers of several are plain ones: their pages say no CPU time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django.core.wsgi

from foureyes.workbench.serving import serve

TOLD = "X-Bench-CPU-Us"
Start = Callable[..., Any]


class Timed:
    """Django, with the microseconds of CPU that its thread spent on an answer in a header of it."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """One request."""
        began = time.thread_time_ns()

        def told(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            spent = str((time.thread_time_ns() - began) // 1000)
            return start(status, [*headers, (TOLD, spent)], *more)

        answer: Iterable[bytes] = self._application(environ, told)
        return answer


def main() -> None:
    """Serve until stopped."""
    made = django.core.wsgi.get_wsgi_application
    django.core.wsgi.get_wsgi_application = lambda: Timed(made())
    workspace, port, workers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    serve(
        workspace, port=port, workers=workers, say=lambda _: None, on_ready=lambda url: print(url, flush=True)
    )


if __name__ == "__main__":
    main()
