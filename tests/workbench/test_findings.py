"""Regions, notes and tasks: written, changed by two at once, withdrawn, put back, read by those who may."""

from __future__ import annotations

import json

import pytest

from workbench.cast import give, marks
from workbench.found import WALLPAPER, find

# isort: split
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foureyes.engine.catalogue import SeriesSummary
from foureyes.engine.model import MediaKind
from foureyes.workbench.access.models import Assignment
from foureyes.workbench.access.rules import Action, FindingAsked, SeriesAsked, audience, may
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.findings.actions import notes, regions, tasks
from foureyes.workbench.findings.errors import Conflict, NotDone
from foureyes.workbench.findings.models import Note, Notice, Region, Task
from foureyes.workbench.findings.queries import inbox
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.live.models import Event
from foureyes.workbench.series import words

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def lake(series: list[SeriesSummary]) -> str:
    return series[0].id


@pytest.fixture
def mark(lake: str) -> str:
    return marks(lake)[0]


def draw(officer: Officer, mark: str, **other: str) -> Region:
    return regions.draw(officer, {**WALLPAPER, "media": mark, **other})


def write(officer: Officer, on: str, text: str, **other: str) -> notes.Wrote:
    return notes.write(officer, {"on": on, "text": text, **other})


def test_a_region_is_drawn_recorded_and_announced(ida: Officer, lake: str, mark: str) -> None:
    region = draw(ida, mark, speaks_for="pl, CZ pl", key="a" * 32)
    assert draw(ida, mark, key="a" * 32) == region
    assert (region.left, region.width, region.speaks_for) == (100_000, 300_000, "CZ PL")
    entry = Entry.objects.get(action="finding-written")
    assert entry.thing == f"region:{region.pk}"
    assert json.loads(entry.detail)["shape"] == "xywh=percent:10,20,30,40"
    assert Event.objects.filter(what="region", series=lake, thing=f"region:{region.pk}").count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"shape": "xywh=percent:90,0,20,20"}, "outside the picture"),
        ({"clue": "wonder"}, "kind of clue"),
        ({"name": " \x00 "}, "name"),
        ({"speaks_for": "Poland"}, "no country's code"),
        ({"speaks_for": "PL", "speaks_against": "PL"}, "both sides"),
        ({"from": "3"}, "no time"),
        ({"handling_code": "H9"}, "no such handling code"),
    ],
)
def test_a_region_that_makes_no_sense_is_refused_with_everything_kept(
    as_ida: Client, mark: str, changed: dict[str, str], words: str
) -> None:
    form = {**WALLPAPER, "on": f"media:{mark}", "tells": "the mill's own pattern", **changed}
    answer = as_ida.post("/findings/new/region/", form)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert words in answer.context["refused"]
    assert "the mill&#x27;s own pattern" in said
    assert not Region.objects.exists()


