"""The app of oversight."""

from __future__ import annotations

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.oversight"
    label = "oversight"
