"""Where a page goes on to: pages of this site only."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def safe_onward(request: HttpRequest, name: str = "next") -> str:
    """The page that the request says to go on to, if it is of this site; else the start page."""
    wanted = request.POST.get(name) or request.GET.get(name) or ""
    return wanted if is_ours(request, wanted) else "/"


def is_ours(request: HttpRequest, address: str) -> bool:
    """Whether an address is of this site, from its root: `redirect` takes other words for names of views."""
    if not address.startswith("/"):
        return False
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
