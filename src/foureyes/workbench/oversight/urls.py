"""Addresses of oversight. One's own record is `audit:mine`."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.search, name="search"),
    path("checkpoints/", views.checkpoints, name="checkpoints"),
    path("export/", views.export, name="export"),
    path("<int:number>/", views.entry, name="entry"),
    path("<int:number>/proof/", views.proof, name="proof"),
]
