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
    "finding-written": lazy("%(officer)s wrote %(thing)s."),
    "finding-changed": lazy("%(officer)s changed %(thing)s."),
    "finding-withdrawn": lazy("%(officer)s withdrew %(thing)s."),
    "finding-restored": lazy("%(officer)s put %(thing)s back."),
    "task-done": lazy("%(officer)s marked %(thing)s as done."),
    "task-reopened": lazy("%(officer)s opened %(thing)s again."),
    "proposed": lazy("%(officer)s proposed: %(thing)s."),
    "confirmed": lazy("%(officer)s confirmed as the second pair of eyes: %(thing)s."),
    "refused": lazy("%(officer)s refused as the second pair of eyes: %(thing)s."),
    "proposal-withdrawn": lazy("%(officer)s withdrew a proposal: %(thing)s."),
    "state-changed": lazy("%(officer)s changed where %(thing)s stands."),
    "countries-changed": lazy("%(officer)s changed the countries of %(thing)s."),
    "edition-made": lazy("%(officer)s made %(thing)s."),
    "edition-changed": lazy("%(officer)s changed %(thing)s."),
    "edition-closed": lazy("%(officer)s closed %(thing)s."),
    "edition-reopened": lazy("%(officer)s opened %(thing)s again."),
    "placed": lazy("%(officer)s placed %(thing)s in an edition."),
    "assigned": lazy("%(officer)s assigned %(thing)s."),
    "assignment-removed": lazy("%(officer)s took back an assignment of %(thing)s."),
    "seated": lazy("%(officer)s gave a seat: %(thing)s."),
    "seat-removed": lazy("%(officer)s took a seat away: %(thing)s."),
    "exported": lazy("%(officer)s exported %(thing)s."),
    "token-made": lazy("%(officer)s made a token for %(thing)s."),
    "token-revoked": lazy("%(officer)s revoked the token of %(thing)s."),
    "officer-made": lazy("%(officer)s: %(thing)s was made."),
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
