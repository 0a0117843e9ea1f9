"""The app of what people find."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Names the app for Django, and says what a confirmed assessment does."""

    name = "foureyes.workbench.findings"
    label = "findings"

    def ready(self) -> None:
        """Say what a confirmed assessment does; models can be imported from here on."""
        import_module("foureyes.workbench.findings.effects").register()
