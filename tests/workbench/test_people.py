"""Administrators: units, officers, roles; what they never see; what nobody can take from themselves."""

from __future__ import annotations

import json
import re

import pytest

from contracts.test_access import TABLE, ask, told, words  # noqa: F401 - a fixture of the walk
from workbench.cast import PASSWORD, grow_old, signed_in
from workbench.factors import give_app

# isort: split
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foureyes.cli.workbench_commands import ROLES
from foureyes.engine.errors import UsageError
from foureyes.workbench import serving
from foureyes.workbench.access import queries
from foureyes.workbench.access.tokens import Kind, Material
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.held import has_factor
from foureyes.workbench.accounts.models import Officer, Role, Unit
from foureyes.workbench.accounts.sessions import open_sessions
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.links import tokens
from workbench.programs import program_of

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def adam(ida: Officer) -> Officer:
    """An administrator of the unit that holds the workspace, who is an expert too."""
    return make_officer("adam", PASSWORD, ida.unit, roles=[Role.ADMINISTRATOR, Role.EXPERT])


@pytest.fixture
def as_adam(adam: Officer) -> Client:
    return signed_in(adam)


def last() -> tuple[str, str, str]:
    entry = Entry.objects.latest("id")
    return entry.officer, entry.action, entry.thing


def roles_of(username: str) -> set[str]:
    return set(Officer.objects.get(username=username).roles)


def change(client: Client, username: str, *roles: str) -> int:
    return client.post(f"/people/officers/{username}/roles/", {"roles": roles}).status_code


def do(client: Client, username: str, what: str) -> str:
    response = client.post(f"/people/officers/{username}/do/", {"do": what}, follow=True)
    return response.content.decode()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_administrators_see_no_media_wherever_they_go(
    name: str,
    as_adam: Client,
    words: dict[str, str],  # noqa: F811 - the fixture
) -> None:
    status, said = ask(as_adam, name, words)
    assert told(said, words) == []
    if name.startswith(("series:page", "series:grid", "library:media", "library:reveal", "library:sources")):
        assert status == 404


def test_units_are_made_and_renamed(as_adam: Client) -> None:
    assert as_adam.post("/people/units/", {"agency": "Polícia", "country": "pt"}).status_code == 302
    unit = Unit.objects.get(agency="Polícia")
    assert (unit.country, last()) == ("PT", ("adam", "unit-made", f"unit:{unit.pk}"))
    for bad in ({"agency": "Polícia", "country": "PT"}, {"agency": ""}, {"agency": "x", "country": "12"}):
        assert as_adam.post("/people/units/", bad).status_code == 422
    renamed = as_adam.post(f"/people/units/{unit.pk}/", {"agency": "Polícia Judiciária", "country": "PT"})
    assert renamed.status_code == 302
    assert json.loads(Entry.objects.latest("id").detail) == {
        "old": "Polícia (PT)",
        "new": "Polícia Judiciária (PT)",
    }
    taken = as_adam.post(f"/people/units/{unit.pk}/", {"agency": "Holding unit", "country": "NL"})
    assert taken.status_code == 422
    assert as_adam.get("/people/units/999/").status_code == 404


def test_a_new_officer_gets_an_initial_password_that_must_be_changed(as_adam: Client, ida: Officer) -> None:
    form = {"username": "nora", "full_name": "Nora N.", "unit": ida.unit.pk, "roles": ["expert", "trainer"]}
    page = as_adam.post("/people/new/", form).content.decode()
    password = re.search(r'class="code once">([^<]+)<', page)
    assert password
    assert last() == ("adam", "officer-made", "officer:nora")
    assert password[1] not in "".join(Entry.objects.values_list("detail", flat=True))
    assert roles_of("nora") == {"expert", "trainer"}
    assert password[1] not in as_adam.get("/people/officers/nora/").content.decode()
    nora = Client()
    nora.post("/sign-in/", {"username": "nora", "password": password[1]})
    assert nora.get("/exposure/").headers["Location"] == "/profile/password/"
    for bad in (form, {**form, "username": "no ra"}, {**form, "username": "x", "roles": "god"}):
        assert as_adam.post("/people/new/", bad).status_code == 422
    assert as_adam.post("/people/new/", {**form, "username": "y", "unit": 999}).status_code == 422


@pytest.mark.usefixtures("otto")
def test_roles_hold_at_once_on_running_sessions(as_adam: Client) -> None:
    otto = signed_in(Officer.objects.get(username="otto"))
    link = tokens().path(Material(Kind.THUMBNAIL, "a" * 64), str(otto.session.session_key))
    assert otto.get("/people/").status_code == 404
    assert change(as_adam, "otto", "administrator") == 302
    assert otto.get("/people/").status_code == 200
    assert tokens().opens(link, str(otto.session.session_key)) is None
    assert change(as_adam, "otto") == 302
    assert otto.get("/people/").status_code == 404
    assert roles_of("otto") == set()
    detail = json.loads(Entry.objects.latest("id").detail)
    assert detail == {"given": [], "taken": ["administrator"]}
    assert change(as_adam, "otto", "god") == 422
    assert change(as_adam, "nobody", "expert") == 404


