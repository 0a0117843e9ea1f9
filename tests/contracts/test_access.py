"""Every address of the workbench, asked for by nobody and by another unit's officer.

A new address fails this test until it stands in the table with what each of them gets.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

import pytest

from contracts.addresses import (
    access,
    accounts,
    api,
    audit,
    editions,
    findings,
    library,
    live,
    oversight,
    pages,
)
from contracts.addresses import series as series_addresses
from workbench.cast import REASON, give, marks, signed_in
from workbench.found import SECRET, WALLPAPER, find

# isort: split
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.actions import propose
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.library.holdings import catalogue

pytest_plugins = ["workbench.stage"]


TABLE = {
    name: case
    for module in (
        access,
        accounts,
        api,
        audit,
        editions,
        findings,
        library,
        live,
        oversight,
        pages,
        series_addresses,
    )
    for name, case in module.TABLE.items()
}


def names() -> Iterator[str]:
    """Names of all addresses, with their namespaces."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                assert entry.name, f"{entry.pattern} has no name"
                yield prefix + entry.name
            else:
                yield from walk(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)

    yield from walk(get_resolver(), "")


def test_every_address_stands_in_the_table() -> None:
    found = list(names())
    assert len(found) == len(set(found))
    assert set(found) == set(TABLE)


@pytest.fixture
def words(series: list[SeriesSummary], ida: Officer) -> dict[str, str]:
    """What the placeholders stand for."""
    mark, other = marks(series[0].id)[:2]
    found = find(ida, series[0].id, mark)
    decision = catalogue().decisions(active_only=False)[0]
    concerned = {"series": [series[0].id]}
    proposal = propose(ida, Proposal.Kind.IDENTIFIED, series[0].id, concerned, REASON)
    return {
        "series": series[0].id,
        "mark": mark,
        "other": other,
        "sha256": catalogue().find(mark)[0],
        "decision": str(decision.id),
        "proposal": str(proposal.id),
        "name": series[0].name,
        "note": str(found.note.pk),
        "region": str(found.region.pk),
        "task": str(found.task.pk),
        "request": str(found.question.pk),
        "assessment": str(found.assessment.pk),
    }


def ask(client: Client, name: str, words: dict[str, str]) -> tuple[int, str]:
    """Status and body of one address."""
    case = TABLE[name]
    address = reverse(name, kwargs={key: put(value, words) for key, value in case.kwargs.items()})
    address += put(case.query, words)
    if case.body:
        response = client.post(address, put(case.body, words), content_type="application/json")
    else:
        asked = getattr(client, case.method)
        response = asked(address, {key: put(value, words) for key, value in case.data.items()})
    said = response.content.decode(errors="replace") + response.headers.get("Location", "")
    # The asked address itself comes back in the form that switches light and dark: that tells nothing new.
    return response.status_code, said.replace(f'value="{html.escape(address)}"', "")


def put(text: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text


@pytest.mark.parametrize("name", TABLE)
def test_nobody_gets_nothing_but_the_sign_in(name: str, as_nobody: Client, words: dict[str, str]) -> None:
    status, said = ask(as_nobody, name, words)
    assert status == TABLE[name].nobody
    assert status in {200, 401, 404} or "/sign-in/" in said
    assert told(said.partition("?next=")[0], words) == []


@pytest.mark.parametrize("name", TABLE)
def test_another_unit_learns_nothing(name: str, as_otto: Client, words: dict[str, str]) -> None:
    status, said = ask(as_otto, name, words)
    assert status == TABLE[name].outsider
    assert told(said, words) == []


@pytest.mark.parametrize("name", TABLE)
def test_the_holding_unit_gets_there(name: str, as_ida: Client, words: dict[str, str]) -> None:
    assert ask(as_ida, name, words)[0] == TABLE[name].insider


def test_a_search_leads_another_unit_to_nothing(as_otto: Client, words: dict[str, str]) -> None:
    for text in (words["sha256"], _pdq_of(words["sha256"])):
        answer = as_otto.post(reverse("library:ask"), {"hash": text, "radius": "63"}, follow=True)
        assert answer.status_code == 200
        said = answer.content.decode().replace(text, "")
        assert "Nothing held is the same picture" in said
        assert told(said, words) == []


def test_an_assigned_series_is_reached_and_nothing_else(otto: Officer, words: dict[str, str]) -> None:
    give(words["series"], otto.unit)
    reached = {name for name, case in TABLE.items() if ask(signed_in(otto), name, words)[0] == case.insider}
    assert reached == set(TABLE) - {"library:sources", "library:faults", "library:set-aside"}
    page = signed_in(otto).get(reverse("library:media", args=[words["mark"]])).content.decode()
    assert "/evidence/" not in page
    assert "Seized laptop" not in page
    for other in catalogue().series_list():
        if other.id != words["series"]:
            assert signed_in(otto).get(reverse("series:page", args=[other.id])).status_code == 404
            assert other.id not in signed_in(otto).get("/series/").content.decode()


def _pdq_of(sha256: str) -> str:
    table = catalogue().fingerprints("pdq", owners=[sha256])
    return table.values[0][:32].tobytes().hex()


def told(said: str, words: dict[str, str]) -> list[str]:
    """What an answer tells of what it must not."""
    secrets = [
        words["series"],
        words["mark"],
        words["other"],
        words["name"],
        REASON,
        "/evidence/",
        SECRET,
        WALLPAPER["name"],
    ]
    return [secret for secret in secrets if secret in said or json.dumps(secret)[1:-1] in said]
