"""The app of series."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SeriesConfig(AppConfig):
    """Names the app for Django, and says what a confirmed proposal about series does."""

    name = "foureyes.workbench.series"
    label = "series"

    def ready(self) -> None:
        """Register the effects; models can be imported from here on."""
        import_module("foureyes.workbench.series.effects").register()
