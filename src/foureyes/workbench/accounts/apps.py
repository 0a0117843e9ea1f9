"""The app of officers and units."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Names the app for Django and starts listening for sign-ins."""

    name = "foureyes.workbench.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Connect the receivers."""
        import_module("foureyes.workbench.accounts.receivers")
