"""Whatever changes something leaves an entry in the record, or stands here with the reason why not.

Forms that the table sends to be refused in words change nothing: what they leave when they succeed is tested
with each action (`tests/workbench`).
"""

from __future__ import annotations

import json

import pytest

from contracts.test_access import TABLE, ask, words
from workbench.cast import signed_in

# isort: split
from django.contrib.messages import constants
from django.test import Client

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry

pytest_plugins = ["workbench.stage"]

__all__ = ["words"]

CHANGES = [name for name, case in TABLE.items() if case.method == "post" or case.body]
SUCCEEDED = range(200, 400)

NOT_RECORDED = {
    "accounts:language": "in which language one browser reads says nothing of anybody's work",
    "accounts:theme": "how the pages look to one officer says nothing of anybody's work",
    "editions:reopen": "the edition of this walk is open, so nothing changes; `test_editions` reopens a closed one",
    "findings:elsewhere-stop": "the search that it ends was recorded when it began",
    "findings:inbox-read": "that one officer read their own inbox",
    "library:looked": "for how long something sharp was shown is the officer's own exposure, seen by them alone",
    "library:viewing": "how pictures are covered for one officer; what they reveal is recorded",
    "live:place": "where somebody looks at this moment is told to colleagues and kept for seconds",
    "series:changes-read": "how far one officer has read; what they opened is recorded as they open it",
    "series:points-stop": "the comparison that it ends was recorded when it began",
    "series:remove-view": "one officer's own filters of the board",
    "series:review-again": "which questions one session passed over; its answers are recorded",
    "series:save-view": "one officer's own filters of the board",
}
"""Address to reason."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_succeeds_is_recorded(name: str, ida: Officer, words: dict[str, str]) -> None:
    client = signed_in(ida)
    before = Entry.objects.count()
    status, _ = ask(client, name, words)
    if status in SUCCEEDED and not refused_in_words(client) and name not in NOT_RECORDED:
        assert Entry.objects.count() > before, f"{name} leaves nothing in the record"


def refused_in_words(client: Client) -> bool:
    """Whether the page that comes next says that it was not done."""
    kept = json.loads(client.session.get("_messages", "[]"))
    return any(level >= constants.ERROR for _, _, level, *_ in kept)
