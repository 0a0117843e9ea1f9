"""Tags that name the browser modules of a page: one script holds all, the page says which of them run."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from foureyes.workbench.pages.delivered import delivered

register = template.Library()


@register.simple_tag
def program() -> SafeString:
    """The script with all modules and words, once in a page's head; where DEBUG is on, the words alone."""
    language = get_language() or settings.LANGUAGE_CODE
    if settings.DEBUG:
        return format_html('<script src="{}?{}"></script>', reverse("pages:words"), language)
    return format_html('<script type="module" src="{}"></script>', delivered().program(language))


@register.simple_tag
def module(name: str) -> SafeString:
    """Has a module run on this page: `{% module "series/page.js" %}`, in the order of the tags."""
    if settings.DEBUG:
        return format_html('<script type="module" src="{}"></script>', static(name))
    return format_html('<meta name="module" content="{}">', name)
