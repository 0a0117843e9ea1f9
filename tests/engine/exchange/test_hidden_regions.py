"""Files of regions as tools write them, and as nobody should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foureyes.engine.errors import UsageError
from foureyes.engine.exchange.hidden_regions import LINE_BYTES_AT_MOST, read_regions
from foureyes.engine.model import NewRegion, RegionFault

ONE, TWO = "ab" * 32, "CD" * 32
PLAIN = f"{ONE},0.1,0.2,0.5,0.75,person"


def read(tmp_path: Path, text: str | bytes) -> list[tuple[int, NewRegion] | RegionFault]:
    path = tmp_path / "found"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_regions(path))


def test_lines_are_read_with_names_of_columns_and_without(tmp_path: Path) -> None:
    plain = (1, NewRegion(ONE, (0.1, 0.2, 0.5, 0.75), "person"))
    assert read(tmp_path, PLAIN) == [plain]
    named = f'\ufeffscore,sha256,left,top,right,bottom,at,why\r\n0.9,{TWO},0,0,1,1,2.5,"a, b"\r\n\r\n'
    assert read(tmp_path, named) == [(2, NewRegion(TWO.lower(), (0, 0, 1, 1), "a, b", 2.5))]
    assert read(tmp_path, f"{PLAIN},\n{PLAIN},3\n") == [plain, (2, NewRegion(*_of(plain), 3.0))]


def test_objects_are_read_and_their_other_fields_passed_over(tmp_path: Path) -> None:
    said = {"sha256": ONE, "left": 0, "top": 0.5, "right": 1, "bottom": 1, "why": "person", "score": [1]}
    lines = "\n".join(json.dumps(one) for one in (said, said | {"at": 1.5}, said | {"at": None}))
    assert read(tmp_path, lines) == [
        (number, NewRegion(ONE, (0, 0.5, 1, 1), "person", at))
        for number, at in ((1, None), (2, 1.5), (3, None))
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ab,0,0,1,1,person", "no SHA-256"),
        (f"{ONE},0,0,1,person", "5 fields"),
        (f"{ONE},0,0,1,1,person,1,2", "8 fields"),
        (f"{ONE},0,0,1,x,person", "bottom is no number"),
        (f'{ONE},0,0,1,1,"person', "no line of CSV"),
        ("{", "no JSON object"),
        ("{" * 5000, "no JSON object"),
        (json.dumps({"sha256": ONE, "left": True, "why": ""}), "left is no number"),
        (json.dumps({"sha256": ONE, "left": 10**400, "why": ""}), "left is no number"),
        (json.dumps({"sha256": ONE, "why": 1}), "why is no text"),
        (b"\xff\xfe,0", "not UTF-8"),
        (b"x" * (3 * LINE_BYTES_AT_MOST), "longer than"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named_and_ends_nothing(
    tmp_path: Path, line: str | bytes, why: str
) -> None:
    bad = line.encode() if isinstance(line, str) else line
    first, second, third = read(tmp_path, b"\n".join([PLAIN.encode(), bad, PLAIN.encode()]))
    assert isinstance(second, RegionFault)
    assert second.line == 2
    assert why in second.detail
    assert not isinstance(first, RegionFault)
    assert not isinstance(third, RegionFault)
    assert third[0] == 3


def test_a_column_that_is_missing_and_a_file_that_is_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column why"):
        read(tmp_path, "sha256,left,top,right,bottom\n")
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_regions(tmp_path / "none"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_break_it(tmp_path: Path, untrusted: bytes) -> None:
    try:
        found = read(tmp_path, untrusted)
    except UsageError:
        return
    lines = [one.line if isinstance(one, RegionFault) else one[0] for one in found]
    assert lines == sorted(set(lines))


def _of(one: tuple[int, NewRegion]) -> tuple[str, tuple[float, float, float, float], str]:
    return one[1].sha256, one[1].box, one[1].why
