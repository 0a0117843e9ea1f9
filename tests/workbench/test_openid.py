"""Sign-in by OpenID Connect, against a real server on loopback; everything that must be refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest

from workbench.cast import PASSWORD, signed_in
from workbench.factors import give_app
from workbench.factors_now import code_of
from workbench.openid_server import CLIENT, SECRET, Server, new_key, openid_server

# isort: split
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from foureyes.workbench.accounts.models import Officer, OpenIDBinding, Role, RoleHeld
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.settings.sign_in import openid_from_environment, openid_providers

pytest_plugins = ["workbench.stage"]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with openid_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server, as it was, named in the settings."""
    running.claims, running.algorithm, running.signing_key, running.down = {}, "RS256", None, False
    said = {
        "server": running.address,
        "client": CLIENT,
        "secret": SECRET,
        "claim": "preferred_username",
        "name": "the agency",
    }
    with override_settings(FOUREYES_OPENID=said, SOCIALACCOUNT_PROVIDERS=openid_providers(said)):
        yield running


def go(client: Client, onward: str = "/exposure/") -> Any:
    """As a browser goes: off to the server, and back with what it gave."""
    off = client.get("/sign-in/openid/", {"next": onward}).headers["Location"]
    parts = urlsplit(off)
    connection = HTTPConnection(parts.netloc)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return client.get(f"{back.path}?{back.query}")


def is_in(client: Client) -> bool:
    return client.get("/exposure/").status_code == 200


@pytest.mark.usefixtures("ida")
def test_an_officer_whom_the_server_names_is_signed_in(server: Server, as_nobody: Client) -> None:
    assert "Sign in with the agency" in as_nobody.get("/sign-in/").content.decode()
    server.claims = {"preferred_username": "ida"}
    assert go(as_nobody).headers["Location"] == "/exposure/"
    assert is_in(as_nobody)
    entry = Entry.objects.get(action="signed-in")
    assert (entry.officer, entry.action, json.loads(entry.detail)) == (
        "ida",
        "signed-in",
        {"by": ["socialaccount"]},
    )


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("name", ["nora", "", "IDA", None, ["ida"], {"a": "ida"}, "ida\x00"])
def test_nobody_is_made_and_nobody_else_gets_in(
    server: Server, ida: Officer, as_nobody: Client, name: object
) -> None:
    server.claims = {"preferred_username": name, "email": "ida@example.org", "name": "ida"}
    assert go(as_nobody).headers["Location"] == "/sign-in/"
    assert "ask its administrator" in as_nobody.get("/sign-in/").content.decode()
    assert "ask its administrator" not in as_nobody.get("/sign-in/").content.decode()
    assert not is_in(as_nobody)
    assert list(Officer.objects.all()) == [ida]
    assert Entry.objects.latest("id").action == "sign-in-refused"


def test_officers_who_left_or_are_locked_stay_out(server: Server, ida: Officer, as_nobody: Client) -> None:
    server.claims = {"preferred_username": "ida"}
    for _ in range(5):
        as_nobody.post("/sign-in/", {"username": "ida", "password": "wrong"})
    assert go(as_nobody).headers["Location"] == "/sign-in/"
    Officer.objects.filter(pk=ida.pk).update(locked_until=None, is_active=False)
    assert go(as_nobody).headers["Location"] == "/sign-in/"
    assert not is_in(as_nobody)


@pytest.mark.usefixtures("ida")
def test_a_name_that_is_given_to_somebody_else_opens_nothing(
    server: Server, otto: Officer, as_nobody: Client
) -> None:
    server.claims = {"preferred_username": "ida", "sub": "1234"}
    go(as_nobody)
    assert is_in(as_nobody)
    bound = Entry.objects.get(action="openid-bound")
    assert (bound.officer, json.loads(bound.detail)["subject"]) == ("ida", "1234")
    for claims in (
        {"preferred_username": "ida", "sub": "5678"},
        {"preferred_username": "otto", "sub": "1234"},
    ):
        server.claims, other = dict(claims), Client()
        assert go(other).headers["Location"] == "/sign-in/", claims
        assert not is_in(other)
    server.claims = {"preferred_username": "ida", "sub": "1234"}
    again = Client()
    go(again)
    assert is_in(again)
    assert Entry.objects.filter(action="openid-bound").count() == 1

    RoleHeld.objects.create(officer=otto, role=Role.ADMINISTRATOR)
    as_otto = signed_in(Officer.objects.get(pk=otto.pk))
    assert "unbind-openid" in as_otto.get("/people/officers/ida/").content.decode()
    assert as_otto.post("/people/officers/ida/do/", {"do": "unbind-openid"}).status_code == 302
    assert Entry.objects.get(action="openid-unbound").officer == "otto"
    server.claims, new = {"preferred_username": "ida", "sub": "5678"}, Client()
    go(new)
    assert is_in(new)


