"""Names say what is in them, nothing is left open, and every package says what it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from house.sources import PACKAGE, ROOT, name_of, python_files

EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc|stuff)(_|$)")
OPEN_ENDS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
EXCUSE = re.compile(
    r"# (?:no" + r"qa|type: ig" + r"nore)\b(?:: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*|\[[a-z, -]+\])?"
)
COUNTED = re.compile(
    r"\{([^{}]+)\} (?:more )?(?:pairs|regions|films|pictures|frames|members|records|files|paths|points|visits|seconds"
    r"|minutes|metres|hours|fingerprints|candidates|questions|pieces|rows|threads|groups|originals|media (?:are|were|have))\b"
)
MANY = re.compile(r"counted\(|[A-Z]{3}|_at_most|_failures|holders|rate|seconds:|of")
"""What chooses its word, or cannot be one: bounds, and counts that are told from three on."""
SENTENCE = re.compile(r"[.!?](?=\s|$)")


def _texts() -> list[Path]:
    kinds = {".py", ".js", ".html", ".css", ".md", ".sh", ".toml", ".yml", ".yaml", ".mjs"}
    folders = [PACKAGE, ROOT / "tests", ROOT / "docs", ROOT / "tools", ROOT / "bench"]
    found = [
        path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.suffix in kinds
    ]
    return [path for path in found if not path.name.endswith(".min.js")]


def _packages() -> list[Path]:
    return [path for path in python_files() if path.name == "__init__.py"]


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "string_utils", "managers"])
def test_the_rule_knows_the_words(word: str) -> None:
    assert EMPTY_WORDS.search(word)
    assert not EMPTY_WORDS.search("management")


def test_no_count_of_one_is_said_in_the_plural() -> None:
    """Counts in notes and reports choose their word: `model/wording.py`."""
    said = [
        f"{name_of(path)}: {found[0]}"
        for path in python_files()
        if name_of(path).startswith(("engine/", "cli/"))
        for found in COUNTED.finditer(path.read_text("utf-8"))
        if not MANY.search(found[1])
    ]
    assert said == []


def test_no_module_has_an_empty_name() -> None:
    parts = {part for path in python_files() for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert [part for part in sorted(parts) if EMPTY_WORDS.search(part)] == []


def test_nothing_is_left_open() -> None:
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _texts()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if OPEN_ENDS.search(line)
    ]
    assert left == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("import x  # no" + "qa: F401, E402", ""),
        ("import x  # no" + "qa: F401 - loaded to be there", "loaded to be there"),
        ("call(x)  # type: ig" + "nore[arg-type]  # no" + "qa: S324", ""),
        ("call(x)  # type: ig" + "nore[arg-type]  # fields by name", "fields by name"),
    ],
)
def test_the_rule_knows_a_reason(line: str, why: str) -> None:
    assert _reason(line) == why


def test_whatever_a_check_is_told_to_pass_over_has_its_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _texts()
        if path.suffix == ".py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if EXCUSE.search(line) and not _reason(line)
    ]
    assert bare == []


def _reason(line: str) -> str:
    """What stands behind the first excuse of a line, in words."""
    found = EXCUSE.search(line)
    return "" if found is None else EXCUSE.sub("", line[found.start() :]).strip(" -#")


def test_every_package_says_what_it_is_in_one_to_three_sentences() -> None:
    openings = {name_of(path): (_docstring(path) or "").split("\n\n")[0] for path in _packages()}
    assert {name: said for name, said in openings.items() if not 1 <= len(SENTENCE.findall(said)) <= 3} == {}


def test_every_module_opens_with_what_it_does() -> None:
    assert [name_of(path) for path in python_files() if not _docstring(path)] == []


def _docstring(path: Path) -> str | None:
    return ast.get_docstring(ast.parse(path.read_text("utf-8")))
