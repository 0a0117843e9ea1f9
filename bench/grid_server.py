"""The workbench over a workspace, with three addresses more that `bench/grid.py` needs.

`/bench/links/` gives signed links to thumbnails without a reveal, `/bench/lazy/` a page of plain lazy
pictures, and `/bench/view/<mark>/` a thumbnail from a view of Django that checks the right: the peers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from foureyes.workbench.serving import serve


def main() -> None:
    workspace, officer, password = sys.argv[1:4]
    serve(
        Path(workspace),
        port=0,
        first_officer=(officer, password),
        say=lambda _: None,
        on_ready=lambda url: (_add_addresses(), print(url, flush=True)),
    )


def _add_addresses() -> None:
    from django.urls import path  # noqa: PLC0415 - Django is set up by `serve`

    from foureyes.workbench import urls  # noqa: PLC0415 - as above

    urls.urlpatterns += [
        path("bench/links/", links),
        path("bench/lazy/", lazy),
        path("bench/view/<str:mark>/", view),
    ]


def links(request: Any) -> Any:
    """Links to single thumbnails, to batches of `many`, and to the view of Django."""
    from django.http import JsonResponse  # noqa: PLC0415 - as above

    from foureyes.workbench.access.tokens import Kind  # noqa: PLC0415 - as above
    from foureyes.workbench.library.links import batch_link, link  # noqa: PLC0415 - as above

    members, many = _members(), int(request.GET["many"])
    some = members[:1000]
    return JsonResponse(
        {
            "links": [link(request, Kind.THUMBNAIL, one) for one in some],
            "batches": [batch_link(request, some[at : at + many]) for at in range(0, len(some) - many, many)],
            "views": [f"/bench/view/{one[:16]}/" for one in some],
        }
    )


def lazy(request: Any) -> Any:
    """Every member as a lazy picture, blurred by the browser. The style comes with the page: a bench may."""
    from django.http import HttpResponse  # noqa: PLC0415 - as above

    from foureyes.workbench.access.tokens import Kind  # noqa: PLC0415 - as above
    from foureyes.workbench.library.links import link  # noqa: PLC0415 - as above

    pictures = "".join(
        f'<img class="peer" loading="lazy" width="128" height="128" src="{source}">'
        for source in (link(request, Kind.THUMBNAIL, one) for one in _members())
    )
    style = "<style>img{filter:blur(6px) grayscale(1);margin:3px}</style>"
    answer = HttpResponse(f"<!doctype html><title>peer</title>{style}<body>{pictures}")
    # django-csp reads it.
    answer._csp_update = {"style-src": "'unsafe-inline'"}  # type: ignore[attr-defined] # noqa: SLF001 - as said
    return answer


def view(request: Any, mark: str) -> Any:
    """One thumbnail, its right checked, as a view would serve it."""
    from django.http import HttpResponse  # noqa: PLC0415 - as above

    from foureyes.workbench.access.rules import Action, require  # noqa: PLC0415 - as above
    from foureyes.workbench.library.holdings import catalogue  # noqa: PLC0415 - as above
    from foureyes.workbench.library.reach import media_asked  # noqa: PLC0415 - as above

    asked = media_asked(mark)
    require(request.user, Action.REVEAL, asked)
    return HttpResponse(catalogue().thumbnail(asked.sha256), content_type="image/jpeg")


def _members() -> list[str]:
    from filling import SERIES  # noqa: PLC0415 - as above

    from foureyes.workbench.library.holdings import catalogue  # noqa: PLC0415 - as above

    series = catalogue().series(SERIES)
    return list(series.members) if series else []


if __name__ == "__main__":
    main()
