"""Takes, answers and undoes questions of the engine. An answer is a ruling like any other, and binds.

Two officers are not asked the same: a question is claimed for a few minutes, and an answer needs the claim.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.engine.model import Decision, DecisionKind, Question, QuestionKind
from foureyes.workbench.access.rules import Action, MediaAsked, SeriesAsked, require, require_ever
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.editions import actions as proposals
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.live.actions import What, announce
from foureyes.workbench.series import actions, handing, regrouping, reviewing
from foureyes.workbench.series.actions import Done, NotDone, Waits
from foureyes.workbench.series.models import ReviewAnswer, ReviewClaim

CLAIM = timedelta(minutes=5)
"""How long a question is one officer's: long enough to look, short enough that a closed lid blocks nobody."""
REASON = "reviewed: "
UNDONE = "undone in review"
"""Both go into the record, which has one language."""
TRIES = 20
"""Questions tried when others take them at the same moment."""


def take(
    viewer: object, series_id: str, passed: Collection[str], wanted: str = ""
) -> tuple[Question | None, list[Question]]:
    """Claim the next question for the viewer and let go of the last; gives it, and all that are open.

    Raises:
        django.http.Http404: the series is not there, or the viewer does not decide.
    """
    officer = require_ever(viewer, Action.DECIDE)
    asked = reviewing.open_questions(officer, series_id)
    for _turn in range(TRIES):
        taken = reviewing.taken_by_others(officer)
        question = reviewing.next_question(asked, taken, passed, wanted)
        if question is None or _claim(officer, question.key):
            return question, asked
    return None, asked


def answer(viewer: object, key: str, untrusted_answer: str) -> ReviewAnswer:
    """Rule as the officer answered: the groups belong together, or they do not.

    Raises:
        django.http.Http404: the viewer does not decide, or not about this.
        NotDone: it was answered meanwhile, somebody else is looking at it, or the answer is none.
    """
    officer = require_ever(viewer, Action.DECIDE)
    if untrusted_answer not in ReviewAnswer.Answer.values:
        raise NotDone(_("Answer yes or no. Nothing was changed."))
    chosen = ReviewAnswer.Answer(untrusted_answer)
    with regrouping.afterwards(), transaction.atomic():
        _hold(officer, key)
        question = next((one for one in reviewing.open_questions(officer) if one.key == key), None)
        if question is None:
            raise NotDone(_("This was answered meanwhile, or the series changed. Here is the next question."))
        done = _rule(officer, question, chosen)
        ReviewAnswer.objects.filter(question=key, undone_at__isnull=True).update(undone_at=timezone.now())
        return ReviewAnswer.objects.create(
            question=key,
            series=question.series,
            officer=officer,
            answer=chosen,
            decision=done.decision.id if isinstance(done, Done) else None,
            proposal=done.proposal.pk if isinstance(done, Waits) else None,
            media=len(question.few),
        )


def undo(viewer: object) -> ReviewAnswer:
    """Withdraw the officer's last answer; the question comes back.

    Raises:
        django.http.Http404: the viewer does not decide.
        NotDone: there is none, or it was withdrawn by somebody.
    """
    officer = require_ever(viewer, Action.DECIDE)
    last = reviewing.last_answer(officer)
    if last is None:
        raise NotDone(_("There is no answer of yours to take back."))
    with regrouping.afterwards(), transaction.atomic():
        if last.decision is not None:
            actions.withdraw(officer, last.decision, UNDONE)
        elif last.proposal is not None:
            proposals.withdraw(officer, last.proposal, UNDONE)
        last.undone_at = timezone.now()
        last.save(update_fields=["undone_at"])
    return last


def _claim(officer: Officer, key: str) -> bool:
    """Whether the question is the officer's now."""
    now = timezone.now()
    try:
        with transaction.atomic():
            ReviewClaim.objects.filter(until__lte=now).delete()
            ReviewClaim.objects.filter(officer=officer).delete()
            ReviewClaim.objects.create(question=key, officer=officer, until=now + CLAIM)
    except IntegrityError:
        return False
    return True


def _hold(officer: Officer, key: str) -> None:
    """Keep the claim for this transaction; one that ran out is taken anew if nobody else has it."""
    claim = ReviewClaim.objects.select_for_update().filter(question=key).first()
    if claim is None:
        if not _claim(officer, key):
            raise NotDone(_("Somebody else is looking at this. Here is the next question."))
    elif claim.officer_id != officer.pk:
        raise NotDone(_("Somebody else is looking at this. Here is the next question."))


def _rule(officer: Officer, question: Question, chosen: ReviewAnswer.Answer) -> Done | Waits:
    marks = [sha256[:MARK_LENGTH] for sha256 in question.few]
    reason = f"{REASON}{chosen.value}, {_why(question)}"
    if chosen is ReviewAnswer.Answer.YES:
        if question.kind is QuestionKind.JOINT:
            return actions.decide(officer, question.series, DecisionKind.BELONGS, marks, "", reason)
        if question.home is None:
            return actions.add_media(officer, question.series, question.a, reason)
        return actions.decide(officer, question.series, DecisionKind.MERGE, [], question.home, reason)
    if question.kind is QuestionKind.BETWEEN:
        return Done(_keep_apart(officer, question, reason), regrouping.regroup())
    kind = DecisionKind.SPLIT if len(marks) > 1 else DecisionKind.DOES_NOT_BELONG
    return actions.decide(officer, question.series, kind, marks, "", reason)


def _keep_apart(officer: Officer, question: Question, reason: str) -> Decision:
    """Rule that media of elsewhere do not belong to a series, whatever the machine finds later."""
    require(officer, Action.DECIDE, SeriesAsked(question.series))
    require(
        officer,
        Action.DECIDE,
        SeriesAsked(question.home) if question.home else MediaAsked(question.a, frozenset()),
    )
    kind, ids = DecisionKind.DOES_NOT_BELONG, [question.series]
    detail = {"kind": kind.value, "series": ids, "media": list(question.few), "reason": reason}
    entry = append(officer, Did.DECIDED, f"series:{question.series}", detail)
    decision = handing.hand_over(entry, kind, ids, question.few, officer.username, reason)
    announce(officer, What.DECISION, question.series)
    return decision


def _why(question: Question) -> str:
    """The evidence that was before the officer, for whoever reads the ruling later."""
    said = "; ".join(f"{one.kind} {one.strength:.1f}" for one in question.links)
    return f"{question.a[:8]} and {question.b[:8]}: {said}"
