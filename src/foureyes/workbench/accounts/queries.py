"""Reads about officers and units."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from foureyes.workbench.accounts.models import Officer, OfficerLanguage, OfficerSkill, Unit

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
