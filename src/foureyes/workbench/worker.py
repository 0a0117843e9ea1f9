"""One of several processes that serve: `python -m foureyes.workbench.worker HOST PORT`, started by `workers`.

Finds the workspace in its environment. Prepares nothing: its starter did. Ends when its starter is gone.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import IO

from foureyes.workbench import serving, workers


def main() -> None:
    """Serve until stopped."""
    logging.basicConfig(level=logging.WARNING)
    threading.Thread(target=_end_with_starter, args=[sys.stdin], daemon=True).start()
    serving.load()  # before it listens: connections that it takes would wait for that
    with serving.listen(sys.argv[1], int(sys.argv[2]), shared=True) as listener:
        serving.run(listener, _say_ready)


def _say_ready() -> None:
    sys.stdout.write(f"{workers.READY}\n")
    sys.stdout.flush()


def _end_with_starter(stdin: IO[str]) -> None:
    """A starter that was killed stops nobody: its end of the pipe closes."""
    stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
