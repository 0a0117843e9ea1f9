"""Addresses of sign-in and preferences."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("theme/", views.theme, name="theme"),
]
