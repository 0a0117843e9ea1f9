"""Signing in with a second factor, being locked out, and what is reached where one is required."""

from __future__ import annotations

import base64
import importlib
import json
import secrets
import sys
import time
from pathlib import Path

import pytest

from contracts.test_access import TABLE, ask, words  # noqa: F401 - a fixture of the walk
from workbench.cast import PASSWORD
from workbench.factors import give_app, give_password, recovery_codes, wrong_code
from workbench.factors_now import code_of

# isort: split
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from foureyes.workbench.accounts import factors, held, queries
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.live.opening import ME, opened

pytest_plugins = ["workbench.stage"]

PRODUCTION = "foureyes.workbench.settings.production"

required = override_settings(FOUREYES_SECOND_FACTOR="required")


def recorded() -> list[tuple[str, str]]:
    return list(Entry.objects.order_by("id").values_list("officer", "action"))


def give_code(client: Client, code: str) -> tuple[int, str]:
    response = client.post("/sign-in/second/", {"code": code})
    return response.status_code, response.content.decode() + response.headers.get("Location", "")


def test_password_and_code_sign_in_and_nothing_less(ida: Officer, as_nobody: Client) -> None:
    secret = give_app(ida)
    assert give_password(as_nobody, ida) == "/sign-in/second/"
    assert as_nobody.get("/exposure/").status_code == 302
    assert ("ida", "signed-in") not in recorded()
    assert "does not fit" in give_code(as_nobody, wrong_code(secret))[1]
    assert give_code(as_nobody, code_of(secret)) == (302, "/exposure/")
    assert as_nobody.get("/exposure/").status_code == 200
    assert recorded()[-2:] == [("ida", "second-factor-refused"), ("ida", "signed-in")]
    assert json.loads(Entry.objects.latest("id").detail) == {"by": ["password", "totp"]}


def test_a_code_is_good_once(ida: Officer) -> None:
    secret = give_app(ida)
    code = code_of(secret)
    for expected in (302, 422):
        client = Client()
        give_password(client, ida)
        assert give_code(client, code)[0] == expected


def test_a_code_is_good_once_in_another_process_after_another_code_too(ida: Officer) -> None:
    secret = give_app(ida)
    for code, expected in ((code_of(secret), 302), (code_of(secret, 1), 302), (code_of(secret), 422)):
        cache.clear()  # allauth's own memory of used codes is of one process
        client = Client()
        give_password(client, ida)
        assert give_code(client, code)[0] == expected


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
@pytest.mark.parametrize("second", [0, 29])
def test_a_clock_may_be_wrong_by_one_step(
    ida: Officer, monkeypatch: pytest.MonkeyPatch, steps: int, second: int, *, fits: bool
) -> None:
    """At the first and at the last second of a step; the clock stands, so that no step begins meanwhile."""
    secret = give_app(ida)
    now = time.time() // 30 * 30 + second
    monkeypatch.setattr(time, "time", lambda: now)
    code = code_of(secret, steps)
    assert (factors.try_code(ida, code) is not None) == fits
    cache.clear()
    assert factors.try_code(ida, code) is None, "seen over a shoulder and sent again"


def test_a_recovery_code_is_good_once(ida: Officer) -> None:
    give_app(ida)
    code = recovery_codes(ida)[3]
    for expected in (302, 422):
        client = Client()
        give_password(client, ida)
        assert give_code(client, f"{code[:4]} {code[4:]}")[0] == expected
    assert factors.codes_left(ida) == 9


def test_five_wrong_codes_lock_the_name_even_with_right_passwords_between(ida: Officer) -> None:
    secret = give_app(ida)
    for _ in range(2):
        client = Client()
        give_password(client, ida)
        for _ in range(2):
            assert give_code(client, wrong_code(secret))[0] == 422
    client = Client()
    give_password(client, ida)
    assert "locked" in give_code(client, wrong_code(secret))[1]
    assert queries.is_locked("ida")
    assert give_code(client, code_of(secret)) == (302, "/sign-in/")
    assert give_password(Client(), ida) == ""
    Officer.objects.update(locked_until=ida.made_at)
    client = Client()
    give_password(client, ida)
    assert give_code(client, code_of(secret))[0] == 302
    ida.refresh_from_db()
    assert (ida.failures, ida.locked_until) == (0, None)


