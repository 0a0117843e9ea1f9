"""Addresses of the HTTP API, and of the pages about it."""

from __future__ import annotations

from django.urls import include, path

from foureyes.workbench.api import document, views

app_name = "api"
urlpatterns = [
    path("1/", include((document.patterns(), "v1"))),
    path("openapi.json", views.openapi, name="openapi"),
    path("docs/", views.docs, name="docs"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/make/", views.make, name="make-token"),
    path("tokens/<int:number>/revoke/", views.revoke, name="revoke-token"),
]
