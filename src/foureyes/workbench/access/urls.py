"""Addresses of administrators."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.access import views

app_name = "access"
urlpatterns = [
    path("", views.people, name="people"),
    path("units/", views.make_unit, name="make-unit"),
    path("units/<int:number>/", views.rename_unit, name="rename-unit"),
    path("new/", views.new_officer, name="new-officer"),
    path("officers/<str:username>/", views.officer, name="officer"),
    path("officers/<str:username>/roles/", views.roles, name="roles"),
    path("officers/<str:username>/do/", views.deed, name="deed"),
]
