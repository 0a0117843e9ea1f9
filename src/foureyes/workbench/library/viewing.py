"""How an officer wants pictures drawn: blur, mask, size, colour. Given to every page; pages obey it.

It decides nothing about what may be seen: a covered picture holds 16x16 grey pixels whatever stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from django.http import HttpRequest

from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.models import Viewing

SIZES = range(5)


def viewing_of(officer: Officer) -> Viewing:
    """What the officer chose, else what everybody begins with."""
    return Viewing.objects.filter(officer=officer).first() or Viewing(officer=officer)


def choose(viewer: object, untrusted: Mapping[str, str]) -> bool:
    """Keep what a form says; false where it is none, and nothing is changed then.

    Raises:
        django.http.Http404: the viewer sees no media.
    """
    officer = require_ever(viewer, Action.VIEW)
    blur, mask, size = (untrusted.get(name, "") for name in ("blur", "mask", "size"))
    known = blur in map(str, Viewing.Blur.values) and mask in Viewing.Mask.values and size in map(str, SIZES)
    if known:
        chosen = {
            "blur": int(blur),
            "mask": mask,
            "size": int(size),
            "colour": untrusted.get("colour") == "on",
        }
        Viewing.objects.update_or_create(officer=officer, defaults=chosen)
    return known


def viewing(request: HttpRequest) -> dict[str, Callable[[], Viewing | None]]:
    """Context processor: `viewing`. Asks only where a page draws pictures."""

    @cache
    def chosen() -> Viewing | None:
        officer = getattr(request, "user", None)
        return viewing_of(officer) if isinstance(officer, Officer) else None

    return {"viewing": chosen}
