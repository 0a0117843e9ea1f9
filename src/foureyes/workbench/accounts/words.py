"""Words that a profile is made of: codes of languages (ISO 639-1) and skills in one spelling."""

from __future__ import annotations

import unicodedata

from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SKILL_LETTERS = 40
"""A skill is a word or three: "trains", "car number plates"."""
WORDS_AT_MOST = 60
"""Of one kind in one profile."""

CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht "
    "hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky "
    "la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny "
    "oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss "
    "st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
    "za zh zu"
)
LANGUAGES = frozenset(CODES.split())
"""ISO 639-1 without its deprecated codes: www.loc.gov/standards/iso639-2/php/code_list.php"""


def in_one_spelling(untrusted_word: str) -> str:
    """A skill as it is stored and searched: NFC, lower case, single spaces.

    Raises:
        django.core.exceptions.ValidationError: nothing is left, it is too long, or holds unprintable signs.
    """
    word = " ".join(unicodedata.normalize("NFC", untrusted_word).lower().split())
    if not word or len(word) > SKILL_LETTERS or not word.isprintable():
        raise ValidationError(_("A skill is 1 to 40 printable letters."))
    return word


def language_code(untrusted_word: str) -> str:
    """A code of ISO 639-1 in lower case.

    Raises:
        django.core.exceptions.ValidationError: it is none.
    """
    code = untrusted_word.strip().lower()
    if code not in LANGUAGES:
        raise ValidationError(
            _("%(code)s is no code of a language: two letters of ISO 639-1, such as pl."),
            params={"code": untrusted_word[:20]},
        )
    return code


def language_name(code: str) -> str:
    """The language's name in the language of the pages; the code where Django knows no name."""
    name = LANG_INFO.get(code, {}).get("name")
    return gettext(name) if name else code
