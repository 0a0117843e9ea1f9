"""Questions of the engine: who is asked what, what an answer binds, and that no two are asked the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from workbench.asked_about import fill_with_questions
from workbench.cast import PASSWORD, give, signed_in

# isort: split
import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foureyes.engine.model import DecisionKind, Question, QuestionKind
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Role, RoleHeld
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.library import holdings
from foureyes.workbench.series import actions, review_actions, reviewing
from foureyes.workbench.series.actions import NotDone
from foureyes.workbench.series.models import ReviewAnswer, ReviewClaim
from foureyes.workbench.series.regrouping import settled

pytest_plugins = ["workbench.stage"]
pytestmark = pytest.mark.usefixtures("asked")


@pytest.fixture
def asked(tmp_path: Path, db: None) -> Iterator[Path]:  # noqa: ARG001 - asked for what it does
    """A workspace of the test's own that raises questions."""
    path = fill_with_questions(tmp_path / "workspace").path
    with override_settings(FOUREYES_WORKSPACE=path):
        yield path
        assert settled(60)
    holdings.close()


@pytest.fixture
def nora(ida: Officer) -> Officer:
    """A colleague of Ida's."""
    return make_officer("nora", PASSWORD, ida.unit)


def taken(viewer: Officer, passed: tuple[str, ...] = (), wanted: str = "") -> Question:
    question, _ = review_actions.take(viewer, "", passed, wanted)
    assert question is not None
    return question


def sizes() -> list[int]:
    assert settled(60)
    return sorted(one.size for one in holdings.catalogue().series_list())


def test_what_settles_most_is_asked_first(ida: Officer) -> None:
    questions = reviewing.open_questions(ida)
    assert [(one.kind, len(one.few)) for one in questions] == [
        (QuestionKind.BETWEEN, 10),
        (QuestionKind.JOINT, 2),
        (QuestionKind.JOINT, 1),
    ]
    shown = reviewing.shown(ida, questions[0])
    assert (shown.few.size, shown.others.size, shown.inside) == (10, 12, False)
    assert shown.few.shown[0] == questions[0].a
    assert shown.others.shown[0] == questions[0].b
    assert len(set(shown.others.shown)) == reviewing.SHOWN_A_SIDE


def test_yes_between_two_series_merges_them_and_no_keeps_them_apart(ida: Officer) -> None:
    first = taken(ida)
    given = review_actions.answer(ida, first.key, "no")
    assert sizes() == [10, 12]
    (ruling,) = holdings.catalogue().decisions()
    assert ruling.kind is DecisionKind.DOES_NOT_BELONG
    assert ruling.reason.startswith("reviewed: no, ")
    assert first.key not in {one.key for one in reviewing.open_questions(ida)}
    assert review_actions.undo(ida).pk == given.pk
    assert first.key in {one.key for one in reviewing.open_questions(ida)}
    review_actions.answer(ida, taken(ida, wanted=first.key).key, "yes")
    assert sizes() == [22]


def test_an_answer_inside_a_series_binds_or_splits(ida: Officer) -> None:
    joint = reviewing.open_questions(ida)[1]
    assert taken(ida, wanted=joint.key) == joint
    review_actions.answer(ida, joint.key, "no")
    # By the same evidence the two are asked about with the other series next: alone they join it.
    assert sizes() == [8, 14]
    assert holdings.catalogue().decisions()[-1].kind is DecisionKind.SPLIT
    review_actions.undo(ida)
    assert sizes() == [10, 12]
    review_actions.answer(ida, taken(ida, wanted=joint.key).key, "yes")
    assert sizes() == [10, 12]
    assert joint.key not in {one.key for one in reviewing.open_questions(ida)}


