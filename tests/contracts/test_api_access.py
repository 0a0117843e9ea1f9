"""Every endpoint of the API, asked for by a program of the unit that holds the workspace and by one of another unit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.test_access import told, words
from workbench.cast import give

# isort: split
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.api import document
from workbench.programs import Program, program_of

pytest_plugins = ["workbench.stage"]

__all__ = ["words"]

ENDPOINTS = [
    (method.upper(), path.removeprefix(document.ROOT))
    for path, operations in document.openapi()["paths"].items()
    for method in operations
]
BODIES: dict[str, object] = {
    "series/{series_id}/name": {"name": " "},
    "series/{series_id}/state": {"state": "closed", "version": 99},
    "series/{series_id}/decisions": {"kind": "merge", "reason": "x"},
    "decisions/{number}/withdrawal": {"reason": "x"},
    "notes": {"on": "series:{series}", "text": "x"},
    "tasks": {"on": "series:{series}", "text": "x"},
    "requests": {"on": "series:{series}", "text": "x", "to": "nobody"},
    "media/{mark}/regions": {"clue": "object", "name": "x", "left": 0, "top": 0, "width": 1, "height": 1},
    "search": {"hash": "{sha256}", "radius": 63},
}
"""Bodies that spare the workspace: what they ask for is refused once the right to it was found."""
SPARED = {"decisions/{number}/withdrawal": {"reason": ""}}
"""For whoever may: refused before anything is done."""
QUERIES = {"why": "?a={mark}&b={other}"}
OWN_ONLY = {"editions", "series", "decisions", "changes", "search", "search/picture"}
"""Answer everybody, with what is theirs."""


def ask(program: Program, method: str, path: str, words: dict[str, str], *, may: bool) -> tuple[int, Any]:
    body = SPARED.get(path, BODIES.get(path)) if may else BODIES.get(path)
    given = {**words, "series_id": words["series"], "number": words["decision"]}
    address = (path + QUERIES.get(path, "")).format(**given)
    sent = (
        None
        if body is None
        else json.loads(
            json.dumps(body).replace("{sha256}", words["sha256"]).replace("{series}", words["series"])
        )
    )
    return program.ask(method, address, sent)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_program_of_another_unit_learns_nothing(
    method: str,
    path: str,
    ida: Officer,
    otto: Officer,
    words: dict[str, str],
) -> None:
    status, said = ask(program_of(otto.unit), method, path, words, may=False)
    assert status == (404 if path not in OWN_ONLY else 422 if path == "search/picture" else 200), said
    assert told(str(said), words) == []
    assert ask(program_of(ida.unit), method, path, words, may=True)[0] != 404


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_series_that_was_given_is_reached(
    method: str,
    path: str,
    otto: Officer,
    words: dict[str, str],
) -> None:
    give(words["series"], otto.unit)
    status, _ = ask(program_of(otto.unit), method, path, words, may=True)
    assert status != 404
