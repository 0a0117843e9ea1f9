"""Programs of units: what they may, what is recorded of them, and how they are refused."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from workbench.cast import PASSWORD, give, grow_old, marks, signed_in

# isort: split
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Role
from foureyes.workbench.api import gate
from foureyes.workbench.api.actions import make_token, revoke_token
from foureyes.workbench.api.models import Answered, Token
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.models import Exposure
from workbench.filled import drawn
from workbench.programs import ALL, Program, administrator, program_of

pytest_plugins = ["workbench.stage"]


@pytest.fixture(autouse=True)
def fresh_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "METER", gate.Meter(lambda: 0.0))


@pytest.fixture
def program(ida: Officer) -> Program:
    """One of the unit that holds the workspace, with every scope."""
    return program_of(ida.unit)


def test_what_the_pages_show_is_answered(program: Program, series: list[SeriesSummary]) -> None:
    held = catalogue().series(series[0].id)
    assert held is not None
    status, said = program.ask("GET", "series?limit=1")
    assert (status, len(said["items"])) == (200, 1)
    seen = [said["items"][0]["id"]]
    while said["next"]:
        _, said = program.ask("GET", f"series?limit=1&cursor={said['next']}")
        seen.append(said["items"][0]["id"])
    assert seen == sorted(one.id for one in series)
    assert program.ask("GET", f"series/{held.id}")[1]["size"] == len(held.members)
    _, said = program.ask("GET", f"series/{held.id}/members?limit=3")
    assert [one["sha256"] for one in said["items"]] == sorted(held.members)[:3]
    _, said = program.ask("GET", f"series/{held.id}/members?limit=500&cursor={said['next']}")
    assert [one["sha256"] for one in said["items"]] == sorted(held.members)[3:]
    assert said["next"] is None
    first, second = marks(held.id)[:2]
    why = program.ask("GET", f"why?a={first}&b={second}")[1]
    assert why["together"] is True
    assert why["hops"]
    assert all(hop["links"] or hop["decisions"] for hop in why["hops"])
    assert program.ask("GET", f"series/{held.id}/links?limit=1")[1]["items"][0]["kind"]
    assert program.ask("GET", f"media/{first}")[1]["series"] == held.id
    assert program.ask("GET", "decisions")[1]["items"][0]["officer"] == "ida"
    changes = program.ask("GET", "changes")[1]
    assert changes["items"]
    assert program.ask("GET", f"changes?after={changes['last']}")[1]["items"] == []
    assert program.ask("GET", "editions") == (200, {"items": []})


def test_a_program_is_recorded_as_itself(program: Program, series: list[SeriesSummary]) -> None:
    name = program.token.officer.username
    before = Entry.objects.count()
    program.ask("GET", f"series/{series[0].id}")
    program.ask("GET", f"media/{marks(series[0].id)[0]}")
    program.ask("POST", "search", {"hash": "0" * 64})
    recorded = list(
        Entry.objects.filter(id__gt=before).order_by("id").values_list("officer", "unit", "action")
    )
    unit = str(program.token.unit)
    assert recorded == [(name, unit, "series-opened"), (name, unit, "media-opened"), (name, unit, "searched")]


def test_nothing_sharp_leaves_without_the_scope_and_each_is_counted(
    program: Program, ida: Officer, series: list[SeriesSummary]
) -> None:
    mark = marks(series[0].id)[0]
    reader = program_of(ida.unit, ["read", "decide", "search", "find"])
    status, said = reader.ask("POST", f"media/{mark}/reveal")
    assert (status, said["title"]) == (403, "Not what this token is for")
    assert Exposure.objects.count() == 0
    status, picture = program.ask("POST", f"media/{mark}/reveal")
    assert (status, picture[:2]) == (200, b"\xff\xd8")
    assert Exposure.objects.get().officer == program.token.officer
    assert Entry.objects.latest("id").action == "media-revealed"
    with override_settings(FOUREYES_REVEALS_A_DAY=1):
        status, said = program.ask("POST", f"media/{mark}/reveal")
    assert status == 429
    assert "midnight" in said["detail"]


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("decide", "PUT", "series/{series}/name", {"name": "x"}),
        ("decide", "POST", "series/{series}/decisions", {"kind": "split", "media": [], "reason": "x"}),
        ("decide", "POST", "decisions/1/withdrawal", {"reason": "x"}),
        ("search", "POST", "search", {"hash": "0" * 64}),
        ("find", "POST", "notes", {"on": "series:S-AAAAAAAA", "text": "x"}),
        ("reveal", "POST", "media/{mark}/reveal", None),
    ],
)
def test_each_scope_is_asked_for(
    scope: str, method: str, path: str, body: object, ida: Officer, series: list[SeriesSummary]
) -> None:
    without = program_of(ida.unit, [one for one in ALL if one != scope])
    path = path.format(series=series[0].id, mark=marks(series[0].id)[0])
    status, said = without.ask(method, path, body)
    assert status == 403
    assert f"`{scope}`" in said["detail"]


def test_decisions_are_made_once_and_taken_back(own_workspace: Path, ida: Officer) -> None:
    assert own_workspace.exists()
    program = program_of(ida.unit)
    held = catalogue().series_list()[0]
    mark = marks(held.id)[0]
    body = {"kind": "belongs", "media": [mark], "reason": "the same tiles"}
    status, made = program.ask("POST", f"series/{held.id}/decisions", body, key="decision-0001")
    assert (status, made["officer"]) == (201, program.token.officer.username)
    again = program.ask("POST", f"series/{held.id}/decisions", body, key="decision-0001")
    assert again == (201, made)
    assert len(catalogue().decisions()) == 1
    status, said = program.ask(
        "POST", f"series/{held.id}/decisions", {**body, "reason": "y"}, key="decision-0001"
    )
    assert status == 422
    assert "another request" in said["detail"]
    refused = {**body, "kind": "merge"}
    assert program.ask("POST", f"series/{held.id}/decisions", refused, key="decision-0002")[0] == 422
    assert not Answered.objects.filter(key="decision-0002").exists()
    status, said = program.ask("POST", f"decisions/{made['id']}/withdrawal", {"reason": "a mistake"})
    assert (status, said["id"]) == (200, made["id"])
    assert catalogue().decisions() == []
    assert program.ask("PUT", f"series/{held.id}/name", {"name": "the blue room"}) == (
        200,
        {"name": "the blue room"},
    )
    Answered.objects.create(token=program.token, key="under-way-1", asked_sha256="0" * 64)
    status, said = program.ask("PUT", f"series/{held.id}/name", {"name": "x"}, key="under-way-1")
    assert (status, said["title"]) == (409, "Not now")


def test_a_series_is_moved_on_by_who_saw_where_it_stood(
    program: Program, series: list[SeriesSummary]
) -> None:
    path = f"series/{series[0].id}"
    status, before = program.ask("GET", f"{path}/standing")
    assert (status, before["state"], before["taken_by"]) == (200, "prepared", None)
    move = {"state": "taken", "version": before["version"]}
    status, after = program.ask("PUT", f"{path}/state", move)
    assert (status, after["state"], after["taken_by"]) == (200, "taken", program.token.officer.username)
    assert Entry.objects.latest("id").action == "state-changed"
    assert program.ask("PUT", f"{path}/state", move)[0] == 422
    status, said = program.ask("PUT", f"{path}/state", {"state": "identified", "version": after["version"]})
    assert status == 422
    assert "another officer confirms" in said["detail"]


def test_findings_are_written_and_read(program: Program, series: list[SeriesSummary]) -> None:
    held, mark = series[0].id, marks(series[0].id)[0]
    note = {"on": f"series:{held}", "text": "the tiles are \u202e Polish"}
    status, made = program.ask("POST", "notes", note, key="note-0001")
    assert (status, made["officer"]) == (201, program.token.officer.username)
    assert program.ask("POST", "notes", note, key="note-0001") == (201, made)
    reply = {"on": f"note:{made['id']}", "text": "as in S-2", "handling_code": "H2"}
    assert program.ask("POST", "notes", reply)[0] == 201
    assert (
        program.ask("POST", "tasks", {"on": f"media:{mark}", "text": "ask the maker", "to": "ida"})[0] == 201
    )
    assert (
        program.ask("POST", "requests", {"on": f"series:{held}", "text": "who reads it?", "to": "ida"})[0]
        == 201
    )
    box = {"clue": "socket", "name": "type E", "left": 0.1, "top": 0.2, "width": 0.25, "height": 0.5}
    status, region = program.ask("POST", f"media/{mark}/regions", {**box, "speaks_for": ["PL"]})
    assert (status, region["left"], region["height"]) == (201, 100_000, 500_000)
    status, said = program.ask("POST", f"media/{mark}/regions", {**box, "left": 0.9})
    assert (status, said["title"]) == (422, "Makes no sense")
    found = program.ask("GET", f"series/{held}/findings")[1]
    assert {kind: len(rows) for kind, rows in found.items()} == {
        "regions": 1, "notes": 1, "tasks": 1, "requests": 1, "assessments": 0,
    }  # fmt: skip
    assert found["notes"][0]["replies"] == 1
    assert len(program.ask("GET", f"media/{mark}/findings")[1]["regions"]) == 1


def test_another_unit_s_program_sees_what_its_unit_was_given(
    otto: Officer, ida: Officer, series: list[SeriesSummary]
) -> None:
    assert ida.unit.holds_workspace
    before = program_of(otto.unit)
    mark = marks(series[0].id)[0]
    for path in ("series", "decisions", "changes"):
        assert before.ask("GET", path)[1]["items"] == []
    for path in (
        f"series/{series[0].id}",
        f"series/{series[0].id}/members",
        f"media/{mark}",
        f"why?a={mark}&b={mark}",
    ):
        assert before.ask("GET", path)[0] == 404
    give(series[0].id, otto.unit)
    now = program_of(otto.unit)  # has a seat in the edition that is open now
    assert [one["id"] for one in now.ask("GET", "series")[1]["items"]] == [series[0].id]
    assert [one["name"] for one in now.ask("GET", "editions")[1]["items"]] == ["The edition of tests"]
    assert now.ask("GET", f"media/{mark}")[0] == 200
    assert now.ask("GET", f"series/{series[1].id}")[0] == 404
    assert Entry.objects.latest("id").action == "access-refused"


def test_a_token_opens_nothing_once_revoked_expired_or_wrong(program: Program, ida: Officer) -> None:
    assert program.ask("GET", "editions")[0] == 200
    for wrong in (
        "",
        "Bearer",
        "Bearer x",
        f"Basic {program.secret}",
        f"Bearer {program.secret}x",
        "Bearer \xff",
    ):
        status, said = program.ask("GET", "editions", headers={"Authorization": wrong})
        assert (status, said["title"]) == (401, "No valid token")
    assert signed_in(ida).get("/api/1/editions").status_code == 401
    Token.objects.update(
        made_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1)
    )
    assert program.ask("GET", "editions")[0] == 401
    Token.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert program.ask("GET", "editions")[0] == 200
    revoke_token(administrator(ida.unit), program.token.pk)
    assert program.ask("GET", "editions")[0] == 401


def test_too_many_requests_are_refused_in_words(program: Program, ida: Officer) -> None:
    with override_settings(FOUREYES_API_A_MINUTE=2):
        assert [program.ask("GET", "editions")[0] for _ in range(3)] == [200, 200, 429]
        assert "Nothing was done" in program.ask("GET", "editions")[1]["detail"]
        assert program_of(ida.unit).ask("GET", "editions")[0] == 200


def test_the_meter_begins_anew_each_minute() -> None:
    now = [0.0]
    meter = gate.Meter(lambda: now[0])
    threads = [threading.Thread(target=meter.wait, args=(1, 100)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.wait(1, 50) == 61
    now[0] = 59.5
    assert meter.wait(1, 50) == 1
    now[0] = 60.0
    assert meter.wait(1, 50) == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "series?limit=0", None, 422),
        ("GET", "series?limit=x", None, 422),
        ("GET", "series/S-A%00B", None, 422),
        ("GET", "series/S-AAAAAAAA", None, 404),
        ("GET", "series/S-AAAAAAAA%0A", None, 422),
        ("GET", "media/" + "0" * 64, None, 404),
        ("GET", "media/xyz", None, 422),
        ("GET", "decisions?cursor=-1", None, 422),
        ("POST", "search", {"hash": "no hash"}, 422),
        ("POST", "search", {"hash": "0" * 64, "radius": 64}, 422),
        ("POST", "search", [], 422),
        ("POST", "decisions/999999/withdrawal", {"reason": "x"}, 404),
        ("DELETE", "series", None, 405),
    ],
)
def test_nonsense_is_refused_in_words(
    method: str, path: str, body: object, status: int, program: Program, workspace: Path
) -> None:
    assert workspace.exists()
    given, said = program.ask(method, path, body)
    assert given == status
    if status != 405:
        assert set(said) == {"type", "title", "status", "detail", "errors"}
        assert said["status"] == status


def test_what_is_no_json_is_refused_in_words(program: Program) -> None:
    for body in (b"{", b"\xff\xfe", b"[" * 5000):
        response = Client().post(
            "/api/1/search",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {program.secret}"},
        )
        assert response.status_code == 400
        assert response.headers["Content-Type"] == "application/problem+json"


def test_a_picture_is_looked_for(program: Program, workspace: Path) -> None:
    assert workspace.exists()
    headers = {"Authorization": f"Bearer {program.secret}"}
    picture = SimpleUploadedFile("x.png", drawn(1000), "image/png")
    response = Client().post("/api/1/search/picture", {"picture": picture, "radius": "31"}, headers=headers)
    assert response.status_code == 200, response.content
    assert Entry.objects.filter(id=response.json()["entry"], action="searched").exists()
    text = SimpleUploadedFile("x.txt", b"no picture", "text/plain")
    refused = Client().post("/api/1/search/picture", {"picture": text}, headers=headers)
    assert refused.status_code == 422
    assert "no picture" in refused.json()["detail"]


def test_administrators_make_list_and_revoke_tokens(ida: Officer, otto: Officer) -> None:
    client = signed_in(administrator(ida.unit))
    form = {"unit": otto.unit.pk, "purpose": "counts <series>", "scopes": ["reveal"], "days": "7"}
    for wrong in ({"purpose": ""}, {"days": "0"}, {"days": "999"}, {"scopes": ["everything"]}):
        refused = client.post("/api/tokens/make/", {**form, **wrong})
        assert refused.status_code == 422
        assert "Nothing was made" in refused.content.decode()
    assert client.post("/api/tokens/make/", {**form, "unit": "999"}).status_code == 404
    made = client.post("/api/tokens/make/", form)
    assert made.status_code == 201
    token = Token.objects.get()
    assert token.scopes == ["read", "reveal"]
    page = client.get("/api/tokens/").content.decode()
    secret = made.content.decode().partition("foureyes_")[2].partition("<")[0]
    assert len(secret) > 40
    assert secret not in page
    assert secret not in json.dumps([str(value) for value in Token.objects.values()[0].values()])
    assert "counts &lt;series&gt;" in page
    assert Entry.objects.get(action="token-made").officer == "adam"
    assert client.post(f"/api/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_by is not None
    assert not token.officer.is_active
    assert Entry.objects.filter(action="token-revoked").count() == 1
    client.post(f"/api/tokens/{token.pk}/revoke/")
    assert Entry.objects.filter(action="token-revoked").count() == 1


def test_making_a_token_asks_an_old_sign_in_again(ida: Officer) -> None:
    client = signed_in(administrator(ida.unit))
    form = {"unit": ida.unit.pk, "purpose": "counts series", "scopes": ["reveal"], "days": "7"}
    grow_old(client)
    assert client.post("/api/tokens/make/", form).headers["Location"] == "/again/"
    assert not Token.objects.exists()
    client.post("/again/", {"password": PASSWORD})
    kept = client.get("/again/kept/").content.decode()
    assert 'action="/api/tokens/make/"' in kept
    assert 'name="purpose" value="counts series"' in kept
    assert client.post("/api/tokens/make/", form).status_code == 201


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_no_other_role_makes_tokens(role: Role, ida: Officer) -> None:
    client = signed_in(make_officer("other", PASSWORD, ida.unit, roles=(role,)))
    assert client.get("/api/tokens/").status_code == 404
    assert (
        client.post("/api/tokens/make/", {"unit": ida.unit.pk, "purpose": "x", "days": "1"}).status_code
        == 404
    )
    assert not Token.objects.exists()


def test_nobody_signs_in_as_a_program(program: Program) -> None:
    client = Client()
    for password in ("", program.secret, PASSWORD):
        answer = client.post("/sign-in/", {"username": program.token.officer.username, "password": password})
        assert answer.status_code != 302
    officer = program.token.officer
    officer.set_password(PASSWORD)  # whoever gives it one
    officer.save()
    answer = client.post("/sign-in/", {"username": officer.username, "password": PASSWORD})
    assert answer.status_code == 403
    assert client.get("/series/").status_code == 302


def test_the_database_keeps_tokens_sensible(ida: Officer) -> None:
    token, _ = make_token(administrator(ida.unit), ida.unit.pk, "x", [], 1)
    for change in ({"revoked_at": timezone.now()}, {"expires_at": token.made_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Token.objects.filter(pk=token.pk).update(**change)
