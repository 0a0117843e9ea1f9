"""Every page in French: it answers as in English, says that it is French, and leaves none of our words in English."""

from __future__ import annotations

import gettext
import re
from html.parser import HTMLParser

import pytest

from contracts.test_access import TABLE, ask, words
from house.sources import PACKAGE
from workbench.cast import signed_in

# isort: split
from foureyes.workbench.access.models import Edition
from foureyes.workbench.accounts.models import Officer, Role, RoleHeld, Unit

pytest_plugins = ["workbench.stage"]
__all__ = ["words"]

PAGES = sorted(
    name
    for name, case in TABLE.items()
    if case.method == "get" and not case.body and not name.startswith("api:v1:")
)
OURS = {"h1", "h2", "h3", "button", "label", "th", "legend", "summary"}
"""Elements that hold words of ours, seldom names that people gave."""
VOID = {"input", "img", "br", "link", "meta", "hr", "path", "use", "source", "col", "wbr"}
NAMES = re.compile(r"^(Foureyes|Esc|Ctrl|English|Français|SHA-\d+|MD5|PDQ|UTC|URL|API|[\W\d_]*)$")


class Visible(HTMLParser):
    """Texts of the elements that hold our words, without keys and code."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            named = dict(attrs)
            foreign = named.get("lang") in {"en", "fr"} and tag != "html"
            code = "code" in (named.get("class") or "").split()
            self.open.append("code" if foreign or code else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and OURS.intersection(self.open) and not {"kbd", "code", "script"}.intersection(self.open):
            self.found.add(text)


def visible(page: str) -> set[str]:
    """Our words on a page."""
    parser = Visible()
    parser.feed(page)
    return parser.found


def known_to_be_the_same() -> set[str]:
    """Texts that are the same in French, because somebody said so: `Format`, `Version`."""
    with (PACKAGE / "workbench" / "locale" / "fr" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    return {text for text in catalogue._catalog if isinstance(text, str) and catalogue.gettext(text) == text}  # type: ignore[attr-defined]  # gettext's table has no other door


@pytest.fixture
def everything(ida: Officer) -> Officer:
    """An officer who sees every page."""
    RoleHeld.objects.bulk_create(
        [RoleHeld(officer=ida, role=role) for role in Role if role not in ida.roles], ignore_conflicts=True
    )
    return Officer.objects.get(pk=ida.pk)


def speak(officer: Officer, language: str) -> None:
    officer.language = language
    officer.save(update_fields=["language"])


def test_every_page_answers_in_french_as_in_english(everything: Officer, words: dict[str, str]) -> None:
    client = signed_in(everything)
    same = known_to_be_the_same()
    data = {*words.values(), *map(str, Officer.objects.all()), *map(str, Unit.objects.all())}
    data |= set(Edition.objects.values_list("name", flat=True))
    left: dict[str, set[str]] = {}
    for name in PAGES:
        speak(everything, "en")
        in_english = ask(client, name, words)
        speak(everything, "fr")
        status, page = ask(client, name, words)
        assert status == in_english[0], name
        if "<html" not in page:
            continue
        assert '<html lang="fr"' in " ".join(page.split()), name
        both = visible(page) & visible(in_english[1])
        left[name] = {
            text
            for text in both - same
            if not NAMES.match(text) and not any(len(value) > 2 and value in text for value in data)
        }
    assert {name: texts for name, texts in left.items() if texts} == {}
