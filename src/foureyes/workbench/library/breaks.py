"""Breaks from pictures: one begins, one is put off, a coordinator allows more. Each is recorded."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library.caps import Allowance, allowance_of
from foureyes.workbench.library.models import Break, MoreAllowed
from foureyes.workbench.pages.numbers import grouped

REASON_AT_MOST = 500
MORE_AT_MOST = 2_000
NUMBER = re.compile(r"[0-9]{1,5}")


class NotDone(Exception):
    """What was asked makes no sense; the message says why. Nothing was changed."""


def begin_break(officer: Officer, allowance: Allowance) -> Allowance:
    """Begin the break that is due, unless it runs already; inside the transaction of what it refuses."""
    if allowance.until is not None:
        return allowance
    now = timezone.now()
    until = now + timedelta(minutes=allowance.caps.break_minutes)
    number = allowance.taken + 1
    Break.objects.create(
        officer=officer, day=now.date(), number=number, seen=allowance.seen, began=now, until=until
    )
    append(
        officer, Did.BREAK_BEGAN, f"officer:{officer.username}", {"number": number, "seen": allowance.seen}
    )
    return replace(allowance, until=until)


def put_off(viewer: object, untrusted_reason: str) -> None:
    """Put the break off that runs, once a day.

    Raises:
        django.http.Http404: the viewer sees nothing sharp anyway.
        NotDone: there is no reason, no break, or one was put off today.
    """
    officer = require_ever(viewer, Action.REVEAL)
    reason = _plain(untrusted_reason)
    if not reason:
        raise NotDone(_("Say why it cannot wait, in a few words. The break goes on."))
    try:
        with transaction.atomic():
            _put_off(officer, reason)
    except IntegrityError as error:
        raise NotDone(_("A break was put off today already. This one goes on.")) from error


def _put_off(officer: Officer, reason: str) -> None:
    allowance = allowance_of(officer)
    if allowance.put_off:
        raise NotDone(_("A break was put off today already. This one goes on."))
    now = timezone.now()
    runs = Break.objects.filter(officer=officer, put_off=False, until__gt=now).order_by("-until").first()
    if runs is None:
        raise NotDone(_("There is no break to put off."))
    runs.put_off, runs.reason = True, reason
    runs.save(update_fields=["put_off", "reason"])
    append(
        officer, Did.BREAK_PUT_OFF, f"officer:{officer.username}", {"number": runs.number, "reason": reason}
    )


def allow_more(viewer: object, username: str, untrusted_number: str, untrusted_reason: str) -> MoreAllowed:
    """A coordinator allows an officer more reveals today.

    Raises:
        django.http.Http404: the viewer is no coordinator.
        NotDone: no such officer, oneself, no number, or no reason.
    """
    by = require_ever(viewer, Action.COORDINATE)
    officer = Officer.objects.filter(username=username.strip(), is_active=True).first()
    reason = _plain(untrusted_reason)
    if officer is None:
        raise NotDone(_("There is no active officer of that name. Nothing was changed."))
    if officer == by:
        raise NotDone(_("Another coordinator must allow you more. Nothing was changed."))
    if not NUMBER.fullmatch(untrusted_number) or not 1 <= int(untrusted_number) <= MORE_AT_MOST:
        raise NotDone(_("Allow 1 to %(most)s more. Nothing was changed.") % {"most": grouped(MORE_AT_MOST)})
    if not reason:
        raise NotDone(_("Say why, in a few words. Nothing was changed."))
    with transaction.atomic():
        more = MoreAllowed.objects.create(
            officer=officer, by=by, reveals=int(untrusted_number), reason=reason
        )
        detail: dict[str, str | int | list[str]] = {"reveals": more.reveals, "reason": reason}
        append(by, Did.MORE_ALLOWED, f"officer:{officer.username}", detail)
    return more


def _plain(untrusted_text: str) -> str:
    """One line of printable text."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in untrusted_text).split())
    return plain[:REASON_AT_MOST]
