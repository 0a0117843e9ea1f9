"""Puts one layer of the cage alone around itself, then tries to get out. Prints `attempt result` lines.

Run as a program: layer, file to read, folder to write to, TCP port, process to signal.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from foureyes.engine.running import kernel, seal


def main(layer: str, secret: str, folder: str, port: str, process: str) -> None:
    LAYERS[layer]()
    attempts: dict[str, Callable[[], object]] = {
        "read": Path(secret).read_bytes,
        "write": lambda: Path(folder, "foureyes-attack").write_bytes(b"x"),
        "connect": lambda: socket.socket(socket.AF_INET).connect(("127.0.0.1", int(port))),
        "signal": lambda: os.kill(int(process), signal.SIGCONT),
        "fork": fork,
        "mount": lambda: kernel.mount("none", "/", "tmpfs", 0),
    }
    if layer == "disk":  # elsewhere it could succeed, and the root would be the machine's
        attempts["write-root"] = lambda: Path("/foureyes-attack").write_bytes(b"x")
    for name, attempt in attempts.items():
        print(name, result_of(attempt))
    sys.stdout.flush()
    os._exit(0)


def result_of(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def namespaces() -> None:
    assert seal.leave_namespaces(strict=True) & seal.Layer.NETWORK
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def disk() -> None:
    namespaces()
    seal._empty_root()


def rights() -> None:
    seal._drop_rights()


def landlock() -> None:
    seal._drop_rights()
    seal._landlock()


def calls() -> None:
    seal._drop_rights()
    seal._filter_calls()


LAYERS = {"namespaces": namespaces, "disk": disk, "rights": rights, "landlock": landlock, "calls": calls}

if __name__ == "__main__":
    main(*sys.argv[1:])
