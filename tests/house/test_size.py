"""Files stay under 500 lines, functions under 60; whoever needs more says why here."""

from __future__ import annotations

from pathlib import Path

from house.sources import PACKAGE, functions, name_of, python_files

FILE_LINES_AT_MOST = 500
FUNCTION_LINES_AT_MOST = 60

LONG_FILES: dict[str, str] = {}
"""File name to reason."""
LONG_FUNCTIONS: dict[str, str] = {}
"""`file:function` to reason."""


def _browser_modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("static/**/*.js") if not path.name.endswith(".min.js"))


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_file_is_too_long() -> None:
    long = {name_of(path): _lines(path) for path in [*python_files(), *_browser_modules()]}
    long = {name: lines for name, lines in long.items() if lines > FILE_LINES_AT_MOST}
    assert set(long) <= set(LONG_FILES), f"longer than {FILE_LINES_AT_MOST} lines: {long}"


def test_no_function_is_too_long() -> None:
    long = {
        f"{name_of(path)}:{name}": lines
        for path in python_files()
        for name, lines in functions(path)
        if lines > FUNCTION_LINES_AT_MOST
    }
    assert set(long) <= set(LONG_FUNCTIONS), f"longer than {FUNCTION_LINES_AT_MOST} lines: {long}"


def test_no_exception_outlives_its_reason() -> None:
    files = {name_of(path): _lines(path) for path in python_files()}
    assert all(files.get(name, 0) > FILE_LINES_AT_MOST for name in LONG_FILES)
    lengths = {f"{name_of(path)}:{name}": lines for path in python_files() for name, lines in functions(path)}
    assert all(lengths.get(name, 0) > FUNCTION_LINES_AT_MOST for name in LONG_FUNCTIONS)