def test_the_database_keeps_regions_in_the_picture_and_withdrawals_named(ida: Officer, mark: str) -> None:
    region = draw(ida, mark)
    for broken in (
        {"left": 900_000, "width": 200_000},
        {"width": 0},
        {"from_ms": 5, "to_ms": 4},
        {"clue": "wonder"},
        {"media": ""},
        {"series": "S-AAAAAAAA"},
        {"handling_code": "H7"},
        {"withdrawn_by": ida},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Region.objects.filter(pk=region.pk).update(**broken)
    with pytest.raises(ValidationError):
        Region(media="x", series="y").full_clean()


def test_two_who_change_a_region_learn_of_each_other(as_ida: Client, ida: Officer, mark: str) -> None:
    region = draw(ida, mark)
    form = {**WALLPAPER, "version": "1"}
    first = as_ida.post(f"/findings/region/{region.pk}/edit/", {**form, "name": "green stripes"})
    assert first.status_code == 302
    second = as_ida.post(f"/findings/region/{region.pk}/edit/", {**form, "name": "blue stripes"})
    assert second.status_code == 409
    said = second.content.decode()
    assert "green stripes" in said
    assert "blue stripes" in said
    region.refresh_from_db()
    assert (region.name, region.version) == ("green stripes", 2)
    again = as_ida.post(
        f"/findings/region/{region.pk}/edit/", {**form, "name": "blue stripes", "version": "2"}
    )
    assert again.status_code == 302
    region.refresh_from_db()
    assert region.name == "blue stripes"


def test_a_note_keeps_its_earlier_texts_and_is_withdrawn_and_put_back(
    as_ida: Client, ida: Officer, lake: str
) -> None:
    note = write(ida, f"series:{lake}", "a mill\r\nby the lake").note
    assert note.text == "a mill\nby the lake"
    stale = {"text": "a windmill", "version": "1"}
    assert as_ida.post(f"/findings/note/{note.pk}/edit/", stale).status_code == 302
    answer = as_ida.post(f"/findings/note/{note.pk}/edit/", {"text": "a watermill", "version": "1"})
    assert answer.status_code == 409
    assert "a windmill" in answer.content.decode()
    assert "a watermill" in answer.content.decode()
    assert "a mill\nby the lake" in as_ida.get(f"/note/{note.pk}/earlier/").content.decode()
    assert as_ida.post(f"/findings/note/{note.pk}/withdraw/").status_code == 302
    assert "Withdrawn by" in as_ida.get(f"/note/{note.pk}/").content.decode()
    assert "a windmill" not in as_ida.get(f"/series/{lake}/findings/").content.decode()
    assert (
        "withdrawn before" in as_ida.post(f"/findings/note/{note.pk}/withdraw/", follow=True).content.decode()
    )
    as_ida.post(f"/findings/note/{note.pk}/restore/")
    assert "a windmill" in as_ida.get(f"/series/{lake}/findings/").content.decode()
    assert verify().problem == ""


def test_long_and_hostile_texts(as_ida: Client, ida: Officer, lake: str) -> None:
    on = f"series:{lake}"
    assert len(write(ida, on, "x" * 100_000).note.text) == 100_000
    answer = as_ida.post("/findings/new/note/", {"on": on, "text": "y" * 100_001})
    assert answer.status_code == 422
    assert "y" * 100_001 in answer.content.decode()
    hostile = write(ida, on, "<script>\x00\x1b[2J \u202efdp.exe à\xa0la \u0645\u06cc\u200c").note
    said = as_ida.get(f"/note/{hostile.pk}/").content.decode()
    assert "&lt;script&gt;\u2400\\x1b[2J \\u202efdp.exe à\xa0la \u0645\u06cc\u200c" in said
    assert as_ida.post("/findings/new/note/", {"on": on, "text": " \n "}).status_code == 422


def test_names_of_things_become_links_made_by_the_server(
    as_ida: Client, ida: Officer, lake: str, mark: str
) -> None:
    region = draw(ida, mark)
    note = write(ida, f"media:{mark}", f"as in {lake}, {mark} and #{region.pk}; not http://x.example/").note
    said = as_ida.get(f"/note/{note.pk}/").content.decode()
    for address in (f"/series/{lake}/", f"/media/{mark}/", f"/region/{region.pk}/"):
        assert f'href="{address}"' in said
    assert 'href="http' not in said


def test_mentions_tell_those_who_may_read_and_say_who_was_not_told(
    as_ida: Client, ida: Officer, otto: Officer, lake: str
) -> None:
    wrote = write(ida, f"series:{lake}", "@otto. please, and @nobody, @ida")
    assert wrote.not_told == ("otto.", "nobody")
    assert not Notice.objects.exists()
    give(lake, otto.unit)
    names = as_ida.get(f"/findings/names/?on=series:{lake}&start=o").json()
    assert [one["username"] for one in names["officers"]] == ["otto"]
    form = {"on": f"series:{lake}", "text": "@otto. look"}
    assert "was not told" not in as_ida.post("/findings/new/note/", form, follow=True).content.decode()
    notice = Notice.objects.get()
    assert (notice.officer, notice.kind) == (otto, "mention")
    assert Event.objects.filter(to="otto", what="note").count() == 1
    assert inbox.count(otto) == 1
    Assignment.objects.all().delete()
    otto = Officer.objects.get(pk=otto.pk)
    assert inbox.count(otto) == 0
    assert inbox.inbox(otto, everything=True).told == []


def test_a_thread_tells_who_began_it(
    as_ida: Client, as_otto: Client, ida: Officer, otto: Officer, lake: str
) -> None:
    give(lake, otto.unit)
    note = write(ida, f"series:{lake}", "whose mill?").note
    answer = as_otto.post("/findings/new/note/", {"on": f"note:{note.pk}", "text": "ours"})
    assert answer.status_code == 302
    reply = Note.objects.get(root=note)
    assert reply.series == lake
    assert "Inbox" in as_ida.get("/inbox/").content.decode()
    assert inbox.count(ida) == 1
    assert "ours" in as_ida.get(f"/note/{note.pk}/").content.decode()
    assert inbox.count(ida) == 0
    with pytest.raises(NotDone, match="Only who wrote"):
        notes.edit(ida, reply.pk, {"text": "mine", "version": "1"})
    with pytest.raises(NotDone, match="Only who wrote"):
        notes.withdraw(ida, reply.pk)


def test_who_loses_the_series_loses_its_findings(
    as_otto: Client, ida: Officer, otto: Officer, lake: str, mark: str
) -> None:
    given = give(lake, otto.unit)
    found = find(ida, lake, mark)
    addresses = [
        f"/note/{found.note.pk}/",
        f"/region/{found.region.pk}/",
        f"/task/{found.task.pk}/",
        f"/request/{found.question.pk}/",
        f"/series/{lake}/findings/",
        f"/media/{mark}/findings/",
    ]
    assert [as_otto.get(one).status_code for one in addresses] == [200] * 6
    given.delete()
    assert [as_otto.get(one).status_code for one in addresses] == [404] * 6
    with pytest.raises(Http404):
        write(otto, f"note:{found.note.pk}", "still here?")


def test_codes_above_h1_stay_with_the_unit_and_whom_the_provider_permits(
    ida: Officer, otto: Officer, lake: str, mark: str
) -> None:
    given = give(lake, otto.unit)
    region = draw(otto, mark, handling_code="H2")
    note = write(otto, f"region:{region.pk}", "the mill's name", handling_code="H0").note
    assert note.handling_code == "H2"
    asked = FindingAsked(SeriesAsked(lake), "H2", frozenset({region.unit_id}))
    assert may(otto, Action.VIEW, asked)
    assert not may(ida, Action.VIEW, asked)
    with pytest.raises(Http404):
        write(ida, f"region:{region.pk}", "whose?")
    give(lake, ida.unit)
    Assignment.objects.filter(unit=ida.unit).update(permitted=True)
    assert may(ida, Action.VIEW, asked)
    reply = write(ida, f"note:{note.pk}", "known here").note
    own = FindingAsked(SeriesAsked(lake), "H2", frozenset({reply.unit_id}))
    assert not may(otto, Action.VIEW, own)
    assert inbox.count(otto) == 1  # what answers a unit's own note is read by it
    given.delete()
    assert not may(Officer.objects.get(pk=otto.pk), Action.VIEW, asked)


def test_an_audience_is_those_who_may(ida: Officer, otto: Officer, lake: str) -> None:
    trainee = Officer.objects.make("tim", "correct horse battery", ida.unit, roles=["trainee"])
    admin = Officer.objects.make("ada", "correct horse battery", ida.unit, roles=["administrator"])
    everyone = [ida, otto, trainee, admin]
    units = frozenset({ida.unit_id})

    def agree() -> list[str]:
        for code in ("H1", "H2"):
            asked = FindingAsked(SeriesAsked(lake), code, units)
            fresh = [Officer.objects.get(pk=one.pk) for one in everyone]
            told = audience(asked, fresh)
            again = [Officer.objects.get(pk=one.pk) for one in everyone]
            assert told == [one for one in again if may(one, Action.VIEW, asked)]
        return [one.username for one in told]

    assert agree() == ["ida"]
    given = give(lake, otto.unit)
    assert agree() == ["ida"]
    given.permitted = True
    given.save()
    assert agree() == ["ida", "otto"]
    give(lake, ida.unit)
    assert agree() == ["ida", "otto", "tim"]
    given.placed.edition.all_series_to_all = True
    given.placed.edition.save()
    Assignment.objects.all().delete()
    assert agree() == ["ida"]


def test_tasks_are_given_done_and_opened_again(
    as_ida: Client, as_otto: Client, ida: Officer, otto: Officer, lake: str
) -> None:
    on = f"series:{lake}"
    with pytest.raises(NotDone, match="may read it"):
        tasks.give(ida, {"on": on, "text": "ask the mill", "to": "otto"})
    give(lake, otto.unit)
    task = tasks.give(
        ida, {"on": on, "text": "ask the mill", "to": f"unit:{otto.unit_id}", "due": "2026-12-01"}
    )
    assert inbox.count(otto) == 1
    assert "ask the mill" in as_otto.get("/inbox/").content.decode()
    as_otto.post(f"/findings/task/{task.pk}/done/")
    assert (inbox.count(otto), inbox.count(ida)) == (0, 1)
    assert (
        "marked it as done before"
        in as_otto.post(f"/findings/task/{task.pk}/done/", follow=True).content.decode()
    )
    as_ida.post(f"/findings/task/{task.pk}/reopen/")
    assert inbox.count(otto) == 1
    changed = {"text": "ask the other mill", "to": "", "due": "", "version": "1"}
    assert as_ida.post(f"/findings/task/{task.pk}/edit/", changed).status_code == 409
    assert as_ida.post(f"/findings/task/{task.pk}/edit/", {**changed, "version": "3"}).status_code == 302
    assert inbox.count(otto) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(to_officer=ida, to_unit=ida.unit)
    with pytest.raises(NotDone, match="day"):
        tasks.give(ida, {"on": on, "text": "x", "due": "tomorrow"})


def test_the_same_thing_is_said_of_regions_and_taken_back(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    one, two = draw(ida, marks(series[0].id)[0]), draw(ida, marks(series[1].id)[0])
    three = draw(ida, marks(series[2].id)[0])
    regions.same_thing(ida, one.pk, f"#{two.pk}")
    regions.same_thing(ida, three.pk, str(one.pk))
    assert len(set(Region.objects.values_list("thing", flat=True))) == 1
    give(series[0].id, otto.unit)
    with pytest.raises(NotDone, match="no region of that number"):
        regions.same_thing(otto, one.pk, str(two.pk))
    with pytest.raises(NotDone, match="another region"):
        regions.same_thing(ida, one.pk, str(one.pk))
    regions.not_same_thing(ida, two.pk)
    assert Region.objects.filter(thing__isnull=False).count() == 2
    with pytest.raises(NotDone, match="same as anything"):
        regions.not_same_thing(ida, two.pk)


def test_another_unit_sees_of_the_same_thing_only_what_is_given_to_it(
    as_otto: Client, ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    one, two = draw(ida, marks(series[0].id)[0]), draw(ida, marks(series[1].id)[0], name="hidden stripes")
    regions.same_thing(ida, one.pk, str(two.pk))
    give(series[0].id, otto.unit)
    said = as_otto.get(f"/region/{one.pk}/").content.decode()
    assert "hidden stripes" not in said
    assert series[1].id not in said
    # Nor that there is anything: in words, by a button, or by what is answered to it.
    listed = f"/series/{series[0].id}/findings/"
    assert "not the same thing after all" not in said
    assert "met elsewhere" not in as_otto.get(listed).content.decode()
    with pytest.raises(NotDone, match="same as anything"):
        regions.not_same_thing(otto, one.pk)
    give(series[1].id, otto.unit)
    assert "not the same thing after all" in as_otto.get(f"/region/{one.pk}/").content.decode()
    assert "met elsewhere" in as_otto.get(listed).content.decode()
    regions.not_same_thing(otto, one.pk)


def test_a_film_takes_times_and_a_trainee_is_marked(ida: Officer, series: list[SeriesSummary]) -> None:
    held = catalogue()
    films = [one for row in series for one in marks(row.id) if _is_film(held.find(one)[0])]
    region = draw(ida, films[0], **{"from": "0", "to": "0.5", "shape": ""})
    assert (region.from_ms, region.to_ms) == (0, 500)
    trainee = Officer.objects.make("tim", "correct horse battery", ida.unit, roles=["trainee"])
    give(series[0].id, ida.unit)
    note = write(trainee, f"series:{series[0].id}", "is this a mill?").note
    assert note.from_course


def _is_film(sha256: str) -> bool:
    media = catalogue().media(sha256)
    return media is not None and media.kind is MediaKind.VIDEO


def test_queries_do_not_grow_with_findings(as_ida: Client, ida: Officer, lake: str) -> None:
    def asked(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert as_ida.get(address).status_code == 200
        return len(caught)

    def add() -> None:
        for mark in marks(lake)[:4]:
            found = find(ida, lake, mark)
            write(ida, f"note:{found.note.pk}", "yes")
            Notice.objects.create(officer=ida, kind="reply", by=ida, note=found.note)

    add()
    addresses = (f"/series/{lake}/findings/", f"/media/{marks(lake)[0]}/findings/", "/inbox/")
    for address in addresses:
        asked(address)  # the first looks read what later ones keep
    before = [asked(one) for one in addresses]
    add()
    add()
    assert [asked(one) for one in addresses] == before
    assert max(before) < 40


def test_the_board_finds_what_was_written_unless_some_may_not_read_it(
    ida: Officer, lake: str, mark: str
) -> None:
    note = write(ida, f"series:{lake}", "a Wínd pump").note
    draw(ida, mark, name="tin rooster", handling_code="H2")
    assert words.series_with("wind") == {lake}
    assert words.series_with("rooster") == set()
    notes.withdraw(ida, note.pk)
    assert words.series_with("wind") == set()


def test_filters_of_the_list(as_ida: Client, ida: Officer, lake: str, mark: str) -> None:
    draw(ida, mark, name="a mill", clue="place", speaks_for="NL")
    draw(ida, mark, name="a plug", clue="socket", speaks_against="NL")
    gone = draw(ida, mark, name="a mistake")
    regions.withdraw(ida, gone.pk)

    def names(query: str) -> list[str]:
        found = as_ida.get(f"/series/{lake}/findings/{query}").context["found"]
        return [one.name for one in found.regions]

    assert names("") == ["a plug", "a mill"]
    assert names("?clue=socket") == ["a plug"]
    assert names("?country=nl") == ["a plug", "a mill"]
    assert names("?country=PL") == []
    assert names("?clue=nonsense&country=XX&page=x") == ["a plug", "a mill"]
    assert names("?withdrawn=1") == ["a mistake", "a plug", "a mill"]
    with pytest.raises(Conflict):
        regions.change(ida, gone.pk, {**WALLPAPER, "version": "1"})


def test_notes_on_a_decision_are_listed_with_the_decisions(
    as_ida: Client, as_otto: Client, otto: Officer, series: list[SeriesSummary]
) -> None:
    lake = series[0].id
    give(lake, otto.unit)
    number = catalogue().decisions()[0].id
    for code, text in (("H1", "the wallpaper is another"), ("H2", "our source says so")):
        form = {"on": f"decision:{number}", "text": text, "handling_code": code, "key": f"d{code}"}
        assert as_ida.post("/findings/new/note/", form).status_code == 302
    as_ida.post("/findings/new/note/", {"on": f"series:{lake}", "text": "of no decision", "key": "d3"})
    address = f"/series/{lake}/findings/decisions/"
    assert address in as_ida.get(f"/series/{lake}/").content.decode()
    mine, theirs = (
        client.get(address, headers={"X-Foureyes-Piece": "1"}).content.decode()
        for client in (as_ida, as_otto)
    )
    assert f"Notes on decision {number}" in mine
    assert ("wallpaper is another" in mine, "our source" in mine) == (True, True)
    assert ("wallpaper is another" in theirs, "our source" in theirs) == (True, False)
    assert "of no decision" not in mine
    assert "Notes on decision" in as_ida.get(address).content.decode()
