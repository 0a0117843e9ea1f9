"""The app of the live channel."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.live"
    label = "live"
