"""The app of media."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Names the app for Django and ends media links when a session ends."""

    name = "foureyes.workbench.library"
    label = "library"

    def ready(self) -> None:
        """Connect the listeners of sign-outs and of rights that go."""
        import_module("foureyes.workbench.library.links")
        import_module("foureyes.workbench.library.cutting")
