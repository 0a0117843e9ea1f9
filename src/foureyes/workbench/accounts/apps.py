"""The app of officers and units."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Names the app for Django."""

    name = "foureyes.workbench.accounts"
    label = "accounts"
