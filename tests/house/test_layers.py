"""The doors of the house: each contract holds, and each fails when somebody breaks it.

The contracts are those of `pyproject.toml`, run by import-linter on a copy of our sources with one import or
one folder too many.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from house.sources import ROOT

CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}
LINT = Path(sys.executable).with_name("lint-imports")


class Break(NamedTuple):
    """One thing that must not be: a line added to a file, new or old, of the copied package."""

    contract: str
    file: str
    line: str


BREAKS = [
    Break("house", "engine/model/breaking.py", "import foureyes.cli"),
    Break("house", "workbench/pages/breaking.py", "import foureyes.cli"),
    Break("house", "engine/model/breaking.py", "import foureyes.workbench.settings"),
    Break("house", "unplanned/__init__.py", ""),
    Break("engine-stages", "engine/matching/breaking.py", "import foureyes.engine.reading"),
    Break("engine-stages", "engine/decoding/breaking.py", "import foureyes.engine.fingerprints"),
    Break("engine-stages", "engine/running/breaking.py", "import foureyes.engine.catalogue"),
    Break("engine-stages", "engine/model/breaking.py", "import foureyes.engine.pipeline"),
    Break("engine-stages", "engine/steps/breaking.py", "import foureyes.engine.pipeline"),
    Break("engine-stages", "engine/series/breaking.py", "import foureyes.engine.steps"),
    Break("engine-stages", "engine/settings.py", "import foureyes.engine.errors"),
    Break("engine-stages", "engine/unplanned.py", ""),
    Break("engine-knows-no-web", "engine/series/breaking.py", "import django.conf"),
    Break("engine-knows-no-web", "engine/running/breaking.py", "import uvicorn"),
    Break("engine-knows-no-web", "engine/catalogue/breaking.py", "import foureyes.workbench.settings"),
    Break("workbench-apps", "workbench/pages/breaking.py", "import foureyes.workbench.series.models"),
    Break("workbench-apps", "workbench/access/breaking.py", "import foureyes.workbench.library.models"),
    Break("workbench-apps", "workbench/unplanned/__init__.py", ""),
    *(
        Break(
            "inside-an-app",
            f"workbench/{container.rpartition('.')[2]}/models.py",
            f"import {container}.views",
        )
        for container in CONTRACTS["inside-an-app"]["containers"]
    ),
]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of our sources and contracts."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(
        ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "static")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--cache-dir", folder / "cache", "--contract", contract],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_house_as_it_stands(copied: Path, contract: str) -> None:
    done = _lint(copied, contract)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{CONTRACTS[contract]['name']} KEPT" in done.stdout


@pytest.mark.parametrize(
    "broken", BREAKS, ids=lambda broken: f"{broken.contract}:{broken.file}:{broken.line}"
)
def test_a_broken_contract_fails(copied: Path, broken: Break) -> None:
    path = copied / "src" / "foureyes" / broken.file
    before = path.read_text("utf-8") if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{broken.line}\n", "utf-8")
    try:
        done = _lint(copied, broken.contract)
    finally:
        if before is not None:
            path.write_text(before, "utf-8")
        elif "unplanned/" in broken.file:
            shutil.rmtree(path.parent)
        else:
            path.unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{CONTRACTS[broken.contract]['name']} BROKEN" in done.stdout
    importer = "foureyes." + broken.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert importer in done.stdout, "it fails, but for another reason"


def test_every_contract_is_broken_once() -> None:
    assert {broken.contract for broken in BREAKS} == set(CONTRACTS)
    exhaustive = {name for name, contract in CONTRACTS.items() if contract.get("exhaustive")}
    assert {broken.contract for broken in BREAKS if not broken.line} == exhaustive
