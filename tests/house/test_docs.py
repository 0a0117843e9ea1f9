"""The reference lists every code that people can meet, and no code that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from foureyes.cli.commands import INTERRUPTED
from foureyes.engine import errors, pipeline
from foureyes.engine.errors import EngineError
from foureyes.engine.model import FaultCode
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
    assert set(re.findall(r"`([a-z-]+)`", last)) == {code.value for code in pipeline.RETRIED}


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


def test_every_metadata_reader_has_its_page() -> None:
    from foureyes.engine.decoding.metadata import MEMBERS  # noqa: PLC0415 - the family loads when it is asked about

    pages = {path.stem for path in (FAMILIES / "metadata").glob("*.md")}
    assert pages == set(MEMBERS)
    family = (FAMILIES / "metadata.md").read_text("utf-8")
    assert all(f"metadata/{member}.md" in family for member in MEMBERS)
