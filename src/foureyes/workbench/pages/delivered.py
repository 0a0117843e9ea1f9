"""The static files as browsers get them: under a name that changes with their content, to be kept for ever.

All files of one installation share a version, a digest of every one of them, which stands in their address:
`/static/<version>/series/series.css`. Modules and styles that name each other by relative addresses stay
within it and need no rewriting. All browser modules come as one script for each language, with its words
(`bundling.py`). Everything lies in memory, gzipped once. Holds nothing of a workspace and asks for no rights.

Where DEBUG is on, each file has its plain name instead and is read anew (WhiteNoise serves it), and each
module is a script of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.utils import translation
from django.views.i18n import JavaScriptCatalog

from foureyes.workbench.pages.bundling import bundle

VENDORED = "vendor/"
"""Bundled libraries: loaded by themselves, when a page draws with one."""
ALL_MODULES = "pages/all.{language}.js"
VERSION_DIGITS = 16
TEXT_TYPES = {"text/css", "text/javascript", "image/svg+xml", "application/json", "text/plain"}


@dataclass(frozen=True)
class File:
    """One static file."""

    content_type: str
    body: bytes
    packed: bytes | None = None
    """Gzipped ahead, where it came so."""

    @cached_property
    def gzipped(self) -> bytes:
        """The body for browsers that take gzip; empty where that makes it no smaller."""
        if self.content_type.partition(";")[0] not in TEXT_TYPES:
            return b""
        packed = self.packed or gzip.compress(self.body, 9, mtime=0)
        return packed if len(packed) < len(self.body) else b""


@dataclass(frozen=True)
class Delivered:
    """Every static file by name, and the version of them all."""

    version: str
    files: dict[str, File]

    def address(self, name: str) -> str:
        """Where browsers get the file."""
        return f"{settings.STATIC_URL}{self.version}/{name}"

    def program(self, language: str) -> str:
        """Address of the one script that holds all modules and the words of a language."""
        known = language if ALL_MODULES.format(language=language) in self.files else settings.LANGUAGE_CODE
        return self.address(ALL_MODULES.format(language=known))


@lru_cache(maxsize=1)
def delivered() -> Delivered:
    """All static files, read once in a process.

    Raises:
        NotBundled: a browser module has a form that cannot be bundled.
    """
    read = _read()
    packed = {name.removesuffix(".gz"): body for name, body in read.items() if name.endswith(".gz")}
    plain = {name: body for name, body in read.items() if not name.endswith(".gz")}
    files = {name: File(_content_type(name), body, packed.get(name)) for name, body in plain.items()}
    modules = {
        name: body.decode()
        for name, body in plain.items()
        if name.endswith(".js") and not name.startswith(VENDORED)
    }
    for language, _name in settings.LANGUAGES:
        program = bundle(modules, before=words_of(language)).encode()
        name = ALL_MODULES.format(language=language)
        files[name] = File(_content_type(name), program)
    digest = hashlib.sha256()
    for name, file in sorted(files.items()):
        digest.update(f"{name} {hashlib.sha256(file.body).hexdigest()}\n".encode())
    return Delivered(digest.hexdigest()[:VERSION_DIGITS], files)


def words_of(language: str) -> str:
    """What the browser modules say, in a language: a classic script that `words.js` reads."""
    with translation.override(language):
        catalogue = JavaScriptCatalog(packages=["foureyes.workbench.pages"])
        answer = catalogue.get(None)  # type: ignore[arg-type] # it reads the language, and nothing of the request
        return answer.content.decode()


class VersionedStorage(StaticFilesStorage):
    """Django's storage of static files, which says their addresses to templates."""

    def url(self, name: str | None) -> str:
        """The address of a file with the version in it; the plain one where DEBUG is on."""
        if settings.DEBUG or not name:
            return super().url(name)
        return delivered().address(name)


def _read() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for finder in get_finders():
        for name, storage in finder.list([]):
            # The first finder wins, as when a file is asked for by its plain name.
            found.setdefault(name, Path(storage.path(name)).read_bytes())
    return found


def _content_type(name: str) -> str:
    if name.endswith(".js"):
        return "text/javascript; charset=utf-8"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed
