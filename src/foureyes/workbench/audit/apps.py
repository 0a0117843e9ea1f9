"""The app of the record."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Names the app for Django and starts listening for sign-ins."""

    name = "foureyes.workbench.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect the listeners."""
        import_module("foureyes.workbench.audit.listeners")
