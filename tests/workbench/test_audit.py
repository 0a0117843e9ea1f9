"""The record: nobody changes it, not even by SQL, and whoever did is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cast import PASSWORD, signed_in

# isort: split
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client

from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append, append_many
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.audit.queries import verify
from workbench.filled import fill
from workbench.prepared import with_database

pytest_plugins = ["workbench.stage"]

CHANGES = (
    "UPDATE audit_entry SET officer = 'somebody else'",
    "UPDATE audit_entry SET detail = '' WHERE id = 1",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE id = 2",
)
REPLACE = """
INSERT OR REPLACE INTO audit_entry (id, at, officer, unit, action, thing, detail, previous, hash)
SELECT id, at, 'somebody else', unit, action, thing, detail, previous, hash FROM audit_entry WHERE id = 1
"""


@pytest.fixture
def three(ida: Officer) -> list[Entry]:
    things = [(f"media:{number:064x}", {"series": "S-AAAAAAAA"}) for number in range(3)]
    return append_many(ida, Did.MEDIA_REVEALED, things)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("change", [*CHANGES, REPLACE])
def test_sql_cannot_change_the_record(change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)
    assert verify().problem == ""
    assert verify().entries == 3


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("UPDATE audit_entry SET officer = 'otto' WHERE id = 2", "Entry 2 was altered"),
        ("UPDATE audit_entry SET at = '2020-01-01' WHERE id = 1", "Entry 1 was altered"),
        ("DELETE FROM audit_entry WHERE id = 2", "Entry 2 is missing"),
        ("UPDATE audit_entry SET previous = hash WHERE id = 3", "Entry 3 does not follow the one before it"),
    ],
)
def test_who_takes_the_protection_away_is_found(three: list[Entry], tampering: str, problem: str) -> None:
    head = three[-1].hash
    cursor = connection.cursor()
    for trigger in ("no_update", "no_delete"):
        cursor.execute(f"DROP TRIGGER audit_entry_{trigger}")
    cursor.execute(tampering)
    assert verify(head).problem == problem


def test_a_cut_off_end_is_found_by_the_hash_kept_elsewhere(three: list[Entry]) -> None:
    cursor = connection.cursor()
    cursor.execute("DROP TRIGGER audit_entry_no_delete")
    cursor.execute("DELETE FROM audit_entry WHERE id = 3")
    assert verify().problem == ""
    assert "cut off" in verify(three[-1].hash).problem


def test_an_action_that_fails_leaves_no_entry(ida: Officer) -> None:
    def make_and_record() -> None:
        with transaction.atomic():
            append(ida, Did.OFFICER_MADE, "officer:otto")
            make_officer("otto", "short", ida.unit)

    with pytest.raises(ValidationError):
        make_and_record()
    assert verify().entries == 0


def test_sign_ins_are_recorded_refused_ones_too(ida: Officer, as_nobody: Client) -> None:
    as_nobody.post("/sign-in/", {"username": "ida", "password": "wrong"})
    as_nobody.post("/sign-in/", {"username": "\x00no\nbody" * 20, "password": "wrong"})
    as_nobody.post("/sign-in/", {"username": ida.username, "password": PASSWORD})
    as_nobody.post("/sign-out/")
    recorded = list(Entry.objects.order_by("id").values_list("officer", "action"))
    assert recorded[0] == ("ida", "sign-in-refused")
    assert recorded[-2:] == [("ida", "signed-in"), ("ida", "signed-out")]
    assert verify().problem == ""


def test_officers_see_their_own_entries_only(ida: Officer, otto: Officer) -> None:
    append(ida, Did.SERIES_NAMED, "series:S-AAAAAAAA", {"name": "the blue room"})
    assert "the blue room" in signed_in(ida).get("/record/mine/").content.decode()
    assert "the blue room" not in signed_in(otto).get("/record/mine/").content.decode()


ON_POSTGRESQL = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2])
from django.db import DatabaseError, connection, transaction
from django.test import Client
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.library.models import Exposure
client = Client(SERVER_NAME="127.0.0.1")
client.post("/sign-in/", {"username": "ida", "password": "correct horse battery"})
board = client.get("/series/").status_code
from foureyes.workbench.library.holdings import catalogue
mark = catalogue().series(catalogue().series_list()[0].id).members[0][:16]
for key in ("a" * 16, "a" * 16, "b" * 16):
    revealed = client.post("/media/reveal/", json.dumps({"media": [mark], "series": "", "key": key}), "application/json")
refused = []
for change in sys.argv[3:]:
    try:
        with transaction.atomic():
            connection.cursor().execute(change)
    except DatabaseError as error:
        refused.append("append-only" in str(error))
print(json.dumps({"vendor": connection.vendor, "board": board, "revealed": revealed.status_code,
                  "exposures": Exposure.objects.count(), "refused": refused,
                  "entries": verify().entries, "problem": verify().problem}))
"""


@pytest.mark.postgresql
def test_postgresql_keeps_the_record_as_well(workbench_url: str, tmp_path: Path) -> None:
    workspace = fill(tmp_path / "workspace")
    changes = [*CHANGES, "TRUNCATE audit_entry CASCADE"]
    command = [sys.executable, "-c", ON_POSTGRESQL, str(workspace.path), workbench_url, *changes]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(done.stdout) == {
        "vendor": "postgresql",
        "board": 200,
        "revealed": 200,
        "exposures": 2,
        "refused": [True] * len(changes),
        "entries": 4,
        "problem": "",
    }


AT_ONCE = """
import json, sys, threading
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2] or None)
from django.db import connections
from django.test import Client
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.models import Exposure
marks = [row.sha256[:16] for row in catalogue().media_index()]
statuses = []
def work(number):
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(Officer.objects.get())
    for turn in range(10):
        body = {"media": marks[turn:turn + 3], "series": "", "key": f"{number:08}{turn:08}"}
        statuses.append(client.post("/media/reveal/", json.dumps(body), "application/json").status_code)
    connections.close_all()
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps([sorted(set(statuses)), Exposure.objects.count(), verify().entries, verify().problem]))
"""


def reveals_at_once(workspace: Path, database_url: str, **variables: str) -> list[object]:
    """Eight browsers of one officer reveal ten times three media each, at the same time, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    command = [sys.executable, "-c", AT_ONCE, str(workspace), database_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return list(json.loads(done.stdout))


def test_many_at_once_keep_the_chain_whole(tmp_path: Path) -> None:
    assert reveals_at_once(with_database(fill(tmp_path / "workspace").path), "") == [[200], 240, 249, ""]


@pytest.mark.postgresql
def test_many_at_once_keep_the_chain_whole_on_postgresql(tmp_path: Path, workbench_url: str) -> None:
    assert reveals_at_once(fill(tmp_path / "workspace").path, workbench_url) == [[200], 240, 249, ""]


# 14 requests of three reach the break that falls due at 40 of 100; it begins once, however many ask meanwhile.
CAPPED = [[200, 429], 42, 9 + 42 + 1, ""]


def test_many_at_once_do_not_pass_the_cap(tmp_path: Path) -> None:
    workspace = with_database(fill(tmp_path / "workspace").path)
    assert reveals_at_once(workspace, "", FOUREYES_REVEALS_A_DAY="100") == CAPPED


@pytest.mark.postgresql
def test_many_at_once_do_not_pass_the_cap_on_postgresql(tmp_path: Path, workbench_url: str) -> None:
    workspace = fill(tmp_path / "workspace").path
    assert reveals_at_once(workspace, workbench_url, FOUREYES_REVEALS_A_DAY="100") == CAPPED