def test_a_locked_name_is_refused_at_the_second_factor_too(ida: Officer, as_nobody: Client) -> None:
    secret = give_app(ida)
    give_password(as_nobody, ida)
    for _ in range(5):
        Client().post("/sign-in/", {"username": "ida", "password": "wrong"})
    assert "locked" in give_code(as_nobody, code_of(secret))[1]


def test_an_officer_who_left_between_password_and_code_stays_out(ida: Officer, as_nobody: Client) -> None:
    secret = give_app(ida)
    give_password(as_nobody, ida)
    Officer.objects.update(is_active=False)
    give_code(as_nobody, code_of(secret))
    assert as_nobody.get("/exposure/").status_code == 302


def test_secrets_of_factors_do_not_lie_in_the_clear_and_die_with_the_key(ida: Officer) -> None:
    secret = give_app(ida)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    code = recovery_codes(ida)[0]
    with override_settings(SECRET_KEY="another key, as long as it must be for the tests to run"):
        assert factors.try_code(ida, code_of(secret)) is None
        assert factors.try_code(ida, code) is None
        assert factors.codes_left(ida) == 0


def test_hostile_answers_of_a_key_are_refused(ida: Officer, as_nobody: Client) -> None:
    give_app(ida)
    give_password(as_nobody, ida)
    for answer in ("", "null", "[]", "{", "{}", '{"id": 1}', '{"response": {}}', '"' * 90, "\x00"):
        assert as_nobody.post("/sign-in/second/", {"credential": answer}).status_code == 422
        Officer.objects.update(failures=0)


def no_browser() -> st.SearchStrategy[object]:
    """Answers that are almost those of a security key."""
    said = [b'{"type":"webauthn.create","challenge":"AA","origin":"http://testserver"}', b'{"a":1}', b"\xa0"]
    attested = b"\xa3cfmtdnonegattStmt\xa0hauthDataX\x25" + bytes(37)
    encoded = [base64.urlsafe_b64encode(one).decode().rstrip("=") for one in [*said, attested]]
    value = st.sampled_from([*encoded, "", "AA", "%%%", "é", None, 1, [], {}])
    answer = st.fixed_dictionaries(
        {"clientDataJSON": value},
        optional={
            "attestationObject": value,
            "authenticatorData": value,
            "signature": value,
            "userHandle": value,
        },
    )
    return st.fixed_dictionaries(
        {"id": value, "rawId": value, "type": st.sampled_from(["public-key", "x", None])},
        optional={
            "response": answer | value,
            "clientExtensionResults": st.sampled_from([{}, None, "x", []]),
            "authenticatorAttachment": st.sampled_from([None, "platform", 3]),
        },
    )


def test_whatever_a_false_browser_says_is_refused_in_words(ida: Officer, as_ida: Client) -> None:
    give_app(ida)

    @given(no_browser())
    @settings(max_examples=40)
    def refused(answer: object) -> None:
        form = {"credential": json.dumps(answer)}
        assert as_ida.post("/profile/second-factors/key/", form).status_code == 422
        assert as_ida.post("/again/", form).status_code == 422
        Officer.objects.update(failures=0, locked_until=None)

    refused()
    assert [one.kind for one in queries.factors_of(ida)] == ["app"]


def test_setting_an_app_up_needs_its_code_and_gives_recovery_codes(ida: Officer, as_ida: Client) -> None:
    as_ida.get("/profile/second-factors/app/")
    secret = as_ida.session["mfa.totp.secret"]
    refused = as_ida.post("/profile/second-factors/app/", {"code": wrong_code(secret)})
    assert refused.status_code == 422
    assert not held.has_factor(ida)
    added = as_ida.post("/profile/second-factors/app/", {"code": code_of(secret)})
    assert added.headers["Location"] == "/profile/second-factors/codes/"
    shown = as_ida.get("/profile/second-factors/codes/").content.decode()
    codes = recovery_codes(ida)
    assert len(codes) == 10
    assert all(f"{code[:4]} {code[4:]}" in shown for code in codes)
    as_ida.post("/profile/second-factors/codes/", {"do": "kept"})
    again = as_ida.get("/profile/second-factors/codes/").content.decode()
    assert not any(code[:4] in again for code in codes)
    assert recorded()[-2:] == [("ida", "second-factor-added"), ("ida", "recovery-codes-made")]
    as_ida.post("/profile/second-factors/codes/", {"do": "make"})
    assert not set(codes) & set(recovery_codes(ida))


