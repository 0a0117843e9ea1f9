"""Addresses of who is where. The channel itself is no address of Django's (`route`)."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.live import views

app_name = "live"
urlpatterns = [
    path("live/people/<str:series_id>/", views.people, name="people"),
    path("live/people/<str:series_id>/place/", views.place, name="place"),
]
