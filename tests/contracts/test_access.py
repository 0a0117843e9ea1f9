"""Every address of the workbench, asked for by nobody and by another unit's officer.

A new address fails this test until it stands in the table with what each of them gets.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import timedelta

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
from workbench.cast import PASSWORD, REASON, give, marks, signed_in
from workbench.found import SECRET, WALLPAPER, find

# isort: split
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat, TakesPart
from foureyes.workbench.access.rules import SeriesAsked, scope_of
from foureyes.workbench.access.units import given
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Role, RoleHeld, Unit
from foureyes.workbench.editions.actions import propose
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series.models import SavedView

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


OF_THE_HOLDING_UNIT = {
    "library:sources",
    "library:faults",
    "library:set-aside",
    "library:allow-more",
    "editions:editions",
    "editions:make",
    "editions:edition",
    "editions:change",
    "editions:close",
    "editions:reopen",
    "editions:unit",
    "editions:seats",
    "editions:propose-export",
    "series:progress",
    "series:remove-view",
}
"""What no other unit reaches, whatever is assigned to it: the workspace as a whole, editions, another's view."""
OF_EDITIONS = {name for name in OF_THE_HOLDING_UNIT if name.startswith("editions:")} - {
    "editions:propose-export"
} | {"series:progress"}
ALL_ROLES = tuple(Role.values)


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
    edition = Edition.objects.create(
        name="The edition of words", opens="2020-01-01", closes="2020-01-02", made_by=ida
    )
    view = SavedView.objects.create(officer=ida, unit=ida.unit, name="Ida's view")
    concerned = {"series": [series[0].id]}
    proposal = propose(ida, Proposal.Kind.IDENTIFIED, series[0].id, concerned, REASON)
    return {
        "series": series[0].id,
        "mark": mark,
        "other": other,
        "sha256": catalogue().find(mark)[0],
        "decision": str(decision.id),
        "proposal": str(proposal.id),
        "edition": str(edition.id),
        "unit": str(ida.unit_id),
        "view": str(view.id),
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
    assert reached == set(TABLE) - OF_THE_HOLDING_UNIT
    page = signed_in(otto).get(reverse("library:media", args=[words["mark"]])).content.decode()
    assert "/evidence/" not in page
    assert "Seized laptop" not in page
    for other in catalogue().series_list():
        if other.id != words["series"]:
            assert signed_in(otto).get(reverse("series:page", args=[other.id])).status_code == 404
            assert other.id not in signed_in(otto).get("/series/").content.decode()


def walk(officer: Officer, words: dict[str, str], roles: tuple[str, ...]) -> list[str]:
    """Ask for every address as this officer; gives those that answer otherwise than to an outsider."""
    client = signed_in(officer)
    session, wrong = client.cookies.output(header=""), []
    for name, case in TABLE.items():
        client.cookies.load(session)  # the sign-out took it away
        with transaction.atomic():
            status, said = ask(client, name, words)
            transaction.set_rollback(True)
        expected = [case.roles[role] for role in roles if role in case.roles] or [case.outsider]
        if status not in expected:
            wrong.append(f"{name}: {status}")
        elif expected == [case.outsider] and told(said, words):
            wrong.append(f"{name} tells {told(said, words)}")
    return wrong


def hold(officer: Officer, *roles: str) -> Officer:
    RoleHeld.objects.filter(officer=officer).delete()
    RoleHeld.objects.bulk_create(RoleHeld(officer=officer, role=role) for role in roles)
    return Officer.objects.select_related("unit").get(id=officer.id)


def edition(name: str, *, days: int = 0, **changed: object) -> Edition:
    """An edition of today, or of so many days ago."""
    day = timezone.now().date() - timedelta(days=days)
    by = Officer.objects.get(username="ida")
    return Edition.objects.create(name=name, opens=day, closes=day, made_by=by, **changed)


def lay(
    into: Edition,
    series: str,
    to: Officer,
    *,
    code: str = "H1",
    seat: bool = True,
    part: bool = True,
    whole: bool = True,
) -> None:
    """Let a series lie in an edition, given to an officer's unit, or to a colleague of theirs."""
    by = Officer.objects.get(username="ida")
    if part:
        TakesPart.objects.get_or_create(edition=into, unit=to.unit)
    if seat:
        Seat.objects.get_or_create(edition=into, officer=to)
    placed = Placed.objects.create(edition=into, series=series, handling_code=code, placed_by=by)
    colleague = None if whole else Officer.objects.exclude(id=to.id).filter(unit=to.unit).first()
    Assignment.objects.create(placed=placed, unit=to.unit, officer=colleague, given_by=by)


def near_misses(otto: Officer, series: str) -> dict[str, Edition]:
    """Every way in which the series is nearly Otto's, and is not."""
    make_officer("olga", PASSWORD, otto.unit)
    closed = edition("closed", closed_at=timezone.now())
    ways = {
        "closed": closed,
        "over": edition("over", days=1),
        "not yet": edition("not yet", days=-1),
        "H2 and not permitted": edition("H2"),
        "no seat": edition("no seat"),
        "unit takes no part": edition("no part"),
        "given to a colleague": edition("colleague"),
    }
    for name in ("closed", "over", "not yet"):
        lay(ways[name], series, otto)
    lay(ways["H2 and not permitted"], series, otto, code="H2")
    lay(ways["no seat"], series, otto, seat=False)
    lay(ways["unit takes no part"], series, otto, part=False)
    lay(ways["given to a colleague"], series, otto, whole=False)
    return ways


@pytest.mark.parametrize("role", ALL_ROLES)
def test_every_role_of_another_unit_and_edition_learns_nothing(
    role: str, otto: Officer, series: list[SeriesSummary], words: dict[str, str]
) -> None:
    near_misses(otto, words["series"])
    lay(edition("with another series"), series[1].id, otto)
    wrong = walk(hold(otto, role), words, (role,))
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    "roles", [("administrator",), ("oversight",), ("oversight", "expert", "coordinator"), ("trainee",)]
)
def test_roles_of_the_holding_unit_that_see_no_media(
    roles: tuple[str, ...], ida: Officer, words: dict[str, str]
) -> None:
    vera = make_officer("vera", PASSWORD, ida.unit, roles=roles)
    # A coordinator reaches the editions, which name no media; oversight takes only media away.
    allowed = OF_EDITIONS | {"library:allow-more"} if "coordinator" in roles else set()
    wrong = [one for one in walk(vera, words, roles) if ":".join(one.split(":")[:2]) not in allowed]
    assert wrong == [], "\n".join(wrong)


