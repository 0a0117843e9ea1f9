"""The app of base templates and static files."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.pages"
    label = "pages"
