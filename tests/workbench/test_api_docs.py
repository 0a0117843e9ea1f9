"""The examples of docs/workbench/api.md, run as they stand there against a running server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.filled import fill
from workbench.prepared import with_database

EXAMPLES = re.findall(
    r"```sh\n(.*?)```",
    (Path(__file__).parents[2] / "docs" / "workbench" / "api.md").read_text("utf-8"),
    re.DOTALL,
)
PROGRAM = """
import sys
from pathlib import Path
from foureyes.workbench import serving

def ready(url):
    from foureyes.workbench.accounts.actions import make_officer
    from foureyes.workbench.accounts.models import Role, Unit
    from foureyes.workbench.api.actions import make_token
    from foureyes.workbench.library.holdings import catalogue
    unit = Unit.objects.get()
    adam = make_officer("adam", "correct horse battery", unit, roles=(Role.ADMINISTRATOR,))
    _, secret = make_token(adam, unit.pk, "the examples", ["search", "decide", "reveal"], 1)
    series = catalogue().series(catalogue().series_list()[0].id)
    print(url.rstrip("/"), secret, series.id, series.members[0][:16], flush=True)

serving.serve(Path(sys.argv[1]), port=0, first_officer=("ida", "correct horse battery"), say=lambda line: None,
              on_ready=ready)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server, as the variables that the examples use."""
    if shutil.which("curl") is None:
        pytest.skip("left out: examples of the API, because curl is not installed")
    workspace = with_database(fill(tmp_path_factory.mktemp("served") / "workspace").path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        values = process.stdout.readline().split()
        assert len(values) == 4, "the server did not start"
        yield dict(zip(("SERVER", "TOKEN", "SERIES", "MARK"), values, strict=True))
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_does_what_it_says(example: str, served: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-e", "-c", example],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, **served},
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.startswith("{") or (tmp_path / "thumbnail.jpg").read_bytes().startswith(b"\xff\xd8")


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 6
