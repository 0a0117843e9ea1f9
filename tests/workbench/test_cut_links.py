"""A link that was made before a right went opens nothing after: in this process at once, in others by the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from workbench.cast import PASSWORD, give, signed_in

# isort: split
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat
from foureyes.workbench.access.tokens import Kind, Material, Tokens, good_until
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.accounts.officers import set_roles
from foureyes.workbench.editions import coordinating
from foureyes.workbench.library.ended import named
from foureyes.workbench.library.links import tokens
from foureyes.workbench.library.models import CutLinks

pytest_plugins = ["workbench.stage"]


def seat_goes(ida: Officer, otto: Officer) -> None:
    coordinating.set_seats(ida, Edition.objects.get().pk, str(otto.unit_id), [])


def unit_goes(ida: Officer, otto: Officer) -> None:
    coordinating.remove_unit(ida, Edition.objects.get().pk, str(otto.unit_id))


def edition_closes(ida: Officer, otto: Officer) -> None:
    del otto
    coordinating.close(ida, Edition.objects.get().pk)


def assignment_goes(ida: Officer, otto: Officer) -> None:
    del ida, otto
    Assignment.objects.all().delete()


def code_rises(ida: Officer, otto: Officer) -> None:
    del ida, otto
    placed = Placed.objects.get()
    placed.handling_code = "H2"
    placed.save()


def role_goes(ida: Officer, otto: Officer) -> None:
    del ida
    set_roles(otto, ["trainee"])


WAYS: list[Callable[[Officer, Officer], None]] = [
    seat_goes,
    unit_goes,
    edition_closes,
    assignment_goes,
    code_rises,
    role_goes,
]


def key_of(client: Client) -> str:
    return str(client.session.session_key)


@pytest.mark.parametrize("way", WAYS)
def test_links_die_with_the_right(
    way: Callable[[Officer, Officer], None], ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    as_otto, as_ida = signed_in(otto), signed_in(ida)
    give(series[0].id, otto.unit)
    material = Material(Kind.THUMBNAIL, "a" * 64)
    links = {one: tokens().path(material, key_of(one)) for one in (as_otto, as_ida)}
    assert all(tokens().opens(link, key_of(one)) for one, link in links.items())
    with TestCase.captureOnCommitCallbacks(execute=True):
        way(ida, otto)
    assert tokens().opens(links[as_otto], key_of(as_otto)) is None
    assert tokens().opens(links[as_ida], key_of(as_ida)) == material
    told = CutLinks.objects.get()
    assert told.session == named(key_of(as_otto))
    assert told.until > timezone.now().timestamp()


def test_what_is_new_cuts_nothing_and_many_cut_once(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    del ida
    as_otto = signed_in(otto)
    link = tokens().path(Material(Kind.THUMBNAIL, "a" * 64), key_of(as_otto))
    with TestCase.captureOnCommitCallbacks(execute=True) as cut:
        for one in series:
            give(one.id, otto.unit)
        Seat.objects.get_or_create(edition=Edition.objects.get(), officer=otto)
        Officer.objects.make("uma", PASSWORD, Unit.objects.create(agency="Third", country="PT"))
    assert CutLinks.objects.count() == 0
    assert tokens().opens(link, key_of(as_otto))
    with TestCase.captureOnCommitCallbacks(execute=True) as cut:
        Assignment.objects.all().delete()
    assert len([one for one in cut if "Cutting" in repr(one)]) == 1
    assert tokens().opens(link, key_of(as_otto)) is None


def test_a_link_ends_with_the_day_by_whose_edition_it_was_given(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    """At midnight an edition may end, and no row says so: what was given by it opens nothing from then on."""
    give(series[0].id, otto.unit)
    midnight = datetime.combine(timezone.now().date() + timedelta(days=1), datetime.min.time(), UTC)
    until = {}
    with override_settings(FOUREYES_MEDIA_TOKEN_SECONDS=3 * 24 * 60 * 60):
        for officer in (ida, otto):
            answer = signed_in(officer).get(f"/series/{series[0].id}/grid/link/")
            until[officer.username] = good_until(answer.json()["previews"])
    assert until["otto"] == int(midnight.timestamp())
    assert until["ida"] > until["otto"], "her unit holds the workspace: no day ends that"

    clock = [midnight.timestamp() - 1]
    links = Tokens("key", 120, lambda: clock[0])
    path = links.path(Material(Kind.THUMBNAIL, "ab"), "a session", until["otto"])
    assert links.opens(path, "a session")
    clock[0] += 1
    assert links.opens(path, "a session") is None
