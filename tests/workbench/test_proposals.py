"""Four eyes: one officer proposes, another confirms. The database refuses every way around that, SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cast import PASSWORD, give, grow_old, marks, signed_in

# isort: split
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.models import Edition
from foureyes.workbench.access.rules import Caps, caps_of
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, RoleHeld, Unit
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.editions.actions import NotDone, confirm, propose, refuse, release, withdraw
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.editions.queries import open_for
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.live.models import Event
from foureyes.workbench.series.actions import add_media
from foureyes.workbench.series.models import Ruling, Standing, State, Step
from foureyes.workbench.series.standing import propose_identified, set_state, undo
from workbench.breaking import WAYS, attempts
from workbench.filled import fill
from workbench.programs import program_of

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def lena(ida: Officer) -> Officer:
    """A colleague of Ida's."""
    return make_officer("lena", PASSWORD, ida.unit)


@pytest.fixture
def largest(own_workspace: Path) -> SeriesSummary:  # noqa: ARG001 - asked for what it does
    return catalogue().series_list()[0]


def test_another_unit_confirms_where_the_edition_says_so(
    ida: Officer, lena: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    give(series[1].id, otto.unit)
    set_state(ida, series[1].id, State.TAKEN)
    made = propose_identified(ida, series[1].id, "she is known to the unit of Graz")
    assert made.other_unit
    with pytest.raises(NotDone, match="yourself"):
        confirm(ida, made.id)
    with pytest.raises(NotDone, match="your own unit"):
        confirm(lena, made.id)
    assert [one.id for one in open_for(otto)] == [made.id]
    assert open_for(ida) == open_for(lena) == []
    confirm(otto, made.id, "yes, we found her")
    standing = Standing.objects.get(series=series[1].id)
    assert (standing.state, standing.identified_by_id) == (State.IDENTIFIED, made.id)
    with pytest.raises(NotDone, match="answered before"):
        refuse(otto, made.id, "no")
    did = list(Entry.objects.filter(thing=f"proposal:{made.id}").values_list("officer", "action"))
    assert did == [("ida", "proposed"), ("otto", "confirmed")]
    assert Event.objects.filter(what="proposal", thing=f"proposal:{made.id}").count() == 2


def test_what_no_other_unit_sees_is_not_left_waiting(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    give(series[1].id, otto.unit)
    both = {"kind": "merge", "series": [series[1].id, series[0].id], "media": [], "largest_side": 60}
    with pytest.raises(NotDone, match="none sees all of it"):
        propose(ida, "merge", series[1].id, both, "the same")
    give(series[0].id, otto.unit)
    assert propose(ida, "merge", series[1].id, both, "the same").other_unit


def test_a_third_unit_and_a_trainee_do_not_confirm(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    give(series[1].id, otto.unit)
    third = make_officer("tess", PASSWORD, Unit.objects.create(agency="Third unit", country="PT"))
    set_state(ida, series[1].id, State.TAKEN)
    made = propose_identified(ida, series[1].id, "known")
    with pytest.raises(Http404):
        confirm(third, made.id)
    RoleHeld.objects.filter(officer=otto).update(role="trainee")
    with pytest.raises(Http404):
        confirm(Officer.objects.get(id=otto.id), made.id)
    assert signed_in(third).get(f"/confirm/{made.id}/").status_code == 404
    assert signed_in(otto).get(f"/confirm/{made.id}/").status_code == 200


def test_within_the_holding_unit_a_colleague_confirms_and_pages_say_so(
    ida: Officer, lena: Officer, as_ida: Client, series: list[SeriesSummary]
) -> None:
    set_state(ida, series[0].id, State.TAKEN)
    made = propose_identified(ida, series[0].id, "known\nsince March")
    page = as_ida.get(f"/confirm/{made.id}/").content.decode()
    assert "another officer must look at it" in page
    assert "known\nsince March" in page
    assert "Nothing waits for you" in as_ida.get("/confirm/").content.decode()
    as_lena = signed_in(lena)
    assert "1<span" in as_lena.get("/series/").content.decode().replace(" ", "").replace("\n", "")
    refused = as_lena.post(f"/confirm/{made.id}/refuse/", {"answer": " "}, follow=True)
    assert "Say why you refuse" in refused.content.decode()
    said = as_lena.post(f"/confirm/{made.id}/confirm/", {"answer": ""}, follow=True)
    assert "is confirmed" in said.content.decode()
    assert "identified" in as_lena.get(f"/confirm/{made.id}/").content.decode()


def test_a_large_merge_waits_and_takes_effect_as_the_proposers_ruling(
    lena: Officer, as_ida: Client, largest: SeriesSummary
) -> None:
    other = catalogue().series_list()[1]
    form = {"kind": "merge", "other": other.id, "reason": "the same chair"}
    said = as_ida.post(f"/series/{largest.id}/decide/", form, follow=True).content.decode()
    assert "waits for a second pair of eyes" in said
    assert catalogue().decisions() == []
    made = Proposal.objects.get()
    page = signed_in(lena).get(f"/confirm/{made.id}/").content.decode()
    assert f"one series of {largest.size + other.size} media" in page
    with pytest.raises(NotDone, match="was proposed by"):
        propose(lena, made.kind, made.series, made.asked, "again")
    _, followed = confirm(lena, made.id)
    assert followed == "The series were grouped anew."
    decision = catalogue().decisions()[0]
    assert (decision.officer, decision.reason) == ("ida", "the same chair")
    assert len(marks(largest.id)) == largest.size + other.size
    ruling = Ruling.objects.get()
    assert (ruling.decision, ruling.proposal_id) == (decision.id, made.id)
    # What two officers ruled, two take back.
    said = as_ida.post(f"/decisions/{decision.id}/withdraw/", {"reason": "no"}, follow=True).content.decode()
    assert "waits for a second pair of eyes" in said
    back = Proposal.objects.get(state="open")
    assert (
        f"Decision {decision.id} is withdrawn" in signed_in(lena).get(f"/confirm/{back.id}/").content.decode()
    )
    confirm(lena, back.id)
    assert len(marks(largest.id)) == largest.size


def test_a_split_that_went_stale_is_refused_and_stays_open(
    ida: Officer, lena: Officer, as_ida: Client, largest: SeriesSummary
) -> None:
    first = marks(largest.id)[0]
    for kind in ("split", "does-not-belong"):
        as_ida.post(f"/series/{largest.id}/decide/", {"kind": kind, "media": first, "reason": "a room"})
    assert [one.kind for one in catalogue().decisions()] == ["does-not-belong"]
    made = Proposal.objects.get()
    said = signed_in(lena).post(f"/confirm/{made.id}/confirm/", follow=True).content.decode()
    assert "The series changed since" in said
    assert Proposal.objects.get().state == "open"
    assert [one.kind for one in Ruling.objects.all()] == ["does-not-belong"]
    withdraw(ida, made.id)
    assert Proposal.objects.get().state == "withdrawn"
    small = catalogue().series_list()[1]
    as_ida.post(
        f"/series/{small.id}/decide/", {"kind": "split", "media": marks(small.id)[0], "reason": "a room"}
    )
    assert [one.proposal for one in Ruling.objects.filter(kind="split")] == [None]


def test_a_state_is_undone_by_who_set_it_unless_something_came_after(
    ida: Officer, lena: Officer, series: list[SeriesSummary]
) -> None:
    step = set_state(ida, series[0].id, State.TAKEN, version=0)
    with pytest.raises(NotDone, match="taken by ida"):
        set_state(lena, series[0].id, State.TAKEN, version=0)
    with pytest.raises(NotDone, match="not taken back"):
        undo(lena, step.id)
    undo(ida, step.id)
    assert Standing.objects.get(series=series[0].id).taken_by is None
    with pytest.raises(NotDone, match="meanwhile"):
        undo(ida, step.id)
    for state in (State.IDENTIFIED, State.LOCATED, "burnt"):
        with pytest.raises(NotDone):
            set_state(ida, series[0].id, state)
    assert Step.objects.count() == 2


def test_caps_are_the_strictest_of_setting_and_open_editions(
    otto: Officer, series: list[SeriesSummary]
) -> None:
    assert caps_of(otto) == Caps(soft=400, hard=1000, break_minutes=10)
    give(series[0].id, otto.unit)
    Edition.objects.update(reveals_soft=20, reveals_hard=30, break_minutes=25)
    assert caps_of(otto) == Caps(soft=20, hard=30, break_minutes=25)
    Edition.objects.update(reveals_soft=5000, reveals_hard=9000)
    assert caps_of(otto).hard == 1000
    Edition.objects.update(reveals_hard=9000, reveals_soft=1, closes="2020-01-02", opens="2020-01-01")
    assert caps_of(otto).soft == 400


@pytest.mark.usefixtures("workspace")
def test_an_export_beyond_h1_leaves_by_two_officers(
    as_ida: Client, ida: Officer, lena: Officer, otto: Officer
) -> None:
    wrong = as_ida.post("/confirm/export/", {"list": "x", "reason": "for ICSE"}, follow=True)
    assert "number of the hash list" in wrong.content.decode()
    assert signed_in(lena).post("/confirm/export/", {"list": "3", "reason": "x"}).status_code == 404
    grow_old(as_ida)
    assert (
        as_ida.post("/confirm/export/", {"list": "3", "reason": "for ICSE"}).headers["Location"] == "/again/"
    )
    assert not Proposal.objects.exists()
    as_ida.post("/again/", {"password": PASSWORD})
    as_ida.post("/confirm/export/", {"list": "3", "reason": "for ICSE"})
    made = Proposal.objects.get()
    as_lena = signed_in(lena)
    grow_old(as_lena)
    assert as_lena.post(f"/confirm/{made.id}/confirm/").headers["Location"] == "/again/"
    assert signed_in(otto).post(f"/confirm/{made.id}/confirm/").status_code == 404
    with pytest.raises(NotDone, match="Nothing leaves"):
        release(made.id, {"what": "hash-list", "list": 3})
    with pytest.raises(Http404):
        confirm(otto, made.id)
    assert "Hash list 3 may leave" in signed_in(lena).get(f"/confirm/{made.id}/").content.decode()
    confirm(lena, made.id)
    with pytest.raises(NotDone, match="Nothing leaves"):
        release(made.id, {"what": "hash-list", "list": 4})
    release(made.id, {"what": "hash-list", "list": 3})
    with pytest.raises(NotDone, match="proposed anew"):
        release(made.id, {"what": "hash-list", "list": 3})
    assert Entry.objects.get(action="exported").officer == ida.username


@pytest.mark.usefixtures("workspace")
def test_confirming_and_exporting_ask_an_old_sign_in_again(as_ida: Client, lena: Officer) -> None:
    form, as_lena = {"list": "3", "reason": "for ICSE"}, signed_in(lena)
    grow_old(as_ida)
    assert as_ida.post("/confirm/export/", form).headers["Location"] == "/again/"
    assert not Proposal.objects.exists()
    assert as_ida.post("/again/", {"password": PASSWORD}).headers["Location"] == "/again/kept/"
    kept = as_ida.get("/again/kept/").content.decode()
    assert 'action="/confirm/export/"' in kept
    assert 'name="reason" value="for ICSE"' in kept
    as_ida.post("/confirm/export/", form)
    made = Proposal.objects.get()
    grow_old(as_lena)
    address = f"/confirm/{made.id}/confirm/"
    assert as_lena.post(address, {"answer": "seen"}).headers["Location"] == "/again/"
    assert Proposal.objects.get().state == "open"
    as_lena.post("/again/", {"password": PASSWORD})
    kept = as_lena.get("/again/kept/").content.decode()
    assert f'action="{address}"' in kept
    assert 'name="answer" value="seen"' in kept
    assert as_lena.post(address, {"answer": "seen"}).headers["Location"] == "/confirm/"
    assert Proposal.objects.get().state == "confirmed"


@pytest.mark.parametrize("way", WAYS)
def test_sqlite_refuses_one_pair_of_eyes(way: str, ida: Officer, lena: Officer, otto: Officer) -> None:
    ids = {"ida": ida, "lena": lena, "otto": otto}
    with transaction.atomic():
        statement = attempts(ids)[way]
    with pytest.raises(DatabaseError, match=WAYS[way]), transaction.atomic():
        connection.cursor().execute(statement)


ON_POSTGRESQL = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2])
from django.db import DatabaseError, connection, transaction
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Unit
from workbench.breaking import WAYS, attempts
ida = Officer.objects.get()
ids = {"ida": ida, "lena": make_officer("lena", "correct horse battery", ida.unit),
       "otto": make_officer("otto", "correct horse battery", Unit.objects.create(agency="Other", country="AT"))}
said = {}
for way in WAYS:
    with transaction.atomic():
        statement = attempts(ids)[way]
        try:
            with transaction.atomic():
                connection.cursor().execute(statement)
            said[way] = "went through"
        except DatabaseError as error:
            said[way] = str(error)
        transaction.set_rollback(True)
print(json.dumps(said))
"""


@pytest.mark.postgresql
def test_postgresql_refuses_one_pair_of_eyes(workbench_url: str, tmp_path: Path) -> None:
    workspace = fill(tmp_path / "workspace")
    command = [sys.executable, "-c", ON_POSTGRESQL, str(workspace.path), workbench_url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    wrong = {
        way: words for way, words in said.items() if not any(one in words for one in WAYS[way].split("|"))
    }
    assert wrong == {}


def test_one_officer_joins_no_large_series_by_adding_one_of_its_media(
    ida: Officer, largest: SeriesSummary
) -> None:
    other = catalogue().series_list()[1]
    for into, mark in ((largest.id, marks(other.id)[0]), (other.id, marks(largest.id)[0])):
        with pytest.raises(NotDone, match="join the two"):
            add_media(ida, into, mark, "the same lake")
    assert [one.size for one in catalogue().series_list()[:2]] == [largest.size, other.size]
    small = catalogue().series_list()[2:4]
    add_media(ida, small[0].id, marks(small[1].id)[0], "the same poster")
    assert Ruling.objects.get().largest_side == max(one.size for one in small)


def test_what_a_program_proposes_another_unit_confirms(
    ida: Officer, lena: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    """Whoever holds the token may be the very officer who would confirm."""
    give(series[1].id, otto.unit)
    Edition.objects.update(other_unit_confirms=False)
    asked = {"kind": "split", "series": [series[1].id], "media": [], "largest_side": 60}
    made = propose(program_of(ida.unit).token.officer, "split", series[1].id, asked, "two rooms")
    assert made.other_unit
    with pytest.raises(NotDone, match="your own unit"):
        confirm(lena, made.id)
    assert [one.id for one in open_for(otto)] == [made.id]
