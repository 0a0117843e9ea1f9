"""Two at once, on both databases: administrators who depose each other, and a code that is tried twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foureyes.engine.catalogue import Workspace
from workbench.prepared import with_database
from workbench.processes import python

AT_ONCE = """
import json, sys, threading
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2] or None)
for name in ("adam", "eve"):
    serving.add_officer(name, "correct horse battery", "This unit", roles=["administrator"])
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.http import Http404
from foureyes.workbench.access.actions import change_roles
from foureyes.workbench.accounts import factors
from foureyes.workbench.accounts.models import Officer, RoleHeld
from workbench.factors import give_app
from workbench.factors_now import code_of
together, deposed, fitted = threading.Barrier(2), [], []
def depose(by, whom):
    officer = Officer.objects.get(username=by)
    officer.roles
    together.wait()
    try:
        change_roles(officer, whom, [])
        deposed.append(whom)
    except (ValidationError, Http404):
        pass
    connections.close_all()
def attempt(code):
    officer = Officer.objects.get(username="ida")
    together.wait()
    fitted.append(factors.try_code(officer, code) is not None)
    connections.close_all()
def both(call, *arguments):
    threads = [threading.Thread(target=call, args=one) for one in arguments]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
both(depose, ("adam", "eve"), ("eve", "adam"))
secret = give_app(Officer.objects.get(username="ida"))
both(attempt, (code_of(secret),), (code_of(secret),))
print(json.dumps([connection.vendor, len(deposed), RoleHeld.objects.filter(role="administrator").count(), sorted(fitted)]))
"""


@pytest.mark.parametrize("vendor", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_one_administrator_stays_and_a_code_fits_once(
    vendor: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("workbench_url") if vendor == "postgresql" else ""
    done = python(AT_ONCE, with_database(Workspace.create(tmp_path / "workspace").path), url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [vendor, 1, 1, [False, True]]
