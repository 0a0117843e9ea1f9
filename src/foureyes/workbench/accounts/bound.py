"""Binds an officer to one identity of the OpenID Connect server, issuer and subject, at the first sign-in.

A name can be given to somebody else at that server, or changed; a subject never is. From the first sign-in
on, which our own second factor completed, the name alone opens nothing. Administrators unbind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from foureyes.workbench.accounts import signals
from foureyes.workbench.accounts.models import Officer, OpenIDBinding

LONGEST = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the server that says so."""

    issuer: str
    subject: str


def identity_in(claims: Mapping[str, object]) -> Identity | None:
    """The identity that a checked token states; None where that cannot be kept."""
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not issuer or not subject:
        return None
    # OpenID Connect Core, section 2: a subject has at most 255 ASCII characters.
    return Identity(issuer, subject) if len(issuer) <= LONGEST and len(subject) <= LONGEST else None


def fits(officer: Officer, identity: Identity) -> bool:
    """Whether this identity may sign in as the officer: it is theirs, or neither was bound so far."""
    is_theirs = Q(officer=officer) | Q(issuer=identity.issuer, subject=identity.subject)
    bound = list(OpenIDBinding.objects.filter(is_theirs))
    return not bound or (
        len(bound) == 1
        and bound[0].officer_id == officer.pk
        and Identity(bound[0].issuer, bound[0].subject) == identity
    )


def bind(officer: Officer, identity: Identity) -> bool:
    """Bind them where nothing is bound; gives whether the identity is the officer's now."""
    if OpenIDBinding.objects.filter(officer=officer).exists():
        return fits(officer, identity)
    try:
        with transaction.atomic():
            OpenIDBinding.objects.create(officer=officer, issuer=identity.issuer, subject=identity.subject)
            signals.openid_bound.send(Officer, officer=officer, identity=identity)
    except IntegrityError:  # another sign-in was first
        return fits(officer, identity)
    return True


def unbind(officer: Officer) -> Identity | None:
    """Let the next sign-in bind anew; gives what was bound."""
    found = OpenIDBinding.objects.filter(officer=officer).first()
    if found is None:
        return None
    found.delete()
    return Identity(found.issuer, found.subject)
