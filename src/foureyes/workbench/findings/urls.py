"""Addresses of what people find."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.findings.views import elsewhere, forms, lists, singles

app_name = "findings"
urlpatterns = [
    path("series/<str:series_id>/findings/", lists.of_series, name="of-series"),
    path("series/<str:series_id>/findings/decisions/", lists.on_decisions, name="on-decisions"),
    path("media/<str:mark>/findings/", lists.of_media, name="of-media"),
    path("inbox/", lists.inbox, name="inbox"),
    path("inbox/read/", lists.inbox_read, name="inbox-read"),
    path("note/<int:number>/", singles.note, name="note"),
    path("note/<int:number>/earlier/", singles.note_history, name="note-history"),
    path("region/<int:number>/", singles.region, name="region"),
    path("region/<int:number>/elsewhere/", elsewhere.elsewhere, name="elsewhere"),
    path("region/<int:number>/elsewhere/state/", elsewhere.state, name="elsewhere-state"),
    path("region/<int:number>/elsewhere/begin/", elsewhere.begin, name="elsewhere-begin"),
    path("region/<int:number>/elsewhere/stop/", elsewhere.stop, name="elsewhere-stop"),
    path("region/<int:number>/elsewhere/link/", elsewhere.link, name="elsewhere-link"),
    path("region/<int:number>/elsewhere/unlink/", elsewhere.unlink, name="elsewhere-unlink"),
    path("task/<int:number>/", singles.task, name="task"),
    path("request/<int:number>/", singles.question, name="request"),
    path("assessment/<int:number>/", singles.assessment, name="assessment"),
    path("findings/names/", lists.names, name="names"),
    path("findings/new/<str:kind>/", forms.new, name="new"),
    path("findings/region/<int:number>/same/", forms.same, name="same"),
    path("findings/<str:kind>/<int:number>/edit/", forms.edit, name="edit"),
    path("findings/<str:kind>/<int:number>/<str:verb>/", forms.act, name="act"),
]
