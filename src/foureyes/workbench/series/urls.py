"""Addresses of series and decisions."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.series import board_views, comparing, evidence_views, review_views, views

app_name = "series"
urlpatterns = [
    path("series/", board_views.board, name="board"),
    path("series/act/", board_views.act, name="act"),
    path("series/undo/", board_views.undo, name="undo"),
    path("series/views/", board_views.save_view, name="save-view"),
    path("series/views/<int:number>/remove/", board_views.remove_view, name="remove-view"),
    path("series/<str:series_id>/standing/", board_views.standing, name="standing"),
    path("series/<str:series_id>/merge/", board_views.merge_told, name="merge-told"),
    path("editions/<int:number>/progress/", board_views.edition_progress, name="progress"),
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
    path("series/<str:series_id>/graph/", evidence_views.graph_of, name="graph"),
    path("map/", evidence_views.map_of_board, name="board-map"),
    path("series/<str:series_id>/review/", review_views.review, name="review"),
    path("review/", review_views.review, name="review-all"),
    path("review/answer/", review_views.answer, name="review-answer"),
    path("review/undo/", review_views.undo, name="review-undo"),
    path("review/again/", review_views.again, name="review-again"),
    path("why/", views.why, name="why"),
    path("compare/points/", comparing.points, name="points"),
    path("compare/points/stop/", comparing.points_stop, name="points-stop"),
    path("compare/", comparing.compare, name="compare"),
]
