"""The command as its user types it: what it prints, and how it ends."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli.typed import Run
from foureyes.cli import printing
from foureyes.engine.catalogue import Workspace
from made_pictures import made_picture


@pytest.fixture
def run(foureyes: Run) -> Run:
    return foureyes


@pytest.fixture(scope="module")
def seized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seized")
    (folder / "a.jpg").write_bytes(made_picture(1))
    (folder / "a-small.jpg").write_bytes(made_picture(1, width=240))
    (folder / "b.jpg").write_bytes(made_picture(2))
    (folder / "c.jpg").write_bytes(made_picture(3))
    (folder / "cut.jpg").write_bytes(made_picture(4)[:300])
    (folder / "x[red]\x1b[2J.jpg").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def filled(seized: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which `seized` was taken in, by the command in a process of its own."""
    workspace = tmp_path_factory.mktemp("filled") / "workspace"
    ended = process("ingest", seized, "--source", "case 17", "--workspace", workspace)
    assert ended.returncode == 0, ended.stderr
    assert "6 paths taken in" in ended.stdout
    assert "2 could not be read: 1 damaged, 1 empty." in ended.stdout
    assert "1 series of 2 media" in ended.stdout
    return workspace


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled workspace, to be changed."""
    copy = tmp_path / "own"
    subprocess.run(["cp", "-a", filled, copy], check=True)
    return copy


def test_status_says_what_is_held_and_what_not(run: Run, filled: Path) -> None:
    ended = run("status", "-w", filled)
    assert ended.code == 0
    assert "5 binary-unique media" in ended.out
    assert "Nobody is writing." in ended.out
    assert json.loads(run("status", "-w", filled, "--json").out)["counts"]["unique"] == 5


def test_faults_are_listed_without_obeying_names(run: Run, filled: Path) -> None:
    ended = run("faults", "-w", filled)
    assert "cut.jpg" in ended.out
    assert "x[red]\\x1b[2J.jpg" in ended.out
    assert "\x1b" not in ended.out
    assert run("faults", "-w", filled, "--code", "empty").out.count(".jpg") == 1


def test_series_in_words_csv_and_json(run: Run, filled: Path, tmp_path: Path) -> None:
    assert "same-picture" in run("series", "-w", filled).out
    (one,) = json.loads(run("series", "-w", filled, "--json").out)
    assert set(one) == {"id", "name", "members", "links"}
    assert {path for member in one["members"] for path in member["paths"]} == {"a.jpg", "a-small.jpg"}
    assert all(set(link) == {"a", "b", "kind", "strength", "evidence"} for link in one["links"])
    assert [link["kind"] for link in one["links"]].count("same-picture") == 1
    assert len({(link["a"], link["b"]) for link in one["links"]}) == 1
    assert run("series", one["id"], "-w", filled).code == 0
    assert run("series", "--write", tmp_path / "out.json", "-w", filled).code == 0
    assert json.loads((tmp_path / "out.json").read_text()) == [one]
    assert run("series", "--write", tmp_path / "out.csv", "-w", filled).code == 0
    with (tmp_path / "out.csv").open(newline="") as table:
        assert {row["path"] for row in csv.DictReader(table)} == {"a.jpg", "a-small.jpg"}
    refused = run("series", "--write", tmp_path / "out.xml", "-w", filled)
    assert (refused.code, "ends neither in .csv nor in .json" in refused.err) == (2, True)


def test_explain_together_and_apart(run: Run, filled: Path, seized: Path) -> None:
    assert "bits differ" in run("explain", "a.jpg", seized / "a-small.jpg", "-w", filled).out
    apart = run("explain", "a.jpg", "b.jpg", "-w", filled)
    assert (apart.code, "of 256 bits" in apart.out) == (0, True)
    assert run("explain", "a.jpg", "gone.jpg", "-w", filled).code == 2


def test_decisions_take_effect_and_can_be_withdrawn(run: Run, own: Path) -> None:
    (one,) = json.loads(run("series", "-w", own, "--json").out)
    assert run("name", one["id"], "the red room", "-w", own).code == 0
    ruled = run("decide", "belongs", one["id"], "b.jpg", "-m", "same door", "--officer", "ada", "-w", own)
    assert "Decision 1 is recorded: belongs." in ruled.out
    assert members(run, own) == {"a.jpg", "a-small.jpg", "b.jpg"}
    assert "the red room" in run("series", "-w", own).out
    parted = run("decide", "split", "the red room", "a-small.jpg", "b.jpg", "-m", "two rooms", "-w", own)
    assert parted.code == 0
    assert len(json.loads(run("series", "-w", own, "--json").out)) == 1
    assert "ada" in run("decide", "list", "-w", own).out
    for number in (1, 2):
        assert run("decide", "withdraw", number, "-m", "wrong", "-w", own).code == 0
    assert members(run, own) == {"a.jpg", "a-small.jpg"}
    assert run("decide", "withdraw", 1, "-m", "again", "-w", own).code == 2
    assert run("decide", "merge", one["id"], one["id"], "-m", "?", "-w", own).code == 2


def test_one_bad_path_neither_stops_the_others_nor_their_linking(
    run: Run, seized: Path, tmp_path: Path
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "note.txt").write_text("words")
    copies = [seized / "a.jpg", seized / "a-small.jpg"]
    ended = run("ingest", tmp_path / "texts", *copies, tmp_path / "gone", "-w", tmp_path / "workspace")
    assert ended.code == 2
    assert "No picture or video among the 1 file of" in ended.err
    assert "gone does not exist" in ended.err
    assert members(run, tmp_path / "workspace") == {"a.jpg", "a-small.jpg"}


def test_a_second_run_does_not_say_that_all_could_be_read(run: Run, own: Path, seized: Path) -> None:
    ended = run("ingest", seized, "--source", "case 17", "-w", own)
    assert ended.code == 0
    assert "6 known from earlier runs" in ended.out
    assert "Everything could be read" not in ended.out


def test_paths_with_a_named_fault_are_tried_again(run: Run, own: Path, seized: Path) -> None:
    again = ("--again", "empty", "--again", "timed-out")
    ended = run("ingest", seized, "--source", "case 17", *again, "-w", own)
    assert ended.code == 0
    assert "1 path taken in" in ended.out
    assert "5 known from earlier runs" in ended.out
    assert run("ingest", seized, "--again", "tired", "-w", own).code == 2


def test_how_to_go_on_names_the_same_source() -> None:
    given: dict[str, str | bool | tuple[str, ...] | None] = {
        "--source": "case 17",
        "--no-link": True,
        "--without-cage": False,
        "--again": ("timed-out", "unsupported"),
    }
    again = printing.command_again("ingest", [Path("/media/a b")], Path("/w"), given)
    assert again == (
        "foureyes ingest '/media/a b' --source 'case 17' --no-link --again timed-out --again unsupported "
        "--workspace /w"
    )


def test_verify_finds_a_changed_byte(run: Run, own: Path) -> None:
    assert run("verify", "-w", own).out.strip() == "Everything held is whole."
    pack = next((own / "packs").glob("thumbnails-*"))
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)
    broken = run("verify", "-w", own)
    assert broken.code == 7
    assert pack.name in broken.out or "thumbnail" in broken.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ingest"], 2, "Nothing given"),
        (["ingest", "{tmp}/gone"], 2, "does not exist"),
        (["ingest", "{tmp}/empty"], 3, "no files"),
        (["ingest", "{tmp}/texts"], 3, "No picture or video among the 1 file of"),
        (["series", "-w", "{tmp}/nowhere"], 2, "no workspace"),
        (["status", "-w", "{tmp}/texts"], 2, "not a Foureyes workspace"),
        (["init", "-w", "{tmp}/texts"], 2, "not empty"),
        (["status", "-w", "{tmp}/newer"], 6, "newer Foureyes"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_bad_input_is_one_clear_line_and_a_code(
    run: Run, tmp_path: Path, arguments: Sequence[str], code: int, says: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "note.txt").write_text("words")
    Workspace.create(tmp_path / "newer")
    (tmp_path / "newer" / "workspace.json").write_text('{"foureyes": 99, "id": "x", "created": "2030-01-01"}')
    given = [one.replace("{tmp}", str(tmp_path)) for one in arguments]
    if "-w" not in given and given[0] in {"ingest", "init"}:
        given += ["-w", str(tmp_path / "workspace")]
    ended = run(*given)
    assert ended.code == code
    assert says in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="root may read everything"
)
def test_no_rights_is_said_in_words(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    script = (
        f"import os, sys; from foureyes.engine import reading; from foureyes.engine.settings import *\n"
        f"import pathlib\nos.seteuid(65534) if os.geteuid() == 0 else None\n"
        f"reading.plan(pathlib.Path({str(closed)!r}), ReadingSettings())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert "no rights to read" in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_loses_nothing(run: Run, tmp_path: Path, seized: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        assert run("ingest", seized / "a.jpg", "-w", disk / "workspace").code == 0
        filler = disk / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4k"], check=False, capture_output=True)
        full = process("ingest", seized, "--source", "case 17", "-w", disk / "workspace")
        assert full.returncode == 8, full.stderr
        assert "full" in full.stderr
        filler.unlink()
        after = run("ingest", seized, "--source", "case 17", "-w", disk / "workspace")
        assert after.code == 0, after.err
        assert run("verify", "-w", disk / "workspace").code == 0
    finally:
        subprocess.run(["umount", disk], check=True)


def members(run: Run, workspace: Path) -> set[str]:
    (one,) = json.loads(run("series", "-w", workspace, "--json").out)
    return {path for member in one["members"] for path in member["paths"]}


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from foureyes.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
