"""Static files as browsers get them: kept for ever under an address that changes with any of them."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from house.sources import PACKAGE
from workbench.cast import PASSWORD  # noqa: F401 - sets Django up

# isort: split
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import override_settings

from foureyes.workbench.pages.bundling import NotBundled, bundle
from foureyes.workbench.pages.delivered import delivered, words_of
from foureyes.workbench.pages.static_route import is_static, static

pytest_plugins = ["workbench.stage"]

TEMPLATES = sorted((PACKAGE / "workbench").rglob("templates/**/*.html"))


def _asked(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named}
    assert is_static(scope)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    asyncio.run(static(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, sent[1]["body"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of static files besides those of the apps."""
    with override_settings(STATICFILES_DIRS=[tmp_path]):
        finders.get_finder.cache_clear()
        yield tmp_path
    finders.get_finder.cache_clear()


def test_every_file_is_kept_for_ever_under_its_address() -> None:
    held = delivered()
    for name, file in held.files.items():
        status, headers, body = _asked(held.address(name))
        assert (status, body) == (200, file.body), name
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-length"] == str(len(body))
        status, headers, packed = _asked(held.address(name), accept_encoding="gzip, br")
        assert (gzip.decompress(packed) if "content-encoding" in headers else packed) == file.body
        assert len(packed) <= len(body)


def test_a_changed_file_gives_another_address(folder: Path) -> None:
    (folder / "pages").mkdir()
    style = folder / "pages" / "more.css"
    style.write_text("p { margin: 0; }", "utf-8")
    before = delivered.__wrapped__()
    assert before.files["pages/more.css"].body == b"p { margin: 0; }"
    assert delivered.__wrapped__().version == before.version
    style.write_text("p { margin: 1px; }", "utf-8")
    changed = delivered.__wrapped__()
    assert changed.address("pages/more.css") != before.address("pages/more.css")
    style.rename(folder / "pages" / "other.css")
    assert delivered.__wrapped__().version not in {before.version, changed.version}


def test_a_page_of_another_version_gets_what_is_there_now_and_nobody_keeps_it() -> None:
    status, headers, body = _asked("/static/0123456789abcdef/pages/look.css")
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert body == delivered().files["pages/look.css"].body


@pytest.mark.parametrize(
    "name", ["pages/nothing.css", "../settings/base.py", "pages/../pages/look.css", "pages/"]
)
def test_what_is_not_there_is_not_there(name: str) -> None:
    assert _asked(delivered().address(name))[0] == 404


def test_only_reading_is_answered() -> None:
    address = delivered().address("pages/look.css")
    assert _asked(address, "POST")[0] == 404
    status, headers, body = _asked(address, "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


@pytest.mark.parametrize(
    "path", ["/static/pages/look.css", "/series/", "/static/0123456789abcdeg/pages/look.css", "/x/static/"]
)
def test_other_addresses_are_not_for_this_route(path: str) -> None:
    assert not is_static({"type": "http", "method": "GET", "path": path, "headers": []})


def test_each_language_has_its_words_in_the_script() -> None:
    held = delivered()
    french = held.files["pages/all.fr.js"].body.decode()
    assert "Image" in words_of("fr")
    assert words_of("fr") in french
    assert held.program("fr") != held.program("en")
    assert held.program("pt-br") == held.program("en")
    assert held.program("fr") == held.address("pages/all.fr.js")


def test_all_modules_are_in_the_script() -> None:
    held = delivered()
    script = held.files["pages/all.en.js"].body.decode()
    modules = [name for name in held.files if name.endswith(".js") and "/all." not in name]
    missing = [name for name in modules if f'"{name}": (need) =>' not in script]
    assert [name for name in missing if not name.startswith("vendor/")] == []
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)


def test_the_script_runs_what_a_page_names_and_nothing_twice() -> None:
    made = bundle(
        {
            "a/one.js": 'import { two as too } from "../b/two.js";\nimport "./three.js";\nwindow.ran.push(too());',
            "a/three.js": 'import { two } from "../b/two.js";\nexport const three = two();',
            "b/two.js": "window.ran.push('two');\nexport async function late() {}\nexport function two() { return 2; }",
        },
        before="this.django = 1;",
    )
    assert 'const { two: too } = need("b/two.js");' in made
    assert 'need("a/three.js");' in made
    assert "return { late, two };" in made
    assert made.index("this.django = 1;") < made.index("const parts")


@pytest.mark.parametrize(
    "text",
    [
        'import what from "./two.js";',
        'import * as what from "./two.js";',
        'import { two } from "elsewhere";',
        "export default 1;",
        "export let one = 1;",
        'export * from "./two.js";',
        "export { one };",
    ],
)
def test_a_form_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(NotBundled, match="not understood"):
        bundle({"a/one.js": text, "a/two.js": ""})


def test_circles_and_missing_modules_are_refused() -> None:
    with pytest.raises(NotBundled, match="there is no a/two"):
        bundle({"a/one.js": 'import "./two.js";'})
    with pytest.raises(NotBundled, match="needs itself"):
        bundle({"a/one.js": 'import "./two.js";', "a/two.js": 'import "./one.js";'})


def test_templates_name_modules_by_the_tag_alone() -> None:
    texts = {path.name: path.read_text("utf-8") for path in TEMPLATES}
    assert [
        name for name, text in texts.items() if re.search(r"<script(?! type=\"application/json\")", text)
    ] == []
    named = {name for text in texts.values() for name in re.findall(r"{% module '([^']+)' %}", text)}
    assert named
    assert named <= set(delivered().files)


def test_with_debug_on_each_file_has_its_plain_name() -> None:
    page = Template("{% load static %}{% program %}{% module 'pages/keys.js' %}{% static 'pages/look.css' %}")
    assert page.render(Context()).count(delivered().version) == 2
    with override_settings(DEBUG=True):
        plain = page.render(Context())
    assert '<script src="/words.js?en"></script>' in plain
    assert '<script type="module" src="/static/pages/keys.js"></script>' in plain
    assert plain.endswith("/static/pages/look.css")
