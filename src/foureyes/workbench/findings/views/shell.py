"""What all views of findings share: a page or a piece, the way back, refusals with nothing lost."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.errors import Conflict, NotDone
from foureyes.workbench.findings.reach import About

ADDRESS_AT_MOST = 300
REFUSED, CHANGED_MEANWHILE = 422, 409


def officer(request: HttpRequest) -> Officer:
    """The signed-in officer; the middleware lets nobody else come here."""
    if not isinstance(request.user, Officer):
        raise Http404
    return request.user


def is_piece(request: HttpRequest) -> bool:
    """Whether a page asks for a piece of itself."""
    return request.headers.get("X-Foureyes-Piece") == "1"


def shown(
    request: HttpRequest, template: str, title: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """The template as a piece, or in a page of its own; either is renewed when what `live` names changes."""
    whole = {
        "piece": template,
        "title": title,
        "in_piece": is_piece(request),
        "fresh_key": secrets.token_hex(16),
        **context,
    }
    around = "findings/page.html"
    if is_piece(request):
        around = "findings/in_piece.html" if "live" in context else template
    return render(request, around, whole, status=status)


def address_of(about: About) -> str:
    """Where everything found on the same thing is listed."""
    if about.media:
        return reverse("findings:of-media", args=[about.mark])
    return reverse("findings:of-series", args=[about.series])


def back(request: HttpRequest, otherwise: str) -> str:
    """Where the form or link came from, if that is a page of this workbench."""
    untrusted = request.POST.get("back") or request.GET.get("back") or ""
    safe = url_has_allowed_host_and_scheme(untrusted, allowed_hosts=None)
    return untrusted if safe and untrusted.startswith("/") and len(untrusted) < ADDRESS_AT_MOST else otherwise


def go(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to where the form came from."""
    return redirect(back(request, otherwise))


def refused(
    request: HttpRequest, error: NotDone, form: str, title: str, context: Mapping[str, object]
) -> HttpResponse:
    """The form once more with what was typed, under the words that say why; and beside what stands now."""
    standing = error.standing if isinstance(error, Conflict) else None
    status = CHANGED_MEANWHILE if standing else REFUSED
    values = request.POST.dict()
    if standing:
        values["version"] = str(standing.version)
    whole = {"refused": str(error), "standing": standing, "values": values, "form": form, **context}
    return shown(request, "findings/form.html", title, whole, status)


def say_not_told(request: HttpRequest, names: tuple[str, ...]) -> None:
    """Say which mentions reached nobody."""
    for name in names:
        messages.warning(
            request, _("@%(name)s was not told: nobody of that name sees this.") % {"name": name}
        )
