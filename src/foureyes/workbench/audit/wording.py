"""Says what an entry records as a sentence for people, or in the record's own word where it knows none."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foureyes.workbench.audit.models import Entry
from foureyes.workbench.pages.codes import words_of_code

SAID = {
    "signed-in": gettext_lazy("%(officer)s signed in."),
    "signed-out": gettext_lazy("%(officer)s signed out."),
    "sign-in-refused": gettext_lazy("Somebody tried to sign in as %(officer)s and was refused."),
    "series-opened": gettext_lazy("%(officer)s opened the page of %(thing)s."),
    "media-opened": gettext_lazy("%(officer)s opened the page of %(thing)s."),
    "media-revealed": gettext_lazy("%(officer)s saw %(thing)s sharp."),
    "reveal-refused": gettext_lazy(
        "%(officer)s wanted to see more media sharp than a day allows, and was refused."
    ),
    "searched": gettext_lazy("%(officer)s searched: %(thing)s."),
    "points-compared": gettext_lazy("%(officer)s had the points of %(thing)s compared with another media."),
    "region-searched": gettext_lazy("%(officer)s searched all media for what is in %(thing)s."),
    "series-named": gettext_lazy("%(officer)s named %(thing)s."),
    "decided": gettext_lazy("%(officer)s ruled on %(thing)s."),
    "withdrew": gettext_lazy("%(officer)s withdrew %(thing)s."),
    "decided-elsewhere": gettext_lazy(
        "%(officer)s learnt of %(thing)s, which was made at a terminal, and not here."
    ),
    "withdrew-elsewhere": gettext_lazy(
        "%(officer)s learnt that %(thing)s was withdrawn at a terminal, and not here."
    ),
    "ruling-dropped": gettext_lazy(
        "%(officer)s dropped %(thing)s, which was begun and never recorded: it was never in force."
    ),
    "finding-written": gettext_lazy("%(officer)s wrote %(thing)s."),
    "finding-changed": gettext_lazy("%(officer)s changed %(thing)s."),
    "finding-withdrawn": gettext_lazy("%(officer)s withdrew %(thing)s."),
    "finding-restored": gettext_lazy("%(officer)s put %(thing)s back."),
    "task-done": gettext_lazy("%(officer)s marked %(thing)s as done."),
    "task-reopened": gettext_lazy("%(officer)s opened %(thing)s again."),
    "proposed": gettext_lazy("%(officer)s proposed: %(thing)s."),
    "confirmed": gettext_lazy("%(officer)s confirmed as the second pair of eyes: %(thing)s."),
    "refused": gettext_lazy("%(officer)s refused as the second pair of eyes: %(thing)s."),
    "proposal-withdrawn": gettext_lazy("%(officer)s withdrew a proposal: %(thing)s."),
    "state-changed": gettext_lazy("%(officer)s changed where %(thing)s stands."),
    "countries-changed": gettext_lazy("%(officer)s changed the countries of %(thing)s."),
    "edition-made": gettext_lazy("%(officer)s made %(thing)s."),
    "edition-changed": gettext_lazy("%(officer)s changed %(thing)s."),
    "edition-closed": gettext_lazy("%(officer)s closed %(thing)s."),
    "edition-reopened": gettext_lazy("%(officer)s opened %(thing)s again."),
    "placed": gettext_lazy("%(officer)s placed %(thing)s in an edition."),
    "assigned": gettext_lazy("%(officer)s assigned %(thing)s."),
    "assignment-removed": gettext_lazy("%(officer)s took back an assignment of %(thing)s."),
    "seated": gettext_lazy("%(officer)s gave a seat: %(thing)s."),
    "seat-removed": gettext_lazy("%(officer)s took a seat away: %(thing)s."),
    "exported": gettext_lazy("%(officer)s exported %(thing)s."),
    "token-made": gettext_lazy("%(officer)s made a token for %(thing)s."),
    "token-revoked": gettext_lazy("%(officer)s revoked the token of %(thing)s."),
    "officer-made": gettext_lazy("%(officer)s: %(thing)s was made."),
    "access-refused": gettext_lazy(
        "%(officer)s asked for %(thing)s without the right to it, and was told that nothing is there."
    ),
    "record-read": gettext_lazy("%(officer)s read the record for oversight: %(thing)s."),
    "record-exported": gettext_lazy("%(officer)s exported from the record: %(thing)s."),
    "record-key-changed": gettext_lazy("The key that signs the record was changed."),
}
"""Action to sentence."""
SHORT = 16


def sentence(entry: Entry) -> str:
    """Who did what, as a sentence without time and detail."""
    known = SAID.get(entry.action)
    words = {"officer": entry.officer or _("Nobody"), "thing": spoken_thing(entry.thing) or _("something")}
    if known is None:
        words["did"] = words_of_code(entry.action)
        return _("%(officer)s: %(did)s, %(thing)s.") % words
    return str(known) % words


def spoken_thing(thing: str) -> str:
    """`media:` and a SHA-256 as `media` and its mark; other things as kind and name."""
    kind, _colon, name = thing.partition(":")
    return f"{words_of_code(kind)} {name[:SHORT] if kind == 'media' else name}".strip()
