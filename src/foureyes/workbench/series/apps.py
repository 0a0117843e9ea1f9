"""The app of series."""

from __future__ import annotations

from django.apps import AppConfig


class SeriesConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.series"
    label = "series"
