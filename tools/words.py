"""Collects all that people read in the workbench into its catalogues of words, and compiles these.

    python tools/words.py collect    # new texts into locale/*/LC_MESSAGES/*.po (needs GNU gettext)
    python tools/words.py compile    # *.po to *.mo, which the workbench reads
    python tools/words.py missing    # texts without a translation, one a line

A text is never translated here: people do that in the .po files.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core.management import call_command

WORKBENCH = Path(__file__).resolve().parents[1] / "src" / "foureyes" / "workbench"
LANGUAGES = ("fr",)
DOMAINS = ("django", "djangojs")


def main() -> None:
    """Do what the first argument says."""
    match sys.argv[1:]:
        case ["collect"]:
            collect(WORKBENCH)
        case ["compile"]:
            for path in catalogues(WORKBENCH):
                path.with_suffix(".mo").write_bytes(compiled(path))
        case ["missing"]:
            for path in catalogues(WORKBENCH):
                for message in untranslated(read(path)):
                    print(f"{path.stem}: {message.id}")
        case _:
            sys.exit(__doc__)


def collect(workbench: Path) -> None:
    """Bring the .po files of a copy of the workbench up to its texts; those no longer used leave."""
    before = Path.cwd()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foureyes.workbench.settings.test")
    django.setup()
    os.chdir(workbench)
    try:
        for domain, endings in (("django", ["html", "py", "txt"]), ("djangojs", ["js"])):
            call_command(
                "makemessages",
                locale=list(LANGUAGES),
                domain=domain,
                extensions=endings,
                ignore_patterns=["static/pages/vendor/*", "*/vendor/*"],
                add_location="never",
                no_obsolete=True,
                no_wrap=True,
                verbosity=0,
            )
    finally:
        os.chdir(before)
    for path in catalogues(workbench):
        path.write_text(_undated(path.read_text("utf-8")), "utf-8")


def catalogues(workbench: Path) -> list[Path]:
    """The .po files that there are."""
    return [
        path
        for language in LANGUAGES
        for domain in DOMAINS
        if (path := workbench / "locale" / language / "LC_MESSAGES" / f"{domain}.po").exists()
    ]


def read(path: Path) -> Catalog:
    """A catalogue as it is written."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(path: Path) -> bytes:
    """The .mo of a .po: the same bytes each time."""
    catalogue = read(path)
    # Babel writes the time of day where the .po names none.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Messages that lack a translation, or have one that a person has not looked at."""
    for message in catalog:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            yield message


def _undated(text: str) -> str:
    """Without the lines that change at each run and say nothing about the words."""
    dropped = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Last-Translator:', '"Report-Msgid-Bugs-To:')
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(dropped))


if __name__ == "__main__":
    main()
