"""The signed record: who owns the database can still not alter it unseen, given what left the machine."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

import workbench.cast  # noqa: F401 - sets Django up
from workbench.processes import COMMAND, python

# isort: split
from django.db import DatabaseError, transaction
from django.test import override_settings

from foureyes.engine.catalogue import Workspace
from foureyes.workbench import recording
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit import offline_verify
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.audit.checkpoints import make_checkpoint, signer
from foureyes.workbench.audit.departures import send_out
from foureyes.workbench.audit.exports import begins_after, consistency_lines, proof_lines
from foureyes.workbench.audit.models import Checkpoint, Entry
from foureyes.workbench.audit.notes import Signer
from foureyes.workbench.audit.offline_verify import UNREADABLE, UNSIGNED, Problem
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.audit.trees import RecordBroken
from workbench import tampering
from workbench.proving import act, checked, copied, exported

pytest_plugins = ["workbench.stage", "workbench.signed_record"]

OTHER_KEY = base64.b64encode(b"another key of another workbench").decode()


def test_what_holds_is_said(signed: Path, tmp_path: Path, ida: Officer) -> None:
    act(ida, 3)
    said = checked(exported(tmp_path), signed)
    assert "entries 1 to 603" in said
    assert "3 checkpoints hold" in said
    assert "signs entries 1 to 600" in said
    assert "Entries 601 to 603 came after it" in said
    found = verify()
    assert (found.problem, found.entries, found.checkpoints) == ("", 603, 3)


def test_the_verifier_needs_nothing_but_python(signed: Path, tmp_path: Path) -> None:
    program, record = tmp_path / "verify_record.py", exported(tmp_path)
    program.write_text(recording.verifier(), encoding="utf-8")
    block = "import sys; sys.modules['cryptography'] = None; import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    for before in (["-I", str(program)], ["-I", "-S", "-c", block, str(program)]):
        command = [
            sys.executable,
            *before,
            str(record),
            "--key",
            signer().public,
            "--checkpoint",
            str(signed),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("The record holds: entries 1 to 600 of foureyes/record/")
    altered = record.read_text("utf-8").replace('"officer":"ida"', '"officer":"otto"', 1)
    record.write_text(altered, encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stdout) == (
        1,
        "Entry 1 is not the one that was signed: it was altered, put in or moved.\n",
    )


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize("statement", [*tampering.STATEMENTS, *tampering.ON_SQLITE])
def test_the_database_refuses(statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        tampering.sql(statement)


@pytest.mark.parametrize("way", tampering.REBUILT)
def test_a_rebuilt_chain_is_found_by_what_left(way: str, signed: Path, tmp_path: Path) -> None:
    key = signer().public
    tampering.take_protection_away()
    tampering.REBUILT[way]()
    tampering.rebuild_chain()
    assert verify().problem.endswith("is not what was signed at " + Checkpoint.objects.get(size=5).at)
    with pytest.raises(Problem, match="An entry from 1 to 5 is not what was signed"):
        checked(exported(tmp_path), key=key)
    # Who made all fit and took the checkpoints away as well is found by what was kept elsewhere.
    tampering.delete_checkpoints()
    assert verify().problem == ""
    record = exported(tmp_path)
    assert "No checkpoint was given" in checked(record, key=key)
    with pytest.raises(Problem, match="Entry 2 is not the one that was signed"):
        checked(record, signed, key=key)
    with pytest.raises(Problem, match="An entry from 1 to 300 is not what was signed"):
        checked(record, copied(signed / "checkpoint-000000000300.txt", tmp_path), key=key)


def test_who_signs_the_rebuilt_record_anew_is_found(signed: Path, tmp_path: Path, ida: Officer) -> None:
    key = signer().public
    tampering.take_protection_away()
    tampering.alter()
    tampering.rebuild_chain()
    tampering.delete_checkpoints()
    act(ida, 1)
    make_checkpoint()
    record = exported(tmp_path)
    assert "1 checkpoints hold" in checked(record, key=key)
    with pytest.raises(Problem, match="Entry 2 is not the one"):
        checked(record, signed, key=key)


def test_a_cut_off_end_is_found(signed: Path, tmp_path: Path) -> None:
    tampering.take_protection_away()
    tampering.cut_off()
    assert "entries 600 to 600 were signed" in verify().problem
    with pytest.raises(RecordBroken, match="Entry 600 is missing"):
        make_checkpoint()
    record = exported(tmp_path)
    with pytest.raises(Problem, match="entries 600 to 600 were signed and are missing"):
        checked(record, signed)
    tampering.delete_checkpoints()
    record = exported(tmp_path)
    assert "No checkpoint" in checked(record)
    with pytest.raises(Problem, match="cut off: entries 600 to 600"):
        checked(record, signed)
    lines = record.read_text("utf-8").splitlines(keepends=True)
    record.write_text("".join(lines[:-10]), encoding="utf-8")
    with pytest.raises(Problem, match="The export is cut off after entry 590 of 599"):
        checked(record)


def test_a_checkpoint_taken_away_is_found(signed: Path, tmp_path: Path) -> None:
    tampering.take_protection_away()
    tampering.sql("DELETE FROM audit_departure")
    tampering.sql("DELETE FROM audit_checkpoint WHERE size = 300")
    record = exported(tmp_path)
    assert "2 checkpoints hold" in checked(record)
    with pytest.raises(Problem, match="The checkpoint of 300 entries, kept elsewhere, was taken out"):
        checked(record, signed)


def test_another_key_is_found_and_its_change_is_recorded(signed: Path, tmp_path: Path, ida: Officer) -> None:
    key = signer().public
    with override_settings(FOUREYES_RECORD_KEY=OTHER_KEY):
        act(ida, 1)
        made = make_checkpoint()
        assert made is not None
        other = signer().public
        changed = Entry.objects.get(action=Did.RECORD_KEY_CHANGED)
        assert json.loads(changed.detail) == {"before": key, "now": other}
    record = exported(tmp_path)
    with pytest.raises(Problem, match="signed by no key that was given") as refused:
        checked(record, signed, key=key)
    assert refused.value.ends_with == UNSIGNED
    keys = [offline_verify.key_of(one) for one in (key, other)]
    assert "4 checkpoints hold" in offline_verify.check(record, keys, [str(signed)])


@pytest.mark.parametrize(
    ("old", "new"), [("300\n", "299\n"), ("time 2", "time 1"), ("head ", "head 0"), ("\N{EM DASH} f", "\N{EM DASH} g")]
)  # fmt: skip
def test_an_altered_checkpoint_is_found(old: str, new: str, signed: Path, tmp_path: Path) -> None:
    kept = copied(signed / "checkpoint-000000000300.txt", tmp_path)
    kept.write_text(kept.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Problem) as refused:
        checked(exported(tmp_path), kept)
    assert refused.value.ends_with == UNSIGNED


def test_two_histories_of_one_length_are_found(signed: Path, tmp_path: Path) -> None:
    key = signer().public
    tampering.take_protection_away()
    tampering.alter()
    tampering.rebuild_chain()
    tampering.delete_checkpoints()
    make_checkpoint()
    with pytest.raises(Problem, match="Two different records of 600 entries were signed"):
        checked(exported(tmp_path), signed, key=key)
    with (
        override_settings(FOUREYES_RECORD_OUT=signed),
        pytest.raises(RecordBroken, match="lies there already"),
    ):
        send_out()


def test_a_part_of_the_record_is_checked_by_itself(signed: Path, tmp_path: Path) -> None:
    assert begins_after("") == 0
    assert begins_after("4") == 0
    assert begins_after("599") == 300
    assert begins_after("2020-01-01") == 0
    assert begins_after("2999-01-01") == 600
    record = exported(tmp_path, 300)
    said = checked(record, signed)
    assert "entries 301 to 600" in said
    assert "1 kept checkpoints are older" in said
    lines = record.read_text("utf-8").splitlines(keepends=True)
    head = json.loads(lines[0])
    head["peaks"][0] = "0" * 64
    record.write_text("".join([json.dumps(head) + "\n", *lines[1:]]), encoding="utf-8")
    with pytest.raises(Problem, match="no checkpoint says what was before"):
        checked(record)


def test_one_entry_is_proved_without_the_others(signed: Path, tmp_path: Path, ida: Officer) -> None:
    act(ida, 1)
    path = tmp_path / "proofs.jsonl"
    path.write_text("".join(proof_lines(Entry.objects.filter(id__in=[1, 258, 600, 601]))), encoding="utf-8")
    said = checked(path).splitlines()
    assert [line.split()[1] for line in said] == ["1", "258", "600"]
    assert signed.exists()
    path.write_text(
        path.read_text("utf-8").replace('"officer":"ida"', '"officer":"otto"', 1), encoding="utf-8"
    )
    with pytest.raises(Problem, match="Entry 1 is not the one that was signed"):
        checked(path)
    path.write_text("".join(consistency_lines(5)), encoding="utf-8")
    assert checked(path).startswith("The 5 entries of ")
    path.write_text(
        path.read_text("utf-8").replace('"path":["', '"path":["00' + "0" * 62 + '","'), encoding="utf-8"
    )
    with pytest.raises(Problem):
        checked(path)


@pytest.mark.parametrize(
    "text", ["", "{}\n", "[]\n", '{"kind":"other"}\n', "\x00", '{"kind":"foureyes-record-1"}\n']
)
def test_what_is_no_record_is_said(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text(text, encoding="utf-8")
    key = Signer(OTHER_KEY, "foureyes/record/x").public
    assert offline_verify.main([str(path), "--key", key]) == UNREADABLE
    assert capsys.readouterr().out
    assert offline_verify.main([str(path), "--key", key.replace("+", "+0", 1)]) == UNREADABLE
    assert "mistyped" in capsys.readouterr().out


ON_POSTGRESQL = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
sys.path.insert(0, sys.argv[3])
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2])
serving.make_first_officer(("ida", "correct horse battery"), say=lambda line: None)
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit import offline_verify
from foureyes.workbench.audit.actions import Did, append_many
from foureyes.workbench.audit.checkpoints import make_checkpoint, signer
from foureyes.workbench.audit.departures import send_out
from foureyes.workbench.audit.exports import record_lines
from foureyes.workbench.audit.queries import verify
from workbench import tampering
ida = Officer.objects.get()
settings.FOUREYES_RECORD_OUT = Path(sys.argv[1]).parent / "stick"
settings.FOUREYES_RECORD_OUT.mkdir()
for more in (5, 300):
    with transaction.atomic():
        append_many(ida, Did.MEDIA_REVEALED, [(f"media:{n:064x}", {"series": "S-A"}) for n in range(more)])
    make_checkpoint()
send_out()
kept, record, key = str(settings.FOUREYES_RECORD_OUT), Path(sys.argv[1]).parent / "record.jsonl", signer().public
def checked():
    record.write_text("".join(record_lines()), encoding="utf-8")
    try:
        return offline_verify.check(record, [offline_verify.key_of(key)], [kept])
    except offline_verify.Problem as problem:
        return str(problem)
refused = []
for statement in [*tampering.STATEMENTS, *tampering.ON_POSTGRESQL]:
    try:
        with transaction.atomic():
            tampering.sql(statement)
    except DatabaseError as error:
        refused.append("append-only" in str(error))
found = {"whole": [checked().split(":")[0], verify().checkpoints]}
for way in [*tampering.REBUILT, "cut_off"]:
    try:
        with transaction.atomic():
            tampering.take_protection_away()
            getattr(tampering, way)()
            if way != "cut_off":
                tampering.rebuild_chain()
            seen = verify().problem
            tampering.delete_checkpoints()
            found[way] = [bool(seen), verify().problem, checked()]
            raise InterruptedError
    except InterruptedError:
        pass
print(json.dumps([connection.vendor, refused, found]))
"""


@pytest.mark.postgresql
def test_postgresql_and_what_left_find_the_same(workbench_url: str, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    tests = Path(__file__).resolve().parents[1]
    done = python(ON_POSTGRESQL, workspace.path, workbench_url, tests)
    assert done.returncode == 0, done.stderr
    vendor, refused, found = json.loads(done.stdout)
    assert vendor == "postgresql"
    assert refused == [True] * len(tampering.STATEMENTS + tampering.ON_POSTGRESQL)
    assert found.pop("whole") == ["The record holds", 2]
    assert found.pop("cut_off") == [
        True,
        "",
        "The record is cut off: entries 306 to 306 were signed and are missing",
    ]
    problem = "Entry 2 is not the one that was signed: it was altered, put in or moved"
    assert found == {way: [True, "", problem] for way in tampering.REBUILT}


MADE = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
serving.make_first_officer(("ida", "correct horse battery"), say=lambda line: None)
"""


def test_the_commands_from_the_first_checkpoint_to_the_court(tmp_path: Path) -> None:
    workspace, stick = Workspace.create(tmp_path / "workspace").path, tmp_path / "stick"
    stick.mkdir()
    empty = python(COMMAND, "audit", "checkpoint", "-w", workspace)
    assert (empty.returncode, "Nothing was recorded so far" in empty.stderr) == (2, True)
    assert python(MADE, workspace).returncode == 0
    assert (workspace / "record.key").stat().st_mode & 0o777 == 0o600

    def audit(*words: object) -> subprocess.CompletedProcess[str]:
        return python(COMMAND, "audit", *words, "-w", workspace, FOUREYES_RECORD_OUT=str(stick))

    made = audit("checkpoint")
    assert made.stdout.splitlines()[0].startswith("Signed: 1 record at ")
    assert made.stdout.splitlines()[1] == f"1 left to {stick}"
    assert audit("checkpoint").stdout.startswith("Nothing was recorded since the last checkpoint: 1 record")
    key = audit("key").stdout.strip()
    record, program, proof = (
        tmp_path / "record.jsonl",
        tmp_path / "verify_record.py",
        tmp_path / "proof.jsonl",
    )
    assert audit("export", record).stderr == "Records 1 to 2 are written.\n"
    proof.write_text(audit("prove", "1").stdout, encoding="utf-8")
    program.write_text(python(COMMAND, "audit", "verifier").stdout, encoding="utf-8")
    for file in (record, proof):
        command = [sys.executable, "-I", str(program), str(file), "--key", key, "--checkpoint", str(stick)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    (stick / "checkpoint-000000000001.txt").write_text("forged", encoding="utf-8")
    command[3] = str(record)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == UNREADABLE, done.stdout
    assert audit("prove", "99").returncode == 2
    assert audit("prove").returncode == 2
