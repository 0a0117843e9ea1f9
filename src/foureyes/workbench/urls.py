"""Every address of the workbench. `/m/` is not here: the bare media route answers it (`asgi.py`)."""

from __future__ import annotations

from django.urls import include, path

from foureyes.workbench.access.views import start

urlpatterns = [
    path("", start, name="start"),
    path("", include("foureyes.workbench.accounts.urls")),
    path("", include("foureyes.workbench.accounts.openid_urls")),
    path("", include("foureyes.workbench.pages.urls")),
    path("people/", include("foureyes.workbench.access.urls")),
    path("record/", include("foureyes.workbench.audit.urls")),
    path("record/", include("foureyes.workbench.oversight.urls")),
    path("", include("foureyes.workbench.library.urls")),
    path("", include("foureyes.workbench.series.urls")),
    path("", include("foureyes.workbench.editions.urls")),
    path("", include("foureyes.workbench.live.urls")),
    path("", include("foureyes.workbench.findings.urls")),
    path("api/", include("foureyes.workbench.api.urls")),
]

handler400 = "foureyes.workbench.pages.views.bad_request"
handler403 = "foureyes.workbench.pages.views.not_allowed"
handler404 = "foureyes.workbench.pages.views.not_found"
handler500 = "foureyes.workbench.pages.views.broken"
