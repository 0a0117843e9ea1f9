"""Addresses of the pages that are about the workbench itself."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.pages import views

app_name = "pages"
urlpatterns = [
    path("keys/", views.keys, name="keys"),
    path("words.js", views.words, name="words"),
]
