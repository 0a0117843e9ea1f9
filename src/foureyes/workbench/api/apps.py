"""The app of the HTTP API."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.api"
    label = "api"

    def ready(self) -> None:
        """Connect the listeners."""
        import_module("foureyes.workbench.api.listeners")
