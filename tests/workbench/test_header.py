"""The header offers what the roles can use, every link in it opens, and the start page is where the work is."""

from __future__ import annotations

import re

import pytest

from workbench.cast import PASSWORD, signed_in

# isort: split
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Role
from foureyes.workbench.library.holdings import catalogue

pytest_plugins = ["workbench.stage"]

OFFERED = {
    Role.EXPERT: "Series Search Review Inbox Decisions Changes Confirm Sources Not-read What-I-saw",
    Role.COORDINATOR: "Series Search Review Inbox Decisions Changes Confirm Editions Sources Not-read What-I-saw",
    Role.TRAINEE: "Series Search Inbox Decisions Changes What-I-saw",
    Role.OVERSIGHT: "Record",
    Role.ADMINISTRATOR: "People Programs",
}
STARTS = {Role.OVERSIGHT: "/record/", Role.ADMINISTRATOR: "/people/"}


def offered(client: Client, page: str) -> list[tuple[str, str]]:
    """Address and words of each entry of the header."""
    said = client.get(page).content.decode()
    nav = re.search(r'<nav aria-label="Main">(.*?)</nav>', said, re.DOTALL)
    assert nav
    return re.findall(r'<a href="([^"]+)"[^>]*>([\w ]+)', nav[1])


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("role", OFFERED)
def test_a_role_is_offered_what_it_can_use(role: Role, ida: Officer) -> None:
    client = signed_in(make_officer("other", PASSWORD, ida.unit, roles=(role,)))
    entries = offered(client, "/profile/")
    assert " ".join(words.strip().replace(" ", "-") for _address, words in entries) == OFFERED[role]
    assert {address: client.get(address).status_code for address, _words in entries} == {
        address: 200 for address, _words in entries
    }
    assert client.get("/").headers["Location"] == STARTS.get(role, "/series/")


def test_another_unit_is_offered_nothing_of_the_workspace_as_a_whole(as_otto: Client) -> None:
    words = {words.strip() for _address, words in offered(as_otto, "/profile/")}
    assert "Series" in words
    assert words.isdisjoint({"Sources", "Not read", "Editions", "People", "Record"})


def test_pages_lead_to_each_other(as_ida: Client, series: list[SeriesSummary]) -> None:
    here = series[0].id
    assert 'href="/map/"' in as_ida.get("/series/").content.decode()
    assert f'href="/series/{here}/review/"' in as_ida.get(f"/series/{here}/").content.decode()
    decision = catalogue().decisions()[0].id
    decided = as_ida.get("/decisions/").content.decode()
    link = f"/findings/new/note/?on=decision:{decision}&amp;back=/decisions/"
    assert f'href="{link}"' in decided
    assert as_ida.get(link.replace("&amp;", "&")).status_code == 200
