"""Whatever changes something leaves an entry in the record, or stands here with the reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.test_access import TABLE, ask, words
from workbench.cast import signed_in

# isort: split
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry

pytest_plugins = ["workbench.stage"]

__all__ = ["words"]

WORKBENCH = Path(__file__).parents[1] / "workbench"
CHANGES = [name for name, case in TABLE.items() if case.method == "post" or case.body]
SUCCEEDED = range(200, 400)

NOT_RECORDED = {
    "accounts:theme": "how the pages look to one officer says nothing of anybody's work",
    "series:changes-read": "how far one officer has read; what they opened is recorded as they open it",
}
"""Address to reason."""
REFUSED_HERE = {
    "series:rename": "test_decisions.py",
    "series:decide": "test_decisions.py",
    "series:add-media": "test_decisions.py",
}
"""Address whose form in the table is refused in words, to spare the workspace; to where its entry is tested."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_succeeds_is_recorded(name: str, ida: Officer, words: dict[str, str]) -> None:
    client = signed_in(ida)
    before = Entry.objects.count()
    status, _ = ask(client, name, words)
    if status not in SUCCEEDED or name in NOT_RECORDED:
        return
    if name in REFUSED_HERE:
        assert Entry.objects.count() == before
    else:
        assert Entry.objects.count() > before, f"{name} leaves nothing in the record"


def test_the_exceptions_are_needed() -> None:
    assert NOT_RECORDED.keys() | REFUSED_HERE.keys() <= set(CHANGES)
    for name in REFUSED_HERE.values():
        assert "Entry.objects" in (WORKBENCH / name).read_text("utf-8")
