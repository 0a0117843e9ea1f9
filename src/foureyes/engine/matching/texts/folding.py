"""One spelling of what was read: case, accents, spaces and letters that look alike make no difference.

What any screen or camera writes is left out: numbers, dates, times, names of makers, buttons of players.
It compares nothing.
"""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"[^\W_]+")
_LEAST_LETTERS = 2
_LEAST_LONG = 3
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("0\u043e\u03bf\u0585", "o"),
        **dict.fromkeys("1il|\u0456\u04cf\u03b9", "l"),
        **dict.fromkeys("5\u0455", "s"),
        **dict.fromkeys("8\u0432\u03b2", "b"),
        **dict.fromkeys("\u0430\u03b1", "a"),
        **dict.fromkeys("\u0435\u03b5", "e"),
        **dict.fromkeys("\u043a\u03ba", "k"),
        **dict.fromkeys("\u043c\u03bc", "m"),
        **dict.fromkeys("\u043d\u03b7", "h"),
        **dict.fromkeys("\u0440\u03c1", "p"),
        **dict.fromkeys("\u0441\u03c2", "c"),
        **dict.fromkeys("\u0442\u03c4", "t"),
        **dict.fromkeys("\u0443\u03c5\u04af", "y"),
        **dict.fromkeys("\u0445\u03c7", "x"),
        **dict.fromkeys("\u0458", "j"),
        **dict.fromkeys("\u043f", "n"),
        **dict.fromkeys("\u0438", "u"),
    }
)
"""Letters that a reader takes for one another; among them those of Cyrillic and Greek that look Latin."""

_EVERYWHERE = """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    mon tue wed thu fri sat sun today yesterday
    play pause stop share like likes comment comments reply send message messages subscribe download upload
    login logout sign search settings menu home back next skip save edit delete cancel close open loading
    video videos photo photos camera image images gallery live views followers following online
    screenshot battery charging keyboard file view help edit insert format tools window
    youtube facebook instagram tiktok whatsapp telegram snapchat twitter vkontakte reddit discord messenger
    google chrome android windows iphone ipad apple samsung galaxy huawei xiaomi redmi oppo vivo realme
    oneplus nokia motorola sony canon nikon olympus panasonic lumix fujifilm kodak casio pentax leica gopro
    hero dji shot shoton dual triple quad reconyx hyperfire bushnell
    www http https com net org html jpg jpeg png gif mp4 avi mov mkv wmv webm
"""
EVERYWHERE = frozenset(_EVERYWHERE.split())
"""Words that many screens, players and cameras write: they tell no series."""
_LONG = 6
_INSIDE = re.compile("|".join(sorted(one for one in EVERYWHERE if len(one) >= _LONG)))
"""Those that are taken out of longer ones too: a reader leaves spaces out."""


def folded(text: str) -> str:
    """Its letters, and digits among letters, in one spelling without spaces; what says nothing is left out.

    Words that could be read one way or another (`PARK1NG`, or the same in Cyrillic) come out alike.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    return "".join(_looks(token) for token in _TOKEN.findall(_INSIDE.sub(" ", bare)) if _tells(token))


def _tells(token: str) -> bool:
    if token in EVERYWHERE:
        return False
    letters = sum(one.isalpha() for one in token)
    if any(one > "\u2e7f" for one in token):
        return letters > 0  # a word of Chinese or Japanese may be one letter
    return len(token) >= _LEAST_LONG and letters >= _LEAST_LETTERS


def _looks(token: str) -> str:
    return token.translate(_ALIKE)
