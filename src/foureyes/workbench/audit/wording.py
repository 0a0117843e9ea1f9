"""Says what an entry records as a sentence for people, or in the record's own word where it knows none."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from foureyes.workbench.audit.models import Entry

SAID = {
    "signed-in": lazy("%(officer)s signed in."),
    "signed-out": lazy("%(officer)s signed out."),
    "sign-in-refused": lazy("Somebody tried to sign in as %(officer)s and was refused."),
    "series-opened": lazy("%(officer)s opened the page of %(thing)s."),
    "media-opened": lazy("%(officer)s opened the page of %(thing)s."),
    "media-revealed": lazy("%(officer)s saw %(thing)s sharp."),
    "reveal-refused": lazy("%(officer)s wanted to see more media sharp than a day allows, and was refused."),
    "searched": lazy("%(officer)s searched: %(thing)s."),
    "series-named": lazy("%(officer)s named %(thing)s."),
    "decided": lazy("%(officer)s ruled on %(thing)s."),
    "withdrew": lazy("%(officer)s withdrew %(thing)s."),
    "officer-made": lazy("%(officer)s was recorded making %(thing)s."),
    "access-refused": lazy(
        "%(officer)s asked for %(thing)s without the right to it, and was told that nothing is there."
    ),
    "record-read": lazy("%(officer)s read the record for oversight: %(thing)s."),
    "record-exported": lazy("%(officer)s exported from the record: %(thing)s."),
    "record-key-changed": lazy("The key that signs the record was changed."),
}
"""Action to sentence."""
SHORT = 16


def sentence(entry: Entry) -> str:
    """Who did what, as a sentence without time and detail."""
    known = SAID.get(entry.action)
    words = {"officer": entry.officer or _("Nobody"), "thing": spoken_thing(entry.thing) or _("something")}
    if known is None:
        words["did"] = entry.action.replace("-", " ")
        return _("%(officer)s: %(did)s, %(thing)s.") % words
    return str(known) % words


def spoken_thing(thing: str) -> str:
    """`media:` and a SHA-256 as `media` and its mark; other things as kind and name."""
    kind, _colon, name = thing.partition(":")
    return f"media {name[:SHORT]}" if kind == "media" else f"{kind} {name}".strip()
