"""The app of the HTTP API."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.api"
    label = "api"
