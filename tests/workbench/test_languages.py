"""In what language the pages speak: the officer's own wins, before the sign-in the browser's or the one chosen there."""

from __future__ import annotations

import pytest

from workbench.cast import PASSWORD, signed_in

# isort: split
from django.test import Client
from django.utils import translation

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.pages.numbers import grouped
from foureyes.workbench.pages.templatetags.words import moment, nanoseconds, size

pytestmark = pytest.mark.usefixtures("workspace")
pytest_plugins = ["workbench.stage"]


def language_of(client: Client, address: str, accepts: str) -> tuple[str, str]:
    """What the header says, and what the page itself says."""
    answer = client.get(address, headers={"accept-language": accepts})
    page = answer.content.decode()
    return answer.headers["Content-Language"], page.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize(("own", "accepts"), [("fr", "en"), ("en", "fr"), ("fr", "fr"), ("fr", "de, ar")])
def test_the_officers_language_wins_over_the_browsers(ida: Officer, own: str, accepts: str) -> None:
    ida.language = own
    ida.save(update_fields=["language"])
    assert language_of(signed_in(ida), "/profile/", accepts) == (own, own)


@pytest.mark.parametrize(
    ("accepts", "spoken"), [("fr-BE, en;q=0.5", "fr"), ("pl", "en"), ("en, fr;q=0.8", "en")]
)
def test_nobody_is_spoken_to_as_their_browser_asks(accepts: str, spoken: str) -> None:
    assert language_of(Client(), "/sign-in/", accepts) == (spoken, spoken)


def test_the_sign_in_page_keeps_a_chosen_language(ida: Officer) -> None:
    client = Client()
    answer = client.post("/language/", {"language": "fr", "next": "/sign-in/?next=/search/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/search/")
    assert client.cookies["foureyes_language"]["httponly"]
    assert language_of(client, "/sign-in/", "en") == ("fr", "fr")
    ida.refresh_from_db()
    assert ida.language == ""


def test_who_never_chose_is_spoken_to_as_was_picked_at_the_sign_in(ida: Officer) -> None:
    client = Client()
    client.post("/language/", {"language": "fr", "next": "/sign-in/"})
    client.post("/sign-in/", {"username": "ida", "password": PASSWORD})
    assert language_of(client, "/profile/", "en") == ("fr", "fr")
    assert '<option value="fr" selected' in client.get("/profile/").content.decode()
    assert language_of(signed_in(ida), "/profile/", "fr") == ("fr", "fr"), "or as the browser asks"
    ida.language = "en"
    ida.save(update_fields=["language"])
    assert language_of(client, "/profile/", "fr") == ("en", "en"), "what was chosen holds"


@pytest.mark.parametrize("nonsense", ["", "xx", "fr\r\nX: y", "../en"])
def test_an_unknown_language_changes_nothing(ida: Officer, nonsense: str) -> None:
    client = signed_in(ida)
    answer = client.post("/language/", {"language": nonsense, "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
    assert "foureyes_language" not in client.cookies
    ida.refresh_from_db()
    assert ida.language == ""


def test_an_officer_who_chooses_keeps_it_everywhere(ida: Officer) -> None:
    client = signed_in(ida)
    client.post("/language/", {"language": "fr"})
    ida.refresh_from_db()
    assert ida.language == "fr"
    assert language_of(signed_in(ida), "/profile/", "en") == ("fr", "fr")


def test_the_profile_says_it_for_the_sign_in_page_too(ida: Officer) -> None:
    client = signed_in(ida)
    said = {"full_name": "Ida", "languages": "", "skills": "", "language": "fr", "theme": "dark"}
    assert client.post("/profile/", said).status_code == 302
    client.post("/sign-out/")
    assert language_of(client, "/sign-in/", "en") == ("fr", "fr")


def test_words_of_the_modules_follow_the_officer(ida: Officer) -> None:
    ida.language = "fr"
    ida.save(update_fields=["language"])
    answer = signed_in(ida).get("/words.js?fr", headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "fr"


def test_times_keep_their_order_in_a_script_from_the_right() -> None:
    with translation.override("ar"):
        assert moment("2026-11-22T17:38:00Z") == "\u20662026-11-22 17:38:00\u2069"
        assert nanoseconds(0) == "\u20661970-01-01 00:00:00\u2069"
    with translation.override("fr"):
        assert moment("2026-11-22T17:38:00Z") == "2026-11-22 17:38:00"


def test_numbers_are_written_as_the_language_writes_them() -> None:
    with translation.override("en"):
        assert (grouped(12_345), size(3_565_158)) == ("12,345", "3.4 MB")
    with translation.override("fr"):
        assert (grouped(12_345).split(), size(3_565_158)) == (["12", "345"], "3,4 Mo")
