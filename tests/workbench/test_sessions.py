"""Sessions: listed, ended at once with all that they were given; and who somebody is, asked again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from workbench.cast import PASSWORD, grow_old, marks, signed_in
from workbench.factors import give_app, wrong_code
from workbench.factors_now import code_of

# isort: split
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import clear_url_caches, include, path

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.tokens import Kind, Material, Tokens
from foureyes.workbench.accounts import sessions
from foureyes.workbench.accounts.models import Officer, OpenSession
from foureyes.workbench.accounts.recent import (
    SIGNED_IN_AT,
    SignInTooOld,
    recent_sign_in_required,
    require_recent_sign_in,
)
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.links import tokens

pytest_plugins = ["workbench.stage"]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def key_of(client: Client) -> str:
    return str(client.session.session_key)


def opens(client: Client, link: str) -> bool:
    return tokens().opens(link, key_of(client)) is not None


def link_of(client: Client) -> str:
    return tokens().path(Material(Kind.THUMBNAIL, "a" * 64), key_of(client))


def number_of(client: Client) -> int:
    return OpenSession.objects.get(key=key_of(client)).pk


def test_browsers_are_spoken_of_in_two_words() -> None:
    assert sessions.spoken(FIREFOX) == "Firefox on Linux"
    assert sessions.spoken(EDGE) == "Edge on Windows"
    assert sessions.spoken("<script>") == "a browser that does not say which"


def test_an_officer_sees_their_sessions_and_ends_one(ida: Officer, as_otto: Client) -> None:
    here, there = signed_in(ida), Client(headers={"user-agent": FIREFOX})
    there.post("/sign-in/", {"username": "ida", "password": PASSWORD})
    page = here.get("/profile/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert page.count("this one") == 1
    here_link, there_link = link_of(here), link_of(there)
    as_otto.post("/profile/sessions/", {"end": str(number_of(there))})
    assert opens(there, there_link)
    there_key = key_of(there)
    here.post("/profile/sessions/", {"end": str(number_of(there))})
    assert tokens().opens(there_link, there_key) is None
    assert opens(here, here_link)
    assert there.get("/exposure/").status_code == 302
    assert here.get("/exposure/").status_code == 200
    assert Entry.objects.filter(officer="ida", action="session-ended").count() == 1


def test_all_others_end_and_this_one_stays(ida: Officer) -> None:
    here, *others = (signed_in(ida) for _ in range(4))
    here.post("/profile/sessions/", {"end": "others"})
    assert here.get("/exposure/").status_code == 200
    assert all(one.get("/exposure/").status_code == 302 for one in others)
    assert [one.key for one in sessions.open_sessions(ida)] == [key_of(here)]
    for nonsense in ("", "x", "-1", "99999999999999999999", str(number_of(here))):
        here.post("/profile/sessions/", {"end": nonsense})
        assert here.get("/exposure/").status_code == 200


def test_a_changed_password_ends_the_other_sessions(ida: Officer) -> None:
    here, other = signed_in(ida), signed_in(ida)
    other_link, other_key = link_of(other), key_of(other)
    new = {"old": PASSWORD, "new": "another horse battery", "again": "another horse battery"}
    assert here.post("/profile/password/", new).status_code == 302
    assert tokens().opens(other_link, other_key) is None
    assert other.get("/exposure/").status_code == 302
    assert here.get("/exposure/").status_code == 200
    assert [one.key for one in sessions.open_sessions(ida)] == [key_of(here)]


def test_a_signed_out_session_is_listed_no_more(ida: Officer, as_ida: Client) -> None:
    other = signed_in(ida)
    as_ida.post("/sign-out/")
    assert [one.key for one in sessions.open_sessions(ida)] == [key_of(other)]


def test_a_cut_refuses_what_was_given_and_not_what_comes() -> None:
    now = 1_800_000_000.0
    made = Tokens("key", 120, lambda: now)
    material = Material(Kind.THUMBNAIL, "a" * 64)
    before, elsewhere = made.path(material, "one"), made.path(material, "two")
    made.end_links("one")
    now += 1
    assert made.opens(before, "one") is None
    assert made.opens(elsewhere, "two") == material
    assert made.opens(made.path(material, "one"), "one") == material


@recent_sign_in_required
def release(request: HttpRequest) -> HttpResponse:
    """A view of another app that cannot be taken back."""
    return HttpResponse(f"released {request.POST.get('reason')} {request.POST.getlist('media')}")


urlpatterns = [path("release/", release), path("", include("foureyes.workbench.urls"))]


@pytest.fixture
def releasing() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield
    clear_url_caches()


FORM = {"reason": 'the "wallpaper" <b>', "media": ["a", "b"]}


@pytest.mark.usefixtures("releasing")
def test_a_clock_that_was_set_back_keeps_no_proof_alive(as_ida: Client) -> None:
    grow_old(as_ida)
    session = as_ida.session
    session[SIGNED_IN_AT] += 24 * 60 * 60
    session.save()
    assert as_ida.post("/release/", FORM).headers["Location"] == "/again/"


@pytest.mark.usefixtures("releasing")
def test_after_a_while_a_release_asks_again_and_loses_nothing(as_ida: Client) -> None:
    assert as_ida.post("/release/", FORM).status_code == 200
    grow_old(as_ida)
    assert as_ida.post("/release/", FORM).headers["Location"] == "/again/"
    assert "is kept" in as_ida.get("/again/").content.decode()
    assert as_ida.post("/again/", {"password": "wrong"}).status_code == 422
    assert as_ida.post("/release/", FORM).status_code == 302
    assert as_ida.post("/again/", {"password": PASSWORD}).headers["Location"] == "/again/kept/"
    page = as_ida.get("/again/kept/").content.decode()
    assert 'action="/release/"' in page
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    kept = [(name, value) for name, value in fields if name in FORM]
    assert kept == [
        ("reason", "the &quot;wallpaper&quot; &lt;b&gt;"),
        ("media", "a"),
        ("media", "b"),
    ]
    assert as_ida.post("/release/", FORM).content.decode().endswith("['a', 'b']")
    assert as_ida.get("/again/kept/").status_code == 302
    assert Entry.objects.latest("id").action == "identity-confirmed"


@pytest.mark.usefixtures("releasing")
def test_a_second_factor_is_proof_too_and_failures_lock(ida: Officer, as_ida: Client) -> None:
    secret = give_app(ida)
    grow_old(as_ida)
    assert as_ida.post("/again/", {"code": wrong_code(secret)}).status_code == 422
    assert as_ida.post("/release/").status_code == 302
    assert as_ida.post("/again/", {"code": code_of(secret)}).status_code == 302
    assert as_ida.post("/release/").status_code == 200
    grow_old(as_ida)
    for _ in range(5):
        last = as_ida.post("/again/", {"password": "wrong"})
    assert "locked" in last.content.decode()
    assert as_ida.post("/again/", {"password": PASSWORD}).status_code == 422
    assert as_ida.post("/release/").status_code == 302


@pytest.mark.usefixtures("releasing")
def test_pieces_and_scripts_are_told_in_their_own_way(as_ida: Client) -> None:
    grow_old(as_ida)
    piece = as_ida.post("/release/", FORM, headers={"X-Foureyes-Piece": "1"})
    assert 'href="/again/' in piece.content.decode()
    script = as_ida.post("/release/", "{}", content_type="application/json")
    assert (script.status_code, script.json()["go"]) == (403, "/again/")
    assert as_ida.get("/release/").headers["Location"] == "/again/?next=%2Frelease%2F"
    elsewhere = as_ida.post("/again/", {"password": PASSWORD, "next": "//example.org/"})
    assert elsewhere.headers["Location"] in {"/", "/again/kept/"}


def test_nobody_is_never_recent() -> None:
    request = RequestFactory().post("/release/")
    request.user = type("Nobody", (), {"is_authenticated": False})()
    with pytest.raises(SignInTooOld):
        require_recent_sign_in(request)


def test_a_page_of_media_stays_open_in_the_other_session(ida: Officer, series: list[SeriesSummary]) -> None:
    here, other = signed_in(ida), signed_in(ida)
    mark = marks(series[0].id)[0]
    here.post("/profile/sessions/", {"end": "others"})
    assert here.get(f"/media/{mark}/").status_code == 200
    assert other.get(f"/media/{mark}/").status_code == 302
