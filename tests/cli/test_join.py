"""`foureyes join` as its user types it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import s3
from cli.typed import Run
from foureyes.engine.matching import near_pairs
from foureyes.engine.matching.spread import read_pairs
from foureyes.engine.running.store import Place, open_store


@pytest.fixture
def run(foureyes: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: foureyes("join", *arguments)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = np.random.default_rng(5).integers(0, 256, (600, 32), np.uint8)
    rows[400:] = rows[200:400]
    rows[400:, 0] ^= 1
    np.save(tmp_path / "rows.npy", rows)
    return tmp_path / "rows.npy"


def test_pairs_in_words_and_again_from_what_is_there(run: Run, path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, said, _ = run(path, "--out", out, "--workers", 1, "--pieces", 3)
    assert code == 0
    assert said.startswith(f"600 fingerprints: 200 pairs within 31 bits, in {out}/pairs.parquet (3 pieces, 0")
    assert np.array_equal(read_pairs(Place(str(out))).b, near_pairs(np.load(path)).b)
    assert "3 of them from earlier runs" in run(path, "--out", out, "--workers", 1)[1]


@pytest.mark.usefixtures("ray_running")
def test_json_for_machines_with_ray_and_a_bucket(
    run: Run, path: Path, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = s3.new_bucket(s3_endpoint)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not secret")
    keys = ("--s3-endpoint", s3_endpoint, "--s3-key-id", "tester")
    code, said, err = run(path, "--out", place.url, *keys, "--executor", "ray", "--pieces", 3, "--json")
    assert (code, err) == (0, "")
    *progress, last = (json.loads(line) for line in said.splitlines())
    assert progress[0] == {"progress": {"done": 0, "of": 3, "poisoned": 0}}
    assert last["join"]["pairs"] == 200
    assert last["join"]["stage"] == {"pieces": 3, "kept": 0, "poisoned": {}, "interrupted": False}
    assert "not secret" not in said
    assert len(read_pairs(place).a) == 200


def test_another_file_to_join_with(run: Run, path: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "new.npy", np.load(path)[:50])
    code, said, _ = run(tmp_path / "new.npy", "--against", path, "--out", tmp_path / "out", "--workers", 1)
    assert (code, "50 fingerprints against 600: 50 pairs" in said) == (0, True)


def test_a_piece_that_cannot_be_done_is_named(run: Run, path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "pieces" / "00001.parquet").mkdir(parents=True)  # where a file must go
    code, said, err = run(path, "--out", out, "--workers", 1, "--pieces", 3)
    assert (code, said) == (1, "")
    assert "pieces/00001.parquet could not be done: task-died: " in err
    assert "1 of 3 pieces could not be done; the others are kept" in err
    (out / "pieces" / "00001.parquet").rmdir()
    assert "2 of them from earlier runs" in run(path, "--out", out, "--workers", 1)[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{rows}.txt", "--out", "{out}"], "rows.npy.txt does not exist"),
        (["{words}", "--out", "{out}"], "is no .npy file"),
        (["{wide}", "--out", "{out}"], "fingerprints are uint8 of shape (n, 32)"),
        (["{rows}", "--out", "{words}"], "is a file; a folder is needed"),
        (["{rows}", "--out", "{folder}"], "holds other files"),
        (["{rows}", "--out", "{done}", "--radius", "20"], "radius 31 there, 20 asked for"),
        (["{rows}", "--out", "{out}", "--radius", "64"], "--radius"),
        (["{rows}", "--out", "{out}", "--pieces", "8193"], "the number of pieces"),
        (["{rows}", "--out", "{out}", "--executor", "cloud"], "--executor"),
        (["{rows}", "--out", "{out}", "--ray-address", "127.0.0.1:1"], "joins no cluster"),
        (["{rows}", "--out", "{out}", "--s3-endpoint", "http://127.0.0.1:1"], "is no bucket"),
        (["{rows}", "--out", "s3://bucket/x"], "A bucket needs a key"),
        (["{rows}", "--out", "s3://nobodys/x", "--s3-endpoint", "{s3}", "--s3-key-id", "k", "--s3-secret", "s"],
         "there is no bucket 'nobodys'"),
        (["{rows}"], "--out"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(
    run: Run, path: Path, tmp_path: Path, s3_endpoint: str, arguments: list[str], says: str
) -> None:
    (tmp_path / "words").write_text("words")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").touch()
    np.save(tmp_path / "wide.npy", np.zeros((3, 33), np.uint8))
    if "{done}" in arguments:
        run(path, "--out", tmp_path / "done", "--workers", 1)
    known = {name: tmp_path / name for name in ("words", "folder", "done", "out")}
    names = {**known, "rows": path, "wide": tmp_path / "wide.npy", "s3": s3_endpoint}
    code, _, err = run(*(argument.format(**names) for argument in arguments))
    assert code == 2
    assert says in err
    assert "Traceback" not in err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_loses_nothing(run: Run, tmp_path: Path, small_disk: Path) -> None:
    np.save(tmp_path / "rows.npy", np.zeros((900, 32), np.uint8))  # 404,550 pairs of equal rows
    filler = small_disk / "filler"
    filler.write_bytes(bytes(240 * 4096))  # of 256 pages
    out = small_disk / "out"
    code, _, err = run(tmp_path / "rows.npy", "--out", out, "--workers", 1, "--pieces", 3)
    assert (code, "is full: free space and run again" in err) == (8, True)
    filler.unlink()
    small = open_store(Place(str(out))).names()
    assert small[0] == "manifest.json"
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    code, said, _ = run(tmp_path / "rows.npy", "--out", out, "--workers", 1)
    assert (code, "404,550 pairs" in said) == (0, True)
