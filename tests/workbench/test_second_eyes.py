"""Requests for a second pair of eyes: whom they reach, who is at it, who closes them."""

from __future__ import annotations

import pytest

from workbench.cast import give, marks, signed_in

# isort: split
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.models import Officer, OfficerLanguage, OfficerSkill
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.findings.actions import notes, questions
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Notice, Question, Reached
from foureyes.workbench.findings.queries import inbox

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def lake(series: list[SeriesSummary]) -> str:
    return series[0].id


@pytest.fixture
def uma(otto: Officer) -> Officer:
    """A colleague of Otto's who reads Polish and knows trains."""
    officer = Officer.objects.make("uma", "correct horse battery", otto.unit, roles=["expert"])
    OfficerLanguage.objects.create(officer=officer, code="pl")
    OfficerSkill.objects.create(officer=officer, word="trains")
    return officer


def ask(officer: Officer, lake: str, **form: str) -> Question:
    return questions.ask(officer, {"on": f"series:{lake}", "text": "what does the sign say?", **form})


def test_it_reaches_those_who_know_and_may_see_it(
    ida: Officer, otto: Officer, uma: Officer, lake: str
) -> None:
    with pytest.raises(NotDone, match="reach nobody"):
        ask(ida, lake, words="pl")
    give(lake, otto.unit)
    question = ask(ida, lake, words="Trains, pl", key="b" * 32)
    assert ask(ida, lake, words="pl", key="b" * 32) == question
    assert [(one.officer, one.why) for one in question.reached.all()] == [(uma, "knows")]
    assert (inbox.count(uma), inbox.count(otto), inbox.count(ida)) == (1, 0, 0)
    named = ask(ida, lake, to="otto, @uma ida", unit=str(otto.unit_id))
    assert {(one.officer.username, one.why) for one in named.reached.all()} == {
        ("otto", "named"),
        ("uma", "named"),
    }


def test_it_is_answered_from_the_inbox_and_closed_by_who_asked(
    as_ida: Client, as_otto: Client, ida: Officer, otto: Officer, uma: Officer, lake: str
) -> None:
    give(lake, otto.unit)
    question = ask(ida, lake, unit=str(otto.unit_id), selection=" ".join(marks(lake)[:2]))
    address = f"/request/{question.pk}/"
    assert address in as_otto.get("/inbox/").content.decode()
    as_otto.post(f"/findings/request/{question.pk}/take-up/")
    assert "otto is at it since" in signed_in(uma).get(address).content.decode()
    signed_in(uma).post(f"/findings/request/{question.pk}/decline/")
    assert inbox.count(uma) == 0
    answer = as_otto.post(
        "/findings/new/note/", {"on": f"request:{question.pk}", "text": "a mill in Tallinn"}
    )
    assert answer.status_code == 302
    assert (inbox.count(otto), inbox.count(ida)) == (0, 1)
    said = as_ida.get(address).content.decode()
    assert "a mill in Tallinn" in said
    assert "(declined)" in said
    question.refresh_from_db()
    assert question.closed_at is None
    assert inbox.count(ida) == 0
    with pytest.raises(NotDone, match="Only who asked"):
        questions.close(otto, question.pk)
    as_ida.post(f"/findings/request/{question.pk}/close/")
    assert [one.kind for one in Notice.objects.filter(officer=otto, read_at__isnull=True)] == ["closed"]
    with pytest.raises(NotDone, match="closed"):
        questions.take_up(uma, question.pk)
    questions.reopen(ida, question.pk)
    assert inbox.count(otto) == 2
    questions.withdraw(ida, question.pk)
    assert inbox.count(otto) == 0
    questions.restore(ida, question.pk)
    assert inbox.count(otto) == 1
    did = list(Entry.objects.filter(thing=f"request:{question.pk}").values_list("action", flat=True))
    assert did == [
        "finding-written",
        "answering",
        "declined",
        "request-closed",
        "request-reopened",
        "finding-withdrawn",
        "finding-restored",
    ]


def test_who_sees_it_takes_it_up_unasked_and_who_does_not_gets_nothing(
    ida: Officer, otto: Officer, uma: Officer, lake: str
) -> None:
    given = give(lake, otto.unit)
    question = ask(ida, lake, to="uma")
    with pytest.raises(NotDone, match="did not reach you"):
        questions.decline(otto, question.pk)
    questions.take_up(otto, question.pk)
    assert question.reached.get(officer=otto).why == "came"
    given.delete()
    fresh = Officer.objects.get(pk=uma.pk)
    assert inbox.count(fresh) == 0
    for action in (questions.take_up, questions.decline, questions.close):
        with pytest.raises(Http404):
            action(fresh, question.pk)
    with pytest.raises(Http404):
        notes.write(fresh, {"on": f"request:{question.pk}", "text": "too late"})


def test_what_makes_no_sense_is_refused_with_everything_kept(
    as_ida: Client, otto: Officer, lake: str
) -> None:
    give(lake, otto.unit)
    form = {"on": f"series:{lake}", "text": "which mill?", "to": "otto", "selection": "0123456789abcdef"}
    answer = as_ida.post("/findings/new/request/", form)
    assert answer.status_code == 422
    assert "series changed" in answer.context["refused"]
    assert "which mill?" in answer.content.decode()
    assert (
        "Nothing is written"
        in as_ida.post("/findings/new/request/", {**form, "text": " "}).context["refused"]
    )
    assert not Question.objects.exists()


def test_nobody_answers_and_declines_at_once(ida: Officer, otto: Officer, lake: str) -> None:
    give(lake, otto.unit)
    question = ask(ida, lake, to="otto")
    questions.take_up(otto, question.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reached.objects.filter(question=question).update(declined_at=question.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reached.objects.create(question=question, officer=otto, why="knows")


def test_the_form_offers_words_and_colleagues_who_may_see_it(
    as_ida: Client, otto: Officer, uma: Officer, lake: str
) -> None:
    before = as_ida.get(f"/findings/new/request/?on=series:{lake}").content.decode()
    assert 'value="otto"' not in before
    assert 'value="trains"' in before
    give(lake, otto.unit)
    after = as_ida.get(f"/findings/new/request/?on=series:{lake}").content.decode()
    assert 'value="otto"' in after
    assert f'value="{uma.username}"' in after
