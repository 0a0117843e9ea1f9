"""Files of fingerprints: what NumPy writes is mapped, anything else is refused in words."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib import format as npy

from foureyes.engine.errors import UsageError
from foureyes.engine.matching.row_files import map_rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


def header(text: str, version: tuple[int, int] = (1, 0)) -> bytes:
    length = len(text).to_bytes(2 if version == (1, 0) else 4, "little")
    return npy.magic(*version) + length + text.encode("latin-1")


@pytest.mark.parametrize("rows", [0, 1, 1000])
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_what_numpy_writes_is_mapped(folder: Path, rows: int, version: tuple[int, int]) -> None:
    values = np.random.default_rng(rows).integers(0, 256, (rows, 32), np.uint8)
    with (folder / "rows.npy").open("wb") as stream:
        npy.write_array(stream, values, version)
    mapped = map_rows(folder / "rows.npy")
    assert np.array_equal(mapped, values)
    assert (mapped.dtype, mapped.shape) == (values.dtype, (rows, 32))
    if rows:
        mapped[0] ^= 255
    assert np.array_equal(map_rows(folder / "rows.npy"), values)


def saved(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=True)
    return stream.getvalue()


ROWS = saved(np.zeros((4, 32), np.uint8))
HUGE = "{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999999999, 32), }"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no .npy file"),
        (b"some words", "is no .npy file"),
        (pickle.dumps([1]), "is no .npy file"),
        (ROWS[:-1], "cut off or damaged"),
        (ROWS + b"x", "cut off or damaged"),
        (ROWS[:40], "is no .npy file"),
        (saved(np.zeros((4, 31), np.uint8)), r"shape \(4, 31\)"),
        (saved(np.zeros(32, np.uint8)), r"shape \(32,\)"),
        (saved(np.zeros((4, 32), np.int8)), "holds int8"),
        (saved(np.zeros((4, 4), np.uint64)), "holds uint64"),
        (saved(np.zeros((2, 32), object)), "holds object"),
        (saved(np.asfortranarray(np.zeros((4, 32), np.uint8))), "by columns"),
        (header(HUGE), "cut off or damaged"),
        (header(HUGE.replace("99, 32", "99, -32")), "fingerprints are uint8"),
        (header("{'descr': '|u1', 'fortran_order': False, 'shape': (-4, 32), }"), "fingerprints are uint8"),
        (header("__import__('os').abort()"), "is no .npy file"),
        (header("(" * 500), "is no .npy file"),
        (header("(" * 60_000), "is no .npy file"),
        (header(HUGE, (2, 0))[:8] + b"\xff\xff\xff\xff", "is no .npy file"),
    ],
)
def test_anything_else_is_refused(folder: Path, content: bytes, says: str) -> None:
    path = folder / "hostile.npy"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        map_rows(path)


@given(st.integers(0, len(ROWS) - 6), st.binary(min_size=1, max_size=6))
def test_a_damaged_header_is_refused_or_harmless(folder: Path, at: int, bytes_there: bytes) -> None:
    content = bytearray(ROWS)
    content[at : at + len(bytes_there)] = bytes_there
    (folder / "damaged.npy").write_bytes(content)
    try:
        assert map_rows(folder / "damaged.npy").shape[1] == 32
    except UsageError:
        assert at < 128


def test_no_file_and_no_rights(folder: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        map_rows(folder / "gone.npy")
    with pytest.raises(UsageError, match="cannot be read"):
        map_rows(folder)
