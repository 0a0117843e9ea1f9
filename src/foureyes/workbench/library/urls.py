"""Addresses of media, sources and faults."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.library import looking, views

app_name = "library"
urlpatterns = [
    path("media/reveal/", views.reveal, name="reveal"),
    path("media/<str:mark>/", views.media, name="media"),
    path("media/<str:mark>/zoom/", looking.zoom, name="zoom"),
    path("media/<str:mark>/play/", looking.play, name="play"),
    path("media/<str:mark>/open/", looking.open_media, name="open"),
    path("search/", views.search, name="search"),
    path("search/ask/", views.ask, name="ask"),
    path("sources/", views.sources, name="sources"),
    path("set-aside/", views.set_aside, name="set-aside"),
    path("faults/", views.faults, name="faults"),
    path("exposure/", views.exposure, name="exposure"),
    path("exposure/looked/", views.looked, name="looked"),
    path("exposure/viewing/", views.choose_viewing, name="viewing"),
    path("exposure/put-off/", views.put_off, name="put-off"),
    path("exposure/more/", views.allow_more, name="allow-more"),
]
