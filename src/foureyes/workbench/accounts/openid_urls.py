"""The address to which an OpenID Connect server sends officers back; django-allauth finds it by this name."""

from __future__ import annotations

from django.urls import path

from foureyes.workbench.accounts.views import openid

urlpatterns = [
    path("sign-in/<slug:provider_id>/back/", openid.back, name="openid_connect_callback"),
]
