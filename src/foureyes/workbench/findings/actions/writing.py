"""What every action on a finding does: says where it comes from, records it, tells who must know."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.models import HandlingCode
from foureyes.workbench.access.rules import SHARED_CODES, audience
from foureyes.workbench.accounts.models import Officer, Role
from foureyes.workbench.audit.actions import Detail, Did, append
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Assessment, Finding, Note, Notice, Question, Region, Task
from foureyes.workbench.findings.reach import About, asked_of, series_of_decision
from foureyes.workbench.live.actions import Readers, What, announce
from foureyes.workbench.series import words

F = TypeVar("F", bound=Finding)
KINDS: dict[type[Finding], What] = {
    Note: What.NOTE,
    Region: What.REGION,
    Task: What.TASK,
    Question: What.REQUEST,
    Assessment: What.ASSESSMENT,
}


def columns(
    officer: Officer, about: About, untrusted_code: str, untrusted_key: str, *above: Finding | None
) -> dict[str, object]:
    """Where a new finding comes from. Its code is never below that of what it answers or is about.

    Raises:
        NotDone: there is no such handling code.
    """
    return {
        **about.columns,
        "officer": officer,
        "unit": officer.unit,
        "handling_code": code_of(untrusted_code, *above),
        "from_course": officer.roles == {Role.TRAINEE},
        "key": untrusted_key[:40] if untrusted_key.isalnum() else "",
    }


def code_of(untrusted_code: str, *above: Finding | None) -> str:
    """The handling code that was chosen, or the highest of what it answers or is about.

    Raises:
        NotDone: there is no such handling code.
    """
    code = untrusted_code or HandlingCode.H1.value
    if code not in HandlingCode.values:
        raise NotDone(_("There is no such handling code."))
    return max([code, *(one.handling_code for one in above if one is not None)])


def sent_before(rows: QuerySet[F], officer: Officer, untrusted_key: str) -> F | None:
    """What the same form made when it was sent first."""
    return rows.filter(officer=officer, key=untrusted_key[:40]).first() if untrusted_key.isalnum() else None


def locked(rows: QuerySet[F], number: int) -> F:
    """A finding that nobody else changes until this transaction ends.

    Raises:
        django.http.Http404: there is none of this number.
    """
    found = rows.select_for_update().filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def record(
    officer: Officer,
    did: Did,
    finding: Finding,
    about: About,
    detail: Detail | None = None,
    *,
    code_before: str = "",
) -> None:
    """Put it into the record, and tell those that something changed who may read it, or could until now."""
    what = KINDS[type(finding)]
    thing = f"{what}:{finding.pk}"
    append(officer, did, thing, {"about": about.name, "code": finding.handling_code, **(detail or {})})
    announce(
        officer,
        what,
        about.series,
        thing,
        version=finding.version,
        readers=_readers(finding, about, code_before or finding.handling_code),
    )
    _keep_for_search(finding, about, thing)


def _readers(finding: Finding, about: About, code_before: str) -> Readers:
    code = min(code_before, finding.handling_code)
    concerned = series_of_decision(finding.decision) if isinstance(finding, Note) and finding.decision else ()
    return Readers(code, asked_of(finding, about).units, concerned)


def _keep_for_search(finding: Finding, about: About, thing: str) -> None:
    """Let the board find the series by what stands here; never by what some who see it may not read."""
    if about.series and not finding.is_withdrawn and finding.handling_code in SHARED_CODES:
        words.keep(thing, about.series, _text_of(finding))
    else:
        words.forget(thing)


def _text_of(finding: Finding) -> str:
    if isinstance(finding, Region):
        return f"{finding.name} {finding.tells}"
    if isinstance(finding, Assessment):
        return finding.reasoning
    return finding.text if isinstance(finding, Note | Task | Question) else ""


def digest(text: str) -> str:
    """What the record says of a text: enough to prove which it was, and nothing of what it says."""
    return hashlib.sha256(text.encode()).hexdigest()


def who_may_read(finding: Finding, about: About, officers: Iterable[Officer]) -> list[Officer]:
    """Those of the officers who may read the finding."""
    return audience(asked_of(finding, about), officers)


def tell(
    officer: Officer, kind: Notice.Kind, finding: Finding, about: About, to: Iterable[Officer]
) -> list[Officer]:
    """Put a notice into the inboxes of those of the officers who may read the finding; gives whom."""
    told = [one for one in who_may_read(finding, about, to) if one.pk != officer.pk]
    name = {Note: "note", Task: "task", Question: "question"}[type(finding)]
    Notice.objects.bulk_create(Notice(officer=one, kind=kind, by=officer, **{name: finding}) for one in told)
    what = KINDS[type(finding)]
    for one in told:
        announce(officer, what, about.series, f"{what}:{finding.pk}", to=one.username)
    return told


def withdraw(officer: Officer, finding: Finding, about: About) -> None:
    """Take a finding back. It stays, and can be put back.

    Raises:
        NotDone: it was withdrawn before.
    """
    if finding.is_withdrawn:
        raise NotDone(_("It was withdrawn before. Nothing was changed."))
    finding.withdrawn_at, finding.withdrawn_by = timezone.now(), officer
    finding.version += 1
    finding.save(update_fields=["withdrawn_at", "withdrawn_by", "version"])
    record(officer, Did.FINDING_WITHDRAWN, finding, about)


def restore(officer: Officer, finding: Finding, about: About) -> None:
    """Put a withdrawn finding back.

    Raises:
        NotDone: it stands already.
    """
    if not finding.is_withdrawn:
        raise NotDone(_("It stands already. Nothing was changed."))
    finding.withdrawn_at, finding.withdrawn_by = None, None
    finding.version += 1
    finding.save(update_fields=["withdrawn_at", "withdrawn_by", "version"])
    record(officer, Did.FINDING_RESTORED, finding, about)
