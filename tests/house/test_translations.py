"""The catalogues of words hold every text of the workbench, each in French, compiled as they are written."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

import workbench.cast  # noqa: F401 - it sets Django up
from foureyes.engine import model
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.pages.codes import CODES
from house.sources import PACKAGE, ROOT

# isort: split
from django.test import override_settings

WORKBENCH = PACKAGE / "workbench"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w+\}|</?[a-z]+[^>]*>")


def words_tool() -> ModuleType:
    """`tools/words.py` as a module."""
    spec = importlib.util.spec_from_file_location("words_tool", ROOT / "tools" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


TOOL = words_tool()
CATALOGUES = TOOL.catalogues(WORKBENCH)


def texts_of(catalog: Catalog) -> set[tuple[str | None, str]]:
    """Context and text of every message."""
    return {(message.context, " | ".join(sides(message.id))) for message in catalog if message.id}


def sides(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """The text, or its singular and plural."""
    return (text,) if isinstance(text, str) else tuple(text)


def messages() -> Iterator[Message]:
    """Every message of every catalogue."""
    for path in CATALOGUES:
        yield from (message for message in TOOL.read(path) if message.id)


def test_there_are_both_catalogues() -> None:
    assert [path.name for path in CATALOGUES] == ["django.po", "djangojs.po"]


def test_the_catalogues_hold_all_texts_and_no_others(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("left out: collecting texts, because GNU gettext (xgettext) is not installed")
    copy = tmp_path / "workbench"
    shutil.copytree(WORKBENCH, copy, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    with override_settings(LOCALE_PATHS=[copy / "locale"]):
        TOOL.collect(copy)
    for path in CATALOGUES:
        collected = TOOL.read(copy / path.relative_to(WORKBENCH))
        assert texts_of(collected) == texts_of(TOOL.read(path)), "run `python tools/words.py collect`"


def test_every_text_is_in_french() -> None:
    lacking = [str(message.id) for path in CATALOGUES for message in TOOL.untranslated(TOOL.read(path))]
    assert lacking == []


def test_translations_keep_placeholders_and_ends_of_lines() -> None:
    wrong = []
    for message in messages():
        texts, said = sides(message.id), sides(message.string)
        for place, french in enumerate(filter(None, said)):
            text = texts[min(place, len(texts) - 1)]
            same_ends = text[:1] == "\n" == french[:1] or "\n" not in {text[:1], french[:1]}
            same_ends &= text[-1:] == "\n" == french[-1:] or "\n" not in {text[-1:], french[-1:]}
            if not same_ends or sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(french)):
                wrong.append((text, french))
    assert wrong == []


def test_no_translation_can_break_out_of_an_attribute() -> None:
    """Django does not escape what `translate` gives, and many of these texts stand between double quotes."""
    risky = [
        french
        for message in messages()
        for text, french in zip(sides(message.id), sides(message.string), strict=False)
        if french.count('"') > text.count('"') or french.count("<") > text.count("<")
    ]
    assert risky == []


def test_what_the_workbench_reads_is_compiled_from_what_people_wrote() -> None:
    stale = [path.name for path in CATALOGUES if path.with_suffix(".mo").read_bytes() != TOOL.compiled(path)]
    assert stale == [], "run `python tools/words.py compile`"


def test_every_code_that_pages_show_has_words() -> None:
    shown = (
        *model.DecisionKind,
        *model.ChangeKind,
        *model.Origin,
        *model.FactName,
        *model.FaultCode,
        *Did,
    )
    assert {code.value.replace("-", " ") for code in shown} - CODES == set()
