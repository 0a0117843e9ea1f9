"""The app of editions and confirmations."""

from __future__ import annotations

from django.apps import AppConfig


class EditionsConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.editions"
    label = "editions"
