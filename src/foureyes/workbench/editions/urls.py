"""Addresses of editions and confirmations."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.editions import views

app_name = "editions"
urlpatterns = [
    path("confirm/", views.waiting, name="waiting"),
    path("confirm/export/", views.propose_export, name="propose-export"),
    path("confirm/<int:number>/", views.proposal, name="proposal"),
    path("confirm/<int:number>/confirm/", views.confirm, name="confirm"),
    path("confirm/<int:number>/refuse/", views.refuse, name="refuse"),
    path("confirm/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("editions/", views.editions, name="editions"),
    path("editions/new/", views.make, name="make"),
    path("editions/<int:number>/", views.edition, name="edition"),
    path("editions/<int:number>/change/", views.change, name="change"),
    path("editions/<int:number>/close/", views.close, name="close"),
    path("editions/<int:number>/reopen/", views.reopen, name="reopen"),
    path("editions/<int:number>/units/", views.unit, name="unit"),
    path("editions/<int:number>/seats/", views.seats, name="seats"),
]
