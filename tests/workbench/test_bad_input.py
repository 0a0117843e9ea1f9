"""Bad input that no other module asks about: a message in words, and nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cast import PASSWORD, marks
from workbench.filled import fill
from workbench.prepared import with_database

# isort: split
from django.db import OperationalError
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.actions import notes
from foureyes.workbench.findings.models import Note
from foureyes.workbench.live.models import Event
from foureyes.workbench.pages.failures import Failure, failure_of
from foureyes.workbench.series.models import Tally

pytest_plugins = ["workbench.stage"]


WITHOUT_ROOM = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from workbench import full
print(json.dumps(full.main()))
"""


def test_a_full_disk_is_said_and_what_was_confirmed_stands(tmp_path: Path) -> None:
    workspace = with_database(fill(tmp_path / "workspace").path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-c", WITHOUT_ROOM, str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["opened"] == Failure.FULL
    assert told["refused"] == dict.fromkeys(("note", "decide", "reveal"), Failure.FULL)
    assert "The disk is full" in told["said"]
    assert "what you wrote is still in its form" in told["said"]
    assert not told["lost"]
    assert told["done"] == {"open": 200, "note": 302, "decide": 302, "reveal": 200}
    assert told["grew"] == [1, 1, 1]
    assert told["record"] == ""


def test_a_busy_database_is_no_bug_of_ours() -> None:
    assert failure_of(OperationalError("database is locked")) is Failure.BUSY
    assert failure_of(OperationalError("no such table: x")) is None
    assert failure_of(ValueError("database or disk is full")) is None


@pytest.mark.parametrize(
    "address", ["/series/S-AAAAAAAA/", "/media/{:016x}/", "/note/999999/", "/confirm/999999/", "/evidence/9/"]
)
def test_a_deep_link_to_what_is_gone_says_so(
    address: str, series: list[SeriesSummary], as_ida: Client
) -> None:
    assert series
    answer = as_ida.get(address.format(0))
    assert answer.status_code == 404
    assert "does not exist, is gone, or is not for you" in answer.content.decode()


def test_a_stale_form_says_so_and_changes_nothing(series: list[SeriesSummary], ida: Officer) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ida)
    form = {"on": f"series:{series[0].id}", "text": "the roofs", "csrfmiddlewaretoken": "x" * 64}
    answer = browser.post("/findings/new/note/", form)
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()
    assert not Note.objects.exists()


def test_names_with_control_characters_are_one_printable_line_or_refused(
    series: list[SeriesSummary], as_ida: Client, ida: Officer
) -> None:
    hostile = "The\x00 \x1b[2Jlake\u202e\nhouse\ud83d"
    sent = hostile.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    as_ida.post(f"/series/{series[0].id}/name/", {"name": sent})
    as_ida.post("/series/views/", {"name": sent, "next": "mine=1"})
    as_ida.post(
        "/profile/", {"full_name": sent, "language": "en", "theme": "dark", "languages": "", "skills": ""}
    )
    as_ida.post(f"/series/{series[0].id}/name/", {"name": f"lake {marks(series[0].id)[0]}"})
    shown = as_ida.get("/series/").content.decode() + as_ida.get("/profile/").content.decode()
    assert not any(sign in shown for sign in "\x00\x1b\u202e")
    ida.refresh_from_db()
    assert ida.full_name.isprintable()


@pytest.mark.parametrize(
    "onward", ["series:board", "word", "a\0b", "//elsewhere.example", "javascript:alert(1)"]
)
def test_a_sign_in_goes_on_to_no_place_that_is_none(onward: str, ida: Officer, as_nobody: Client) -> None:
    given = {"username": ida.username, "password": PASSWORD, "next": onward}
    answer = as_nobody.post("/sign-in/", given)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_mention_is_told_twice_and_counted_once(series: list[SeriesSummary], ida: Officer) -> None:
    """Else who mentions colleagues would seem to write more than who does not."""
    make_officer("lena", PASSWORD, ida.unit)
    notes.write(ida, {"on": f"series:{series[0].id}", "text": "look at the tiles, @lena"})
    assert Event.objects.filter(what="note").count() == 2
    assert Tally.objects.get(what="note").count == 1
