"""Reads about officers and units."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from foureyes.workbench.accounts.held import KINDS, factor_is_required, has_factor, second_factors
from foureyes.workbench.accounts.models import Officer, OfficerLanguage, OfficerSkill, Role, Unit

LANGUAGE, SKILL = "language", "skill"
"""Kinds of words in a profile."""


def anyone_yet() -> bool:
    """Whether the workbench has any officer: the first start makes one."""
    return Officer.objects.exists()


def all_officers() -> list[Officer]:
    """Every officer with the unit, those who were made first at the top."""
    return list(Officer.objects.select_related("unit").order_by("made_at", "id"))


def is_locked(username: str) -> bool:
    """Whether too many wrong passwords lock this name now."""
    return Officer.objects.filter(username=username, locked_until__gt=timezone.now()).exists()


def holding_unit() -> Unit | None:
    """The unit that took the workspace's material in."""
    return Unit.objects.filter(holds_workspace=True).first()


def officers_who(words: Collection[str]) -> list[Officer]:
    """Active officers who read one of these languages or know one of these skills, by name. One query.

    Args:
        words: Codes of languages and skills, in any spelling; a word that nobody has finds nobody.
    """
    wanted = {" ".join(unicodedata.normalize("NFC", word).lower().split()) for word in words} - {""}
    if not wanted:
        return []
    reads = OfficerLanguage.objects.filter(code__in=wanted).values("officer")
    knows = OfficerSkill.objects.filter(word__in=wanted).values("officer")
    found = Officer.objects.filter(Q(pk__in=reads) | Q(pk__in=knows), is_active=True)
    return list(found.select_related("unit").order_by("full_name", "username"))


def known_words() -> list[tuple[str, str]]:
    """Kind (`LANGUAGE`, `SKILL`) and word of everything that active officers read and know, in order."""
    reads = OfficerLanguage.objects.filter(officer__is_active=True).order_by("code")
    knows = OfficerSkill.objects.filter(officer__is_active=True).order_by("word")
    codes, skills = reads.values_list("code", flat=True), knows.values_list("word", flat=True)
    return [(LANGUAGE, code) for code in codes.distinct()] + [(SKILL, word) for word in skills.distinct()]


@dataclass(frozen=True, slots=True)
class Known:
    """What an officer's profile says."""

    languages: list[str]
    skills: list[str]


def what_they_know(officer: Officer) -> Known:
    """Languages (codes) and skills of an officer, in order."""
    codes = officer.languages.order_by("code").values_list("code", flat=True)
    return Known(list(codes), list(officer.skills.order_by("word").values_list("word", flat=True)))


def role_names(officer: Officer) -> list[str]:
    """The officer's roles in words, in the order of `Role`."""
    return [str(role.label) for role in Role if role.value in officer.roles]


def officer_named(username: str) -> Officer | None:
    """The officer of this name, active or not."""
    return Officer.objects.select_related("unit").filter(username=username).first()


def active_officer(username: str) -> Officer | None:
    """The officer of this name, if they may sign in."""
    return Officer.objects.select_related("unit").filter(username=username, is_active=True).first()


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor of an officer, without its secret."""

    number: int
    kind: str
    """`key` or `app`."""
    name: str
    since: datetime
    used_at: datetime | None


def factors_of(officer: Officer) -> list[Factor]:
    """Second factors of an officer, security keys first. Recovery codes are none: they stand in for one."""
    held = second_factors(user=officer)
    found = [
        Factor(one.pk, KINDS[one.type], str(one.data.get("name", "")), one.created_at, one.last_used_at)
        for one in held.order_by("created_at", "pk")
    ]
    return sorted(found, key=lambda one: one.kind != "key")


def without_factor(officers: Collection[Officer]) -> set[int]:
    """Ids of those officers who have no second factor. One query."""
    held = second_factors(user__in=officers)
    return {officer.pk for officer in officers} - set(held.values_list("user_id", flat=True))


def must_first(officer: Officer) -> str:
    """Name of the page that an officer must be done with before anything else; empty where there is none.

    An initial password is changed first; then, where a second factor is required, one is set up.
    """
    if officer.must_change_password:
        return "accounts:password"
    if factor_is_required() and not has_factor(officer):
        return "accounts:factors"
    return ""
