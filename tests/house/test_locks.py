"""Lock files pin by hash and name no address: where packages come from is the machine's business."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from house.sources import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
VENDOR = "src/foureyes/workbench/pages/static/vendor"
FREE = {"BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}
ADDRESS = re.compile(r"[a-z+]+://|--(extra-)?index-url|--find-links|^-[if] ", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_python_package_is_pinned_by_hash(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert ADDRESS.findall(text) == []
    packages = [
        part for part in re.split(r"\n(?=[A-Za-z0-9])", text.replace("\\\n", " ")) if part[:1].isalnum()
    ]
    assert packages
    assert [part.split()[0] for part in packages if "==" not in part or "--hash=sha256:" not in part] == []


def test_every_browser_check_is_pinned_by_hash() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert ADDRESS.findall(text) == []
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert len(packages) > 50
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_what_reaches_a_browser_is_listed_with_its_licence() -> None:
    """All else of npm only checks and bundles; no package comes along unseen with one that is served."""
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    served = {
        name.removeprefix("node_modules/"): entry.get("license")
        for name, entry in packages.items()
        if name and not entry.get("dev") and not entry.get("optional")
    }
    bundled = re.findall(r'\{ name: "([^"]+)"', (ROOT / "tools" / "vendor.mjs").read_text("utf-8"))
    assert sorted(served) == sorted(bundled)
    assert {licence for licence in served.values() if licence not in FREE} == set()


def test_nothing_bundled_is_committed() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a clone of git")
    tracked = subprocess.run([git, "ls-files", VENDOR], cwd=ROOT, capture_output=True, text=True, check=True)
    assert tracked.stdout == ""
    subprocess.run([git, "check-ignore", "--quiet", f"{VENDOR}/leaflet.js"], cwd=ROOT, check=True)


def test_the_rule_knows_an_address() -> None:
    assert ADDRESS.search("--index-url x")
    assert ADDRESS.search("a @ https://example.org/a.whl")
    assert not ADDRESS.search("a==1.0 --hash=sha256:00")
