"""The app of rights."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.access"
    label = "access"
