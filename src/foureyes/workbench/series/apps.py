"""The app of series."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SeriesConfig(AppConfig):
    """Names the app for Django, and says what a confirmed proposal does and what is finished."""

    name = "foureyes.workbench.series"
    label = "series"

    def ready(self) -> None:
        """Register the effects; models can be imported from here on."""
        import_module("foureyes.workbench.series.effects").register()
        import_module("foureyes.workbench.series.tallies")
        import_module("foureyes.workbench.series.finished").register()
        hear = import_module("foureyes.workbench.series.regrouping").hear
        import_module("foureyes.workbench.live.actions").HEARERS.append(hear)
