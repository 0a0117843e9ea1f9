"""A real S3-compatible server for tests: moto's, in a process of its own, on loopback only."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from foureyes.engine.running.store import Place, S3Access

SERVER = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def s3_server() -> Iterator[str]:
    """The endpoint of a server that ends with the test run, however that ends: its input closes then."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.defpath},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.kill()


def new_bucket(endpoint: str, prefix: str = "cases/17") -> Place:
    """An empty prefix of a new bucket."""
    bucket = f"bucket-{uuid4().hex}"
    request = urllib.request.Request(f"{endpoint}/{bucket}", method="PUT")  # noqa: S310 - loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        assert answer.status == 200
    return Place(f"s3://{bucket}/{prefix}", access(endpoint))


def access(endpoint: str) -> S3Access:
    return S3Access(key_id="tester", secret="not secret", endpoint=endpoint)