def test_a_large_merge_waits_for_a_second_pair_of_eyes(ida: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ALONE_AT_MOST", 5)
    first = taken(ida)
    given = review_actions.answer(ida, first.key, "yes")
    assert given.decision is None
    assert Proposal.objects.get(pk=given.proposal).kind == Proposal.Kind.MERGE
    assert sizes() == [10, 12]
    assert first.key not in {one.key for one in reviewing.open_questions(ida)}
    review_actions.undo(ida)
    assert Proposal.objects.get(pk=given.proposal).state == Proposal.State.WITHDRAWN
    assert first.key in {one.key for one in reviewing.open_questions(ida)}


def test_two_officers_are_not_asked_the_same(ida: Officer, nora: Officer) -> None:
    first = taken(ida)
    second = taken(nora)
    assert first.key != second.key
    with pytest.raises(NotDone):
        review_actions.answer(nora, first.key, "yes")
    assert taken(nora, wanted=first.key).key != first.key
    ReviewClaim.objects.filter(officer=ida).update(until=timezone.now() - timedelta(seconds=1))
    assert taken(nora, wanted=first.key).key == first.key
    with pytest.raises(NotDone):
        review_actions.answer(ida, first.key, "yes")
    assert holdings.catalogue().decisions() == []


def test_an_answered_question_is_not_answered_again(ida: Officer, nora: Officer) -> None:
    first = taken(ida)
    review_actions.answer(ida, first.key, "no")
    ReviewClaim.objects.all().delete()
    with pytest.raises(NotDone):
        review_actions.answer(nora, first.key, "yes")
    assert len(holdings.catalogue().decisions()) == 1


@pytest.mark.parametrize("said", ["", "maybe", "skip"])
def test_an_answer_is_yes_or_no(ida: Officer, said: str) -> None:
    first = taken(ida)
    with pytest.raises(NotDone):
        review_actions.answer(ida, first.key, said)
    assert ReviewAnswer.objects.count() == 0


def test_other_units_are_asked_only_about_what_they_see(ida: Officer, otto: Officer) -> None:
    assert reviewing.open_questions(otto) == []
    between = taken(ida)
    assert between.home is not None
    give(between.home, otto.unit)
    ReviewClaim.objects.all().delete()
    seen = reviewing.open_questions(otto)
    assert seen
    assert {one.series for one in seen} | {one.home for one in seen} == {between.home}
    with pytest.raises(NotDone):
        review_actions.answer(otto, between.key, "yes")
    with pytest.raises(Http404):
        reviewing.open_questions(otto, between.series)


def test_who_only_looks_is_not_asked(ida: Officer) -> None:
    RoleHeld.objects.filter(officer=ida).exclude(role=Role.TRAINEE).delete()
    RoleHeld.objects.get_or_create(officer=ida, role=Role.TRAINEE)
    fresh = Officer.objects.get(pk=ida.pk)
    with pytest.raises(Http404):
        review_actions.take(fresh, "", ())
    with pytest.raises(Http404):
        review_actions.answer(fresh, "a-b", "yes")


def test_answers_are_recorded_and_counted(as_ida: Client, ida: Officer) -> None:
    question = taken(ida)
    before = reviewing.progress(ida, reviewing.open_questions(ida))
    assert (before.answers, before.media, before.left, before.pairs) == (0, 22, 3, 45 + 66)
    assert before.spared == 45 + 66 - 3
    page = as_ida.get(reverse("series:review-all")).content.decode()
    assert question.key in page
    sent = {"question": question.key, "answer": "yes"}
    told = as_ida.post(reverse("series:review-answer"), sent, follow=True).content.decode()
    assert "10 media are settled" in told
    assert Entry.objects.filter(action="decided").count() == 1
    after = reviewing.progress(ida, reviewing.open_questions(ida))
    assert (after.answers, after.settled) == (1, 10)


def test_skipping_passes_over_until_asked_again(as_ida: Client, ida: Officer) -> None:
    keys = [one.key for one in reviewing.open_questions(ida)]
    address = reverse("series:review-answer")
    for key in keys:
        assert key in as_ida.get(reverse("series:review-all")).content.decode()
        as_ida.post(address, {"question": key, "answer": "skip"})
    done = as_ida.get(reverse("series:review-all")).content.decode()
    assert "You passed over all" in done
    again = as_ida.post(reverse("series:review-again"), follow=True).content.decode()
    assert keys[0] in again
    assert ReviewAnswer.objects.count() == 0


def test_the_database_refuses_two_standing_answers_and_answers_without_effect(ida: Officer) -> None:
    made = {"question": "a-b", "series": "S-1", "officer": ida, "media": 1}
    ReviewAnswer.objects.create(answer="yes", decision=1, **made)
    for wrong in ({"answer": "no", "decision": 2}, {"answer": "yes"}, {"answer": "perhaps", "decision": 3}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReviewAnswer.objects.create(
                **{**made, "question": "a-b" if wrong.get("decision") == 2 else "c-d", **wrong}
            )


def test_queries_do_not_grow_with_questions(as_ida: Client, ida: Officer) -> None:
    counts = []
    address = reverse("series:review-all")
    for _round in range(2):
        as_ida.get(address)
        with CaptureQueriesContext(connection) as sent:
            as_ida.get(address)
        counts.append(len(sent))
        review_actions.answer(ida, taken(ida).key, "no")
        assert settled(60)
    assert counts[0] == counts[1]
    assert signed_in(ida).get(address).status_code == 200
