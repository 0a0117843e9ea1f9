"""Addresses of the record."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.audit import views

app_name = "audit"
urlpatterns = [
    path("mine/", views.mine, name="mine"),
]
