"""Django set up for the tests, and what they need to know of the cast. Import it before any model."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foureyes.workbench.settings.test")

import django

django.setup()

from django.test import Client  # noqa: E402 - Django is set up above, before anything that has models
from django.utils import timezone  # noqa: E402 - as above

from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat, TakesPart  # noqa: E402 - as above
from foureyes.workbench.accounts.models import Officer, Unit  # noqa: E402 - as above
from foureyes.workbench.accounts.recent import SIGNED_IN_AT  # noqa: E402 - as above
from foureyes.workbench.library import holdings  # noqa: E402 - as above
from foureyes.workbench.series import regrouping  # noqa: E402 - as above

# Tests want to see the series as they are after a ruling, and a slow machine is not a fault.
regrouping.PATIENCE_SECONDS = regrouping.LONG_SECONDS = 60.0

PASSWORD = "correct horse battery"
REASON = "the wallpaper is the same"


def signed_in(officer: Officer) -> Client:
    """A browser of an officer who signed in."""
    client = Client()
    client.force_login(officer)
    return client


def grow_old(client: Client) -> None:
    """Let the browser's last sign-in be too old for what asks again."""
    session = client.session
    session[SIGNED_IN_AT] -= 16 * 60
    session.pop("account_authentication_methods", None)
    session.save()


def marks(series_id: str) -> list[str]:
    """Marks of all members, in the order of the grid."""
    held = holdings.catalogue().series(series_id)
    assert held is not None
    return [sha256[:16] for sha256 in held.members]


def give(series_id: str, unit: Unit, handling_code: str = "H1") -> Assignment:
    """Give a series to a unit in an edition that is open, all of the unit's officers seated."""
    by = Officer.objects.order_by("id")[0]
    today = timezone.now().date()
    edition, _ = Edition.objects.get_or_create(
        name="The edition of tests", defaults={"opens": today, "closes": today, "made_by": by}
    )
    TakesPart.objects.get_or_create(edition=edition, unit=unit)
    for officer in unit.officers.all():
        Seat.objects.get_or_create(edition=edition, officer=officer)
    placed, _ = Placed.objects.get_or_create(
        edition=edition, series=series_id, defaults={"handling_code": handling_code, "placed_by": by}
    )
    return Assignment.objects.create(placed=placed, unit=unit, given_by=by)
