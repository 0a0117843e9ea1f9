"""The reference lists every code that people can meet, and no code that does not exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foureyes.cli.frame import INTERRUPTED
from foureyes.engine import errors, fingerprints, reading
from foureyes.engine.decoding import formats, metadata
from foureyes.engine.errors import EngineError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.model import FaultCode
from foureyes.engine.series import links
from foureyes.engine.steps import taking_in
from house.sources import ROOT

REFERENCE = ROOT / "docs" / "reference"
FAMILIES = ROOT / "docs" / "families"


def _rows(page: str) -> list[list[str]]:
    """Cells of each row of the tables of a page, without heads."""
    lines = (REFERENCE / page).read_text("utf-8").splitlines()
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]
    return [row for row in rows if row[0] != "Code" and not set(row[0]) <= {"-", " "}]


def _errors(of: type[EngineError] = EngineError) -> Iterator[type[EngineError]]:
    yield of
    for below in of.__subclasses__():
        yield from _errors(below)


def test_every_fault_has_a_row_with_what_to_do() -> None:
    rows = _rows("faults.md")
    assert [row[0] for row in rows] == [code.value for code in FaultCode]
    assert all(len(row) == 3 and all(row) for row in rows)


def test_the_faults_that_are_tried_again_are_the_ones_the_pipeline_tries_again() -> None:
    last = (REFERENCE / "faults.md").read_text("utf-8").strip().split("\n\n")[-1]
    assert set(re.findall(r"`([a-z-]+)`", last)) == {code.value for code in taking_in.RETRIED}


@pytest.mark.parametrize("error", [error for error in _errors() if error.__module__ == errors.__name__])
def test_every_error_has_its_exit_code_listed(error: type[EngineError]) -> None:
    listed = {row[1]: int(row[0]) for row in _rows("exit-codes.md") if row[1]}
    assert listed[error.code] == error.exit_code


def test_no_exit_code_is_listed_that_nothing_gives() -> None:
    given = {error.exit_code for error in _errors()} | {0, INTERRUPTED}
    assert {int(row[0]) for row in _rows("exit-codes.md")} == given


def test_codes_of_errors_are_their_own() -> None:
    ours = [error for error in _errors() if error.__module__ == errors.__name__]
    assert len({error.exit_code for error in ours}) == len(ours)
    assert len({error.code for error in ours}) == len(ours)


def test_the_errors_worth_a_second_try_are_the_ones_named() -> None:
    last = (REFERENCE / "exit-codes.md").read_text("utf-8").strip().split("\n\n")[-1]
    named = {int(number) for number in re.findall(r"\d+", last)}
    assert named == {error.exit_code for error in _errors() if not error.permanent} | {INTERRUPTED}


def _families() -> dict[str, list[set[str]]]:
    """Folder of each family's pages, and for each member the names that its page may have."""

    def names(member: object) -> set[str]:
        return {
            str(getattr(member, "name", "")).replace("-", "_"),
            type(member).__module__.rpartition(".")[2],
        }

    return {
        "readers": [names(member) for member in reading.READERS],
        "decoders": [{member} for member in formats.MEMBERS],
        "metadata": [{member} for member in metadata.MEMBERS],
        "fingerprints": [names(member) for member in fingerprints.FINGERPRINTS],
        "links": [names(member) for member in links.LINKS],
        "hash-lists": [names(member) for member in hash_lists.HASH_LIST_FORMATS],
    }


@pytest.mark.parametrize("family", _families())
def test_every_family_and_every_member_has_its_page(family: str) -> None:
    pages = {path.stem.replace("-", "_") for path in (FAMILIES / family).glob("*.md")}
    assert "index" in pages or (FAMILIES / f"{family}.md").is_file(), "no page of the family itself"
    assert [names for names in _families()[family] if not names & pages] == [], "members without a page"


def test_the_documentation_builds_and_fetches_nothing(tmp_path: Path) -> None:
    # Never with --quiet: warnings are then not even counted, and --strict passes.
    mkdocs = Path(sys.executable).with_name("mkdocs")
    done = subprocess.run(
        [mkdocs, "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(list((ROOT / "docs").rglob("*.md"))) - 1
    for page in pages:
        fetched = re.findall(
            r"<(?:script|img|iframe)[^>]+src=\"(?:https?:)?//|<link[^>]+href=\"(?:https?:)?//",
            page.read_text("utf-8"),
        )
        assert fetched == [], page.name
