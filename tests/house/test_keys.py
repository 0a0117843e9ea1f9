"""The key map in the docs holds every key of the key map in the pages, in the same words."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "src/foureyes/workbench/pages/templates/pages"
PAGE = ROOT / "docs/workbench/keys.md"
INCLUDED = re.compile(r'include "pages/(key_map/\w+\.html)"')
SECTIONS = INCLUDED.findall((TEMPLATES / "key_map.html").read_text(encoding="utf-8"))
TRANSLATED = re.compile(r'{% translate "([^"]*)" %}')
ROW = re.compile(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", re.DOTALL)
TITLE = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)


def words_of(markup: str) -> str:
    """Markup of the key map as one line of Markdown: keys between backquotes."""
    text = re.sub(r"{%.*?%}", "", TRANSLATED.sub(r"\1", markup))
    text = re.sub(r"<kbd>(.*?)</kbd>", r"`\1`", text)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text)).split())


def told(section: str) -> tuple[str, list[str]]:
    """Title and lines of a section: the keys, then what they do."""
    markup = (TEMPLATES / section).read_text(encoding="utf-8")
    title = TITLE.search(markup)
    assert title, section
    return words_of(title[1]), [f"{words_of(keys)} {words_of(what)}" for keys, what in ROW.findall(markup)]


def test_every_section_is_included() -> None:
    files = {f"key_map/{path.name}" for path in (TEMPLATES / "key_map").glob("*.html")}
    assert files == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_of_the_docs_has_every_key(section: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    title, lines = told(section)
    assert lines, section
    assert f"| {title} |" in page
    assert [line for line in lines if line not in page] == []
