"""Names and decisions: they reach the engine, bind, are recorded, can be withdrawn, and are refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cast import give, marks

# isort: split
from django.test import Client

from foureyes.engine.catalogue import Catalogue, SeriesSummary, Workspace
from foureyes.engine.settings import EngineSettings
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series import regrouping

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def largest(own_workspace: Path) -> SeriesSummary:  # noqa: ARG001 - asked for what it does
    return catalogue().series_list()[0]


def decide(client: Client, series_id: str, **form: str) -> Any:
    return client.post(f"/series/{series_id}/decide/", form, follow=True)


def size_of(series_id: str) -> int:
    held = catalogue().series(series_id)
    return len(held.members) if held else 0


def test_a_name_stands_and_is_recorded(as_ida: Client, largest: SeriesSummary) -> None:
    said = as_ida.post(f"/series/{largest.id}/name/", {"name": "  The\x00 lake\u202e house \n"}, follow=True)
    assert "The lake house" in said.content.decode()
    named = catalogue().series_list()[0]
    assert (named.name, named.named_by_person) == ("The lake house", True)
    entry = Entry.objects.get(action="series-named")
    assert json.loads(entry.detail) == {"before": largest.name, "name": "The lake house"}
    for nothing in ("", " \x00 ", "x" * 201):
        refused = as_ida.post(f"/series/{largest.id}/name/", {"name": nothing}, follow=True)
        assert "The old name stands" in refused.content.decode()
    assert Entry.objects.filter(action="series-named").count() == 1


def test_what_does_not_belong_leaves_and_comes_back_when_withdrawn(
    as_ida: Client, largest: SeriesSummary
) -> None:
    leaving = marks(largest.id)[0]
    answer = decide(as_ida, largest.id, kind="does-not-belong", media=leaving, reason="another room")
    assert "is recorded, and the series were grouped anew" in answer.content.decode()
    assert leaving not in marks(largest.id)
    assert size_of(largest.id) == largest.size - 1
    decision = catalogue().decisions()[0]
    assert (decision.officer, decision.reason) == ("ida", "another room")
    recorded = json.loads(Entry.objects.get(action="decided").detail)
    assert recorded["kind"] == "does-not-belong"
    assert recorded["media"] == list(decision.media)

    form = {"reason": "it is the same room", "series": largest.id}
    answer = as_ida.post(f"/decisions/{decision.id}/withdraw/", form, follow=True)
    assert "withdrawn" in answer.content.decode()
    assert leaving in marks(largest.id)
    again = as_ida.post(f"/decisions/{decision.id}/withdraw/", form, follow=True)
    assert "was withdrawn before" in again.content.decode()
    assert "it is the same room" in as_ida.get("/decisions/").content.decode()
    assert Entry.objects.filter(action="withdrew").count() == 1
    assert verify().problem == ""


def test_a_split_and_a_merge(as_ida: Client, as_otto: Client, largest: SeriesSummary) -> None:
    every = catalogue().series_list()
    decide(as_ida, largest.id, kind="split", media=" ".join(marks(largest.id)[:4]), reason="two cellars")
    assert size_of(largest.id) < largest.size
    second, third = every[1], every[2]
    answer = decide(as_ida, second.id, kind="merge", other=third.id, reason="the same chair")
    assert answer.status_code == 200
    sizes = {one.id: size_of(one.id) for one in (second, third)}
    assert sorted(sizes.values()) == [0, second.size + third.size]
    gone, left = sorted(sizes, key=lambda one: sizes[one])
    assert as_ida.get(f"/series/{gone}/").headers["Location"] == f"/series/{left}/"
    assert as_otto.get(f"/series/{gone}/").status_code == 404


def test_a_media_is_ruled_into_a_series_from_its_own_page(as_ida: Client, largest: SeriesSummary) -> None:
    loose = next(one for one in _all_media() if catalogue().series_of(one) is None)
    form = {"series": largest.id, "reason": "the same wallpaper"}
    answer = as_ida.post(f"/media/{loose[:16]}/belongs/", form, follow=True)
    assert "is recorded" in answer.content.decode()
    assert loose[:16] in marks(largest.id)


def test_nonsense_is_refused_in_words_and_changes_nothing(as_ida: Client, largest: SeriesSummary) -> None:
    mark = marks(largest.id)[0]
    stranger = marks(catalogue().series_list()[1].id)[0]
    refused = {
        "Choose what you decide": {"kind": "burn", "media": mark, "reason": "why not"},
        "Say why": {"kind": "split", "media": mark, "reason": " \x00"},
        "at least one media": {"kind": "split", "media": "", "reason": "two rooms"},
        "series changed": {"kind": "split", "media": stranger, "reason": "two rooms"},
        "Choose another series": {"kind": "merge", "other": largest.id, "reason": "the same"},
    }
    for words, form in refused.items():
        assert words in decide(as_ida, largest.id, **form).content.decode(), form
    negative = decide(as_ida, largest.id, kind="negative", media=mark, reason="a logo")
    assert "Choose what you decide" in negative.content.decode()  # it is of no one series
    everything = " ".join(marks(largest.id))
    refusal = decide(as_ida, largest.id, kind="split", media=everything, reason="all of it")
    assert "leaves some behind" in refusal.content.decode()
    assert catalogue().decisions(active_only=False) == []
    assert Entry.objects.filter(action="decided").count() == 0


def test_a_busy_workspace_keeps_the_decision_and_obeys_it_when_free(
    as_ida: Client, largest: SeriesSummary, own_workspace: Path
) -> None:
    writer = Catalogue.open(
        Workspace.open(own_workspace), EngineSettings(), write=True, purpose="ingest of x"
    )
    with writer:
        leaving, next_leaving = marks(largest.id)[0], marks(largest.id)[-1]
        for mark in (leaving, next_leaving):
            answer = decide(as_ida, largest.id, kind="does-not-belong", media=mark, reason="another room")
            assert "The workspace is busy" in answer.content.decode()
            assert "are being grouped anew" not in answer.content.decode()
        assert len(catalogue().decisions()) == 2
        assert leaving in marks(largest.id)
        assert not regrouping.settled(0)
    # The writer linked nothing, as an ingest with --no-link does.
    assert regrouping.settled(30)
    assert not {leaving, next_leaving} & set(marks(largest.id))


def test_a_ruling_that_takes_long_says_so(
    as_ida: Client, largest: SeriesSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "PATIENCE_SECONDS", 0.0)
    answer = decide(as_ida, largest.id, kind="belongs", media=marks(largest.id)[0], reason="sure")
    assert "are being grouped anew: reload in a while" in answer.content.decode()
    assert "busy" not in answer.content.decode()
    assert regrouping.settled(30)


def test_a_regrouping_that_fails_is_said_and_the_next_one_works(
    as_ida: Client, largest: SeriesSummary, own_workspace: Path
) -> None:
    first, second = marks(largest.id)[0], marks(largest.id)[-1]
    lock = own_workspace / "lock"
    lock.unlink()
    lock.mkdir()
    answer = decide(as_ida, largest.id, kind="does-not-belong", media=first, reason="no")
    assert "could not be grouped anew now" in answer.content.decode()
    lock.rmdir()
    answer = decide(as_ida, largest.id, kind="does-not-belong", media=second, reason="no")
    assert "were grouped anew" in answer.content.decode()
    assert not {first, second} & set(marks(largest.id))


def test_another_unit_cannot_merge_what_it_does_not_see(
    as_otto: Client, otto: Officer, largest: SeriesSummary
) -> None:
    give(largest.id, otto.unit)
    other = catalogue().series_list()[1]
    assert decide(as_otto, largest.id, kind="merge", other=other.id, reason="guess").status_code == 404
    assert other.id not in as_otto.get(f"/series/{largest.id}/").content.decode()
    assert catalogue().decisions(active_only=False) == []


@pytest.mark.usefixtures("largest")
def test_what_joins_an_assigned_series_is_seen(as_ida: Client, as_otto: Client, otto: Officer) -> None:
    second, third = catalogue().series_list()[1:3]
    joining = marks(third.id)[0]
    give(second.id, otto.unit)
    assert as_otto.get(f"/media/{joining}/").status_code == 404
    decide(as_ida, second.id, kind="merge", other=third.id, reason="the same chair")
    assert as_otto.get(f"/media/{joining}/").status_code == 200


def _all_media() -> list[str]:
    return [row.sha256 for row in catalogue().media_index()]
