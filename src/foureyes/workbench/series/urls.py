"""Addresses of series and decisions."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.series import evidence_views, views

app_name = "series"
urlpatterns = [
    path("series/", views.board, name="board"),
    path("series/<str:series_id>/", views.page, name="page"),
    path("series/<str:series_id>/grid/", views.grid, name="grid"),
    path("series/<str:series_id>/grid/find/", views.find, name="find"),
    path("series/<str:series_id>/grid/link/", views.grid_link, name="grid-link"),
    path("series/<str:series_id>/name/", views.rename, name="rename"),
    path("series/<str:series_id>/decide/", views.decide, name="decide"),
    path("media/<str:mark>/belongs/", views.add_media, name="add-media"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("changes/", views.changes, name="changes"),
    path("changes/read/", views.changes_read, name="changes-read"),
    path("series/<str:series_id>/timeline/", evidence_views.timeline_of, name="timeline"),
    path("series/<str:series_id>/map/", evidence_views.map_of, name="map"),
    path("map/", evidence_views.map_of_board, name="board-map"),
    path("why/", views.why, name="why"),
]
