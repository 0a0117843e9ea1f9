"""The app of what people find."""

from __future__ import annotations

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.findings"
    label = "findings"