def test_nothing_is_bound_before_our_own_second_factor(
    server: Server, ida: Officer, as_nobody: Client
) -> None:
    secret = give_app(ida)
    server.claims = {"preferred_username": "ida", "sub": "of an intruder"}
    assert go(as_nobody).headers["Location"] == "/sign-in/second/"
    # Whoever signs in with the password in the same browser then is not taken for the intruder.
    as_nobody.post("/sign-in/", {"username": "ida", "password": PASSWORD})
    as_nobody.post("/sign-in/second/", {"code": code_of(secret)})
    assert is_in(as_nobody)
    assert not OpenIDBinding.objects.exists()
    server.claims, other = {"preferred_username": "ida", "sub": "1234"}, Client()
    go(other)
    other.post("/sign-in/second/", {"code": code_of(secret, 1)})
    assert OpenIDBinding.objects.get().subject == "1234"


def test_our_own_second_factor_is_asked_for_all_the_same(
    server: Server, ida: Officer, as_nobody: Client
) -> None:
    secret = give_app(ida)
    server.claims = {"preferred_username": "ida"}
    assert go(as_nobody).headers["Location"] == "/sign-in/second/"
    assert not is_in(as_nobody)
    assert as_nobody.post("/sign-in/second/", {"code": code_of(secret)}).headers["Location"] == "/exposure/"


@pytest.mark.usefixtures("ida")
@pytest.mark.parametrize(
    "how",
    ["another key", "shared secret", "none", "audience", "issuer", "expired", "no subject", "long subject"],
)
def test_a_token_that_is_not_to_be_trusted_is_refused(server: Server, as_nobody: Client, how: str) -> None:
    server.claims = {"preferred_username": "ida"}
    match how:
        case "another key":
            server.signing_key = new_key()
        case "shared secret":
            server.signing_key, server.algorithm = SECRET, "HS256"
        case "none":
            server.signing_key, server.algorithm = "", "none"
        case "audience":
            server.claims["aud"] = "somebody else"
        case "issuer":
            server.claims["iss"] = "http://127.0.0.1:1"
        case "expired":
            server.claims |= {"iat": 1_600_000_000, "exp": 1_600_000_060}
        case "no subject":
            server.claims["sub"] = None
        case "long subject":
            server.claims["sub"] = "x" * 300
    response = go(as_nobody)
    assert response.status_code == 401
    assert "cannot be trusted" in response.content.decode()
    assert not is_in(as_nobody)


@pytest.mark.usefixtures("ida")
def test_an_answer_is_good_for_the_session_that_asked_and_once(server: Server, as_nobody: Client) -> None:
    server.claims = {"preferred_username": "ida"}
    off = urlsplit(as_nobody.get("/sign-in/openid/").headers["Location"])
    connection = HTTPConnection(off.netloc)
    connection.request("GET", f"{off.path}?{off.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    address = f"{back.path}?{back.query}"
    thief = Client()
    # Strict cookies do not come with a request from elsewhere: the page asks once more, from here.
    assert "_redir" in thief.get(address).content.decode()
    assert thief.get(f"{address}&_redir=").status_code == 401
    assert not is_in(thief)
    assert as_nobody.get(address).status_code == 302
    as_nobody.post("/sign-out/")
    assert as_nobody.get(f"{address}&_redir=").status_code == 401


def test_a_server_that_is_down_is_said_and_passwords_still_do(
    server: Server, ida: Officer, as_nobody: Client
) -> None:
    server.down = True
    assert as_nobody.get("/sign-in/openid/").status_code == 503
    assert as_nobody.get("/sign-in/openid/back/?error=access_denied").status_code in {200, 401}
    form = {"username": ida.username, "password": PASSWORD}
    assert as_nobody.post("/sign-in/", form).status_code == 302


def test_the_environment_names_the_server_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVER", "CLIENT", "SECRET", "CLAIM", "NAME"):
        monkeypatch.delenv(f"FOUREYES_OPENID_{name}", raising=False)
    assert openid_from_environment() == {}
    assert openid_providers({}) == {}
    monkeypatch.setenv("FOUREYES_OPENID_SERVER", "http://id.example.org")
    with pytest.raises(ImproperlyConfigured, match="https"):
        openid_from_environment()
    monkeypatch.setenv("FOUREYES_OPENID_SERVER", "https://id.example.org/realms/police/")
    with pytest.raises(ImproperlyConfigured, match="FOUREYES_OPENID_CLIENT"):
        openid_from_environment()
    monkeypatch.setenv("FOUREYES_OPENID_CLIENT", "foureyes")
    monkeypatch.setenv("FOUREYES_OPENID_SECRET", "secret")
    assert openid_from_environment()["server"] == "https://id.example.org/realms/police"


def test_the_server_of_these_tests_signs_for_real(running: Server) -> None:
    key = jwt.PyJWKSet.from_dict(running.keys())["one"]
    assert jwt.decode(running.token(), key, algorithms=["RS256"], audience=CLIENT)["sub"] == "1234"
