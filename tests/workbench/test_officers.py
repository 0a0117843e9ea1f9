"""Officers made by the command: who of which unit, what is recorded, and what another unit's officer sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cast import PASSWORD

# isort: split
from foureyes.engine.errors import UsageError
from foureyes.workbench import serving
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.audit.models import Entry
from workbench.filled import fill
from workbench.processes import COMMAND, python

pytest_plugins = ["workbench.stage"]

SEEN_BY = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from django.test import Client
from workbench.cast import give
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.holdings import catalogue
every = [one.id for one in catalogue().series_list()]
def seen():
    board = client.get("/series/").content.decode()
    return [[one in board, client.get(f"/series/{one}/").status_code] for one in every]
client = Client(SERVER_NAME="127.0.0.1")
client.post("/sign-in/", {"username": sys.argv[2], "password": sys.argv[3]})
before = seen()
give(every[1], Officer.objects.get(username=sys.argv[2]).unit)
print(json.dumps([before, seen(), client.get("/sources/").status_code]))
"""


def test_an_officer_of_another_unit_sees_only_what_is_assigned_to_it(tmp_path: Path) -> None:
    workspace = fill(tmp_path / "workspace").path
    first = ("ida", "--unit", "Holding unit", "--country", "NL", "--holds-workspace")
    for arguments in (first, ("otto", "--unit", "Other unit", "--country", "at")):
        made = python(COMMAND, "officer", "add", *arguments, "-w", workspace, FOUREYES_PASSWORD=PASSWORD)
        assert made.returncode == 0, made.stderr
        assert PASSWORD not in made.stdout + made.stderr
    assert made.stdout.startswith("Officer otto of the new unit Other unit (AT) made.")
    listed = python(COMMAND, "officer", "list", "-w", workspace)
    assert listed.stdout.splitlines() == [
        "ida: Holding unit (NL) - holds the workspace - coordinator, exchange, expert",
        "otto: Other unit (AT)",
    ]
    asked = python(SEEN_BY, workspace, "otto", PASSWORD)
    assert asked.returncode == 0, asked.stderr
    before, after, sources = json.loads(asked.stdout)
    assert len(before) > 2
    assert before == [[False, 404]] * len(before)
    assert after == [[False, 404], [True, 200], *[[False, 404]] * (len(before) - 2)]
    assert sources == 404


@pytest.fixture
def held(db: None) -> Unit:  # noqa: ARG001 - asked for what it does
    """The unit that holds the workspace, with Ida, made as the command makes them."""
    return serving.add_officer("ida", PASSWORD, "Holding unit", "NL", holds_workspace=True)[0].unit


def test_making_an_officer_is_recorded(held: Unit) -> None:
    second, new = serving.add_officer("eva", PASSWORD, "Holding unit", "nl")
    assert (second.unit, new) == (held, False)
    recorded = list(Entry.objects.filter(action="officer-made").order_by("id"))
    assert [entry.thing for entry in recorded] == ["officer:ida", "officer:eva"]
    detail = json.loads(recorded[1].detail)
    assert (detail["unit"], detail["new-unit"], detail["where"]) == ("Holding unit (NL)", "no", "terminal")
    assert PASSWORD not in recorded[1].detail


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("name", "password", "unit", "country", "words"),
    [
        ("ida", PASSWORD, "Other unit", "AT", "already exists"),
        ("otto", "short", "Other unit", "AT", "too short"),
        ("otto", PASSWORD, "Other unit", "Austria", "Two letters"),
        ("otto", PASSWORD, " ", "AT", "blank"),
        ("otto", PASSWORD, "Other\x1b[2Junit", "AT", "printable"),
    ],
)
def test_a_bad_officer_is_refused_and_leaves_nothing(
    name: str, password: str, unit: str, country: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        serving.add_officer(name, password, unit, country)
    assert Officer.objects.count() == Unit.objects.count() == Entry.objects.count() == 1


@pytest.mark.usefixtures("db")
def test_only_the_first_officer_says_which_unit_holds_the_workspace() -> None:
    with pytest.raises(UsageError, match="--holds-workspace"):
        serving.add_officer("otto", PASSWORD, "Other unit", "AT")
    serving.add_officer("ida", PASSWORD, "Holding unit", "NL", holds_workspace=True)
    with pytest.raises(UsageError, match="holds the workspace already"):
        serving.add_officer("otto", PASSWORD, "Other unit", "AT", holds_workspace=True)
    assert Unit.objects.get().agency == "Holding unit"


@pytest.mark.usefixtures("held")
def test_the_password_is_typed_twice() -> None:
    typed = iter([PASSWORD, "another password", PASSWORD, PASSWORD])
    with pytest.raises(UsageError, match="differ"):
        serving.add_officer("eva", None, "Holding unit", "NL", ask_secret=lambda _: next(typed))
    made, _ = serving.add_officer("eva", None, "Holding unit", "NL", ask_secret=lambda _: next(typed))
    assert made.check_password(PASSWORD)

    def nobody(_: str) -> str:
        raise EOFError

    with pytest.raises(UsageError, match="FOUREYES_PASSWORD"):
        serving.add_officer("udo", None, "Holding unit", "NL", ask_secret=nobody)
