"""Addresses of editions and confirmations."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.editions import views

app_name = "editions"
urlpatterns = [
    path("confirm/", views.waiting, name="waiting"),
    path("confirm/<int:number>/", views.proposal, name="proposal"),
    path("confirm/<int:number>/confirm/", views.confirm, name="confirm"),
    path("confirm/<int:number>/refuse/", views.refuse, name="refuse"),
    path("confirm/<int:number>/withdraw/", views.withdraw, name="withdraw"),
]
