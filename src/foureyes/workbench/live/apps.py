"""The app of the live channel."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Names the app for Django and starts noticing changes of rights."""

    name = "foureyes.workbench.live"
    label = "live"

    def ready(self) -> None:
        """Connect the listeners."""
        import_module("foureyes.workbench.live.listeners")