def test_nobody_takes_administration_from_themselves_nor_is_the_last_taken(
    adam: Officer, as_adam: Client
) -> None:
    assert change(as_adam, "adam", "expert") == 422
    assert "cannot deactivate yourself" in do(as_adam, "adam", "deactivate")
    assert do(as_adam, "adam", "reset-factors")
    assert roles_of("adam") == {"administrator", "expert"}
    with pytest.raises(UsageError, match="last administrator"):
        serving.officer_roles("adam", ["expert"])
    eve = make_officer("eve", PASSWORD, adam.unit, roles=[Role.ADMINISTRATOR])
    Officer.objects.filter(pk=eve.pk).update(is_active=False)
    with pytest.raises(UsageError, match="last administrator"):
        serving.officer_roles("adam", [])
    Officer.objects.filter(pk=eve.pk).update(is_active=True)
    assert serving.officer_roles("adam", ["expert"]) == ["expert"]
    assert as_adam.get("/people/").status_code == 404


@pytest.mark.usefixtures("otto")
def test_whoever_is_deactivated_is_out_at_once_and_comes_back(as_adam: Client) -> None:
    otto = Officer.objects.get(username="otto")
    client = signed_in(otto)
    key = str(client.session.session_key)
    link = tokens().path(Material(Kind.THUMBNAIL, "a" * 64), key)
    do(as_adam, "otto", "deactivate")
    assert client.get("/exposure/").status_code == 302
    assert tokens().opens(link, key) is None
    assert open_sessions(otto) == []
    assert last() == ("adam", "officer-deactivated", "officer:otto")
    assert Client().post("/sign-in/", {"username": "otto", "password": PASSWORD}).status_code == 422
    do(as_adam, "otto", "activate")
    assert Client().post("/sign-in/", {"username": "otto", "password": PASSWORD}).status_code == 302


@pytest.mark.usefixtures("otto")
def test_lost_factors_and_passwords_are_reset_and_names_unlocked(as_adam: Client) -> None:
    otto = Officer.objects.get(username="otto")
    give_app(otto)
    client = signed_in(otto)
    do(as_adam, "otto", "reset-factors")
    assert not has_factor(otto)
    assert client.get("/exposure/").status_code == 302
    assert last() == ("adam", "second-factor-reset", "officer:otto")
    for _ in range(5):
        Client().post("/sign-in/", {"username": "otto", "password": "wrong"})
    assert "locked by failures" in as_adam.get("/people/").content.decode()
    do(as_adam, "otto", "unlock")
    assert Client().post("/sign-in/", {"username": "otto", "password": PASSWORD}).status_code == 302
    page = do(as_adam, "otto", "initial-password")
    password = re.search(r'class="code once">([^<]+)<', page)
    assert password
    assert Client().post("/sign-in/", {"username": "otto", "password": PASSWORD}).status_code == 422
    assert Client().post("/sign-in/", {"username": "otto", "password": password[1]}).status_code == 302
    assert as_adam.post("/people/officers/otto/do/", {"do": "fly"}).status_code == 404


def test_nobody_can_be_let_sign_in_as_a_program(as_adam: Client, ida: Officer) -> None:
    name = program_of(ida.unit).token.officer.username
    for asked, sentence in (("initial-password", "nobody signs in as them"), ("activate", "make a new one")):
        answer = as_adam.post(f"/people/officers/{name}/do/", {"do": asked})
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert Officer.objects.get(username=name).is_program


@pytest.mark.usefixtures("otto")
def test_changes_ask_again_who_the_administrator_is(as_adam: Client) -> None:
    grow_old(as_adam)
    assert change(as_adam, "otto", "administrator") == 302
    assert roles_of("otto") == {"expert"}
    as_adam.post("/again/", {"password": PASSWORD})
    assert 'name="roles" value="administrator"' in as_adam.get("/again/kept/").content.decode()


def test_the_list_asks_no_more_for_more_people(adam: Officer) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            queries.people(Officer.objects.get(pk=adam.pk))
        return len(seen)

    before = asked()
    for number in range(5):
        unit = Unit.objects.create(agency=f"Unit {number}", country="PL")
        make_officer(f"officer{number}", PASSWORD, unit)
    assert asked() == before


def test_the_command_names_the_roles_that_there_are() -> None:
    assert tuple(Role.values) == ROLES


@pytest.mark.usefixtures("ida")
def test_the_terminal_gives_roles_and_takes_lost_factors_away() -> None:
    made, _new = serving.add_officer(
        "adam", PASSWORD, "Holding unit", "NL", roles=["administrator"], must_change_password=True
    )
    assert (made.roles, made.must_change_password) == ({"administrator"}, True)
    assert serving.officer_roles("ida") == ["coordinator", "exchange", "expert"]
    assert serving.officer_roles("ida", ["expert", "appeal"]) == ["appeal", "expert"]
    assert Entry.objects.latest("id").action == "roles-changed"
    ida = Officer.objects.get(username="ida")
    give_app(ida)
    assert serving.reset_officer("ida") == 1
    assert not has_factor(ida)
    with pytest.raises(UsageError, match="no officer"):
        serving.reset_officer("nobody")
