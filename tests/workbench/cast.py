"""Django set up for the tests, and what they need to know of the cast. Import it before any model."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "foureyes.workbench.settings.test"

import django

django.setup()

from django.test import Client  # noqa: E402 - Django is set up above, before anything that has models

from foureyes.workbench.accounts.models import Officer  # noqa: E402 - as above
from foureyes.workbench.library import holdings  # noqa: E402 - as above

PASSWORD = "correct horse battery"
REASON = "the wallpaper is the same"


def signed_in(officer: Officer) -> Client:
    """A browser of an officer who signed in."""
    client = Client()
    client.force_login(officer)
    return client


def marks(series_id: str) -> list[str]:
    """Marks of all members, in the order of the grid."""
    held = holdings.catalogue().series(series_id)
    assert held is not None
    return [sha256[:16] for sha256 in held.members]
