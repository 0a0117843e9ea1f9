"""Sign-in by OpenID Connect: off to the server and back. 404 where the settings name none."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from requests import RequestException

from foureyes.workbench.accounts import openid
from foureyes.workbench.accounts.views.onward import safe_onward


@login_not_required
@require_safe
def begin(request: HttpRequest) -> HttpResponseBase:
    """Off to the server. By link: our pages may send forms to this server only."""
    if not openid.is_on():
        raise Http404
    try:
        return openid.begin(request, safe_onward(request))
    except RequestException:
        return render(request, "socialaccount/authentication_error.html", status=503)


@login_not_required
@require_safe
def back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from the server, with a code or a refusal."""
    if not openid.is_on() or provider_id != openid.PROVIDER:
        raise Http404
    return openid.finish(request)