def test_each_near_miss_alone_and_what_heals_it(otto: Officer, words: dict[str, str]) -> None:
    asked = SeriesAsked(words["series"])
    ways = near_misses(otto, words["series"])
    assert not scope_of(otto).covers(asked)

    def seen() -> bool:
        return scope_of(Officer.objects.get(id=otto.id)).covers(asked)

    today = timezone.now().date()
    Edition.objects.filter(id=ways["closed"].id).update(closed_at=None)
    assert seen()
    Edition.objects.filter(id=ways["closed"].id).update(closed_at=timezone.now())
    Edition.objects.filter(id=ways["over"].id).update(closes=today)
    assert seen()
    Edition.objects.filter(id=ways["over"].id).update(closed_at=timezone.now())
    Assignment.objects.filter(placed__edition=ways["H2 and not permitted"]).update(permitted=True)
    assert seen()
    Assignment.objects.update(permitted=False)
    Seat.objects.create(edition=ways["no seat"], officer=otto)
    assert seen()
    Seat.objects.filter(edition=ways["no seat"]).delete()
    TakesPart.objects.create(edition=ways["unit takes no part"], unit=otto.unit)
    assert seen()
    TakesPart.objects.filter(edition=ways["unit takes no part"]).delete()
    Edition.objects.filter(id=ways["given to a colleague"].id).update(all_series_to_all=True)
    assert seen()
    hold(otto, "trainee")  # a trainee sees what was given, never all of an edition
    assert not seen()


def test_words_about_units_say_what_the_rule_says(
    otto: Officer, series: list[SeriesSummary], words: dict[str, str]
) -> None:
    near_misses(otto, words["series"])
    lay(edition("given"), series[1].id, otto)
    lay(edition("all", all_series_to_all=True), series[2].id, otto, whole=False)
    told_of = {one.series for one in given() if one.unit == otto.unit and one.edition in {"given", "all"}}
    assert told_of == {series[1].id, series[2].id} == set(scope_of(otto).series)
    assert "H2" not in {one.handling_code for one in given()}
    assert Unit.objects.count() == 2


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
