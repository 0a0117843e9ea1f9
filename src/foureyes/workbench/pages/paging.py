"""Numbers of pages in addresses: whatever stands there, a page comes of it."""

from __future__ import annotations

import re

from django.http import HttpRequest

NUMBER = re.compile(r"[0-9]{1,8}")


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, from 1; 1 where it asks for none or for nonsense."""
    untrusted_page = request.GET.get("page", "")
    return max(int(untrusted_page), 1) if NUMBER.fullmatch(untrusted_page) else 1
