"""Filter that names kinds of links and decisions in the language of the reader. Translates no evidence."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.pages.templatetags.words import spoken

register = template.Library()

NAMES = {
    "same-picture": _("same picture"),
    "same-view": _("same view"),
    "same-scene": _("same scene"),
    "same-camera": _("same camera"),
    "same-sensor": _("same sensor"),
    "same-place-and-time": _("same place and time"),
    "same-session": _("same session"),
    "same-owner": _("same owner"),
    "same-text": _("same text"),
    "same-maker-traces": _("same maker traces"),
    "same-source": _("same source"),
    "same-sound": _("same sound"),
    "belongs": _("belongs"),
    "does-not-belong": _("does not belong"),
    "merge": _("merge"),
    "split": _("split"),
    "negative": _("negative"),
}


@register.filter
def named(kind: object) -> str:
    """`same-place-and-time` as `same place and time`; a kind that is not known here as the engine says it."""
    return str(NAMES.get(str(kind)) or spoken(kind))