def test_the_last_factor_stays_where_one_is_required(ida: Officer, as_ida: Client) -> None:
    give_app(ida)
    number = queries.factors_of(ida)[0].number
    with required:
        as_ida.post(f"/profile/second-factors/{number}/remove/")
        assert held.has_factor(ida)
    as_ida.post(f"/profile/second-factors/{number}/remove/")
    assert not Authenticator.objects.exists()
    assert recorded()[-1] == ("ida", "second-factor-removed")


def test_nobody_removes_the_factor_of_another(ida: Officer, as_otto: Client) -> None:
    give_app(ida)
    number = queries.factors_of(ida)[0].number
    assert as_otto.post(f"/profile/second-factors/{number}/remove/").status_code == 404
    assert held.has_factor(ida)


SET_UP_PAGES = {"accounts:factors", "accounts:add-app", "accounts:add-key", "accounts:codes"}
OPEN_ANYWAY = {
    "accounts:sign-out",
    "accounts:theme",
    "accounts:language",
    "accounts:again",
    "accounts:kept",
    "accounts:second-factor",
}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_without_a_required_factor_nothing_but_the_set_up_is_reached(
    name: str,
    as_ida: Client,
    words: dict[str, str],  # noqa: F811 - the fixture
) -> None:
    with required:
        status, said = ask(as_ida, name, words)
    assert "/series/" not in said
    if name in SET_UP_PAGES | OPEN_ANYWAY or TABLE[name].nobody in {200, 404}:
        assert status in {200, 302, 404}
        assert words["series"] not in said
        return
    assert status in {401, 404} or (status, "/profile/second-factors/" in said) in {(302, True), (403, True)}


@pytest.mark.usefixtures("workspace")
def test_with_the_required_factor_the_work_is_reached(ida: Officer, as_ida: Client) -> None:
    with required:
        assert as_ida.get("/series/").headers["Location"] == "/profile/second-factors/"
        give_app(ida)
        assert as_ida.get("/series/").status_code == 200


def test_without_a_required_factor_the_live_channel_stays_shut(as_ida: Client) -> None:
    key = str(as_ida.session.session_key)
    assert opened(key, ME) is not None
    with required:
        assert opened(key, ME) is None


def test_an_initial_password_is_changed_before_anything_else(as_ida: Client) -> None:
    Officer.objects.update(must_change_password=True)
    assert as_ida.get("/exposure/").headers["Location"] == "/profile/password/"
    assert as_ida.get("/profile/second-factors/").headers["Location"] == "/profile/password/"
    new = {"old": PASSWORD, "new": "another horse battery", "again": "another horse battery"}
    for wrong in ({"old": "wrong"}, {"again": "different"}, {"new": "short", "again": "short"}):
        assert as_ida.post("/profile/password/", new | wrong).status_code == 422
    same = {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}
    assert as_ida.post("/profile/password/", same).status_code == 422
    assert as_ida.post("/profile/password/", new).status_code == 302
    assert as_ida.get("/exposure/").status_code == 200
    assert recorded()[-1] == ("ida", "password-changed")


def test_production_requires_a_second_factor_unless_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(word: str) -> str:
        monkeypatch.setenv("FOUREYES_SECOND_FACTOR", word)
        try:
            return str(importlib.import_module(PRODUCTION).FOUREYES_SECOND_FACTOR)
        finally:
            sys.modules.pop(PRODUCTION, None)

    monkeypatch.setenv("FOUREYES_SECRET_KEY", secrets.token_urlsafe(64))
    monkeypatch.setenv("FOUREYES_HOSTS", "work.example")
    monkeypatch.setenv("FOUREYES_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("FOUREYES_RECORD_KEY", base64.b64encode(secrets.token_bytes(32)).decode())
    assert said("") == "required"
    assert said("optional") == "optional"
    for word in ("off", "0", "none", "false"):
        with pytest.raises(ImproperlyConfigured, match="FOUREYES_SECOND_FACTOR"):
            said(word)
