"""Countries that a clue may speak for or against: ISO 3166-1 alpha-2."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from foureyes.workbench.findings.errors import NotDone

WRITTEN = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM "
    "ZW "
)
CODES = frozenset(WRITTEN.split())
"""ISO 3166-1, as of 2024: 249 codes."""
AT_MOST = 30
BETWEEN = re.compile(r"[\s,;/]+")


def codes_of(untrusted_text: str) -> str:
    """Countries that somebody typed, each once, in order, with a space between.

    Raises:
        NotDone: one of them is no country, or there are too many.
    """
    typed = [one.upper() for one in BETWEEN.split(untrusted_text) if one]
    unknown = [one for one in typed if one not in CODES]
    if unknown:
        raise NotDone(
            _("%(code)s is no country's code: two letters of ISO 3166-1, such as PL.")
            % {"code": unknown[0][:20]}
        )
    codes = sorted(set(typed))
    if len(codes) > AT_MOST:
        raise NotDone(_("At most %(most)d countries.") % {"most": AT_MOST})
    return " ".join(codes)
