"""Where else is this: a toy of one room met in others, in the real cage; rights, refusals, linking and undoing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import made_scenes
from workbench.cast import PASSWORD, give, signed_in

# isort: split
from django.test import Client, override_settings

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import RegionMatch
from foureyes.engine.settings import EngineSettings
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.findings import searching
from foureyes.workbench.findings.actions import regions
from foureyes.workbench.findings.models import Region
from foureyes.workbench.library import errands, holdings

pytest_plugins = ["workbench.stage"]

SETTINGS = EngineSettings(workers=1)
TOY = made_scenes.scene(77, width=150, height=120, shapes=40)
SHAPE = f"xywh=percent:10,20,{15000 / 560:.4f},{12000 / 420:.4f}"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A toy in a room, in a copy of it, and in another room; a room without it, and a wall without anything."""
    folder = tmp_path_factory.mktemp("elsewhere")
    source = folder / "seized"
    source.mkdir()
    room = made_scenes.scene(61, shapes=60)
    room[84:204, 56:206] = TOY
    elsewhere = made_scenes.scene(62, shapes=60)
    elsewhere[200:350, 300:420] = cv2.rotate(TOY, cv2.ROTATE_90_CLOCKWISE)
    plain = np.full((420, 560, 3), 90, np.uint8)
    pictures = {"room": room, "elsewhere": elsewhere, "other": made_scenes.scene(63), "plain": plain}
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(source / f"{name}.png")
    Image.fromarray(room).resize((500, 375)).save(source / "copy.jpg", quality=90)
    workspace = Workspace.create(folder / "workspace")
    pipeline.ingest(source, workspace, SETTINGS)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        held = {path.stem: catalogue.find(path.name)[0] for path in source.iterdir()}
    return workspace.path, held


@pytest.fixture
def held(taken: tuple[Path, dict[str, str]], db: None) -> Iterator[dict[str, str]]:  # noqa: ARG001 - for what it does
    with override_settings(FOUREYES_WORKSPACE=taken[0]):
        yield taken[1]
        errands.close()
        holdings.close()


def draw(officer: Officer, sha256: str, shape: str = SHAPE) -> Region:
    form = {"media": sha256[:16], "clue": "object", "name": "toy", "shape": shape, "handling_code": "H1"}
    return regions.draw(officer, form)


def search(client: Client, region: Region, *, everything: bool = True) -> str:
    """Search as a page does; gives the page in the end."""
    address = f"/region/{region.pk}/elsewhere/"
    client.post(f"{address}begin/", {"everything": "1"} if everything else {})
    while json.loads(client.get(f"{address}state/").content)["state"] in ("waiting", "running"):
        threading.Event().wait(0.05)
    return client.get(address).content.decode()


def test_a_thing_is_found_linked_and_unlinked(as_ida: Client, ida: Officer, held: dict[str, str]) -> None:
    region = draw(ida, held["room"])
    page = search(as_ida, region)
    assert "5 of 5 media were looked at." in page
    assert "Found in 2 media" in page
    for name, there in {"elsewhere": True, "copy": True, "other": False, "plain": False}.items():
        assert (held[name][:16] in page) == there, name
    entry = Entry.objects.get(action="region-searched")
    assert (entry.thing, "every media" in entry.detail) == (f"region:{region.pk}", True)
    address = f"/region/{region.pk}/elsewhere/"
    for _ in range(2):
        as_ida.post(f"{address}link/", {"media": held["elsewhere"][:16]})
    made = Region.objects.exclude(pk=region.pk).get()
    region.refresh_from_db()
    assert (made.media, made.thing_id) == (held["elsewhere"], region.thing_id)
    box = (made.left * 0.56, made.top * 0.42, made.width * 0.56, made.height * 0.42)
    assert [one / 1000 for one in box] == pytest.approx((300, 200, 120, 150), abs=8)
    assert f"The same thing: #{made.pk}" in as_ida.get(address).content.decode()
    as_ida.post(f"{address}unlink/", {"other": str(made.pk)})
    assert f"The same thing: #{made.pk}" not in as_ida.get(address).content.decode()
    as_ida.post(f"{address}link/", {"media": held["elsewhere"][:16]})
    made.refresh_from_db()
    assert made.withdrawn_at is None, "put back, not made twice"
    assert as_ida.post(f"{address}link/", {"media": held["other"][:16]}).status_code == 404
    assert Region.objects.count() == 2


def test_what_is_out_of_sight_is_neither_shown_nor_counted(
    ida: Officer, otto: Officer, held: dict[str, str]
) -> None:
    series = holdings.catalogue().series_of(held["room"])
    assert series is not None
    give(series.id, otto.unit)
    client, region = signed_in(otto), draw(ida, held["room"])
    page = search(client, region)
    assert held["copy"][:16] in page
    assert held["elsewhere"][:16] not in page
    assert "Found in 1 media" in page
    assert "of 5" not in page
    assert "The search is done." in page
    address = f"/region/{region.pk}/elsewhere/"
    assert client.post(f"{address}link/", {"media": held["elsewhere"][:16]}).status_code == 404
    assert Region.objects.count() == 1


def test_answers_do_not_tell_of_media_of_others(ida: Officer, otto: Officer, held: dict[str, str]) -> None:
    """Neither whether a search met the thing there, nor whether somebody marked it there."""
    series = holdings.catalogue().series_of(held["room"])
    assert series is not None
    give(series.id, otto.unit)
    client, region = signed_in(otto), draw(ida, held["room"])
    outside, inside = ((-3, -3), (-2, -3), (-2, -2)), ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5))
    found = [RegionMatch(held["elsewhere"], 90, outside), RegionMatch(held["copy"], 30, inside)]
    result = {"matches": [asdict(one) for one in found], "compared": 5, "held": 5, "notes": []}
    about = searching.about(region, everything=True)
    searching.desk(otto.pk).begin(holdings.catalogue(), about, lambda *_: result)
    address = f"/region/{region.pk}/elsewhere/"
    while json.loads(client.get(f"{address}state/").content)["state"] != "done":
        threading.Event().wait(0.05)
    for untrusted in (
        held["elsewhere"],
        held["elsewhere"][:16],
        held["other"],
        held["copy"][:15],
        "",
        "0" * 16,
    ):
        assert client.post(f"{address}link/", {"media": untrusted}).status_code == 404, untrusted
    hidden, loose = draw(ida, held["elsewhere"]), draw(ida, held["other"])
    regions.same_thing(ida, region.pk, str(hidden.pk))
    said = {}
    for number in (hidden.pk, loose.pk, 10**6):
        answer = client.post(f"{address}unlink/", {"other": str(number)}, follow=True)
        said[number] = (answer.status_code, [str(one) for one in answer.context["messages"]])
    assert (
        said[hidden.pk]
        == said[loose.pk]
        == said[10**6]
        == (200, ["There is no region of that number, or it is not for you."])
    )
    assert client.post(f"{address}link/", {"media": held["copy"][:16]}).status_code == 302
    assert Region.objects.get(media=held["copy"]).thing_id == Region.objects.get(pk=hidden.pk).thing_id


def test_outsiders_and_administrators_get_404(as_otto: Client, ida: Officer, held: dict[str, str]) -> None:
    region = draw(ida, held["room"])
    runs = signed_in(make_officer("adam", PASSWORD, ida.unit, roles=["administrator"]))
    assert signed_in(ida).post(f"/region/{region.pk}/elsewhere/unlink/", {"other": "x"}).status_code == 302
    for client in (as_otto, runs):
        for name in ("", "state/"):
            assert client.get(f"/region/{region.pk}/elsewhere/{name}").status_code == 404
        for name in ("begin/", "link/", "unlink/"):
            assert client.post(f"/region/{region.pk}/elsewhere/{name}").status_code == 404
    assert not Entry.objects.filter(action="region-searched").exists()


def test_what_cannot_be_searched_is_said_in_words(as_ida: Client, ida: Officer, held: dict[str, str]) -> None:
    plain = search(as_ida, draw(ida, held["plain"]))
    assert "too plain to be found again" in plain
    small = search(as_ida, draw(ida, held["room"], "xywh=percent:10,10,2,2"))
    assert "too small to be found again" in small
    likely = search(as_ida, draw(ida, held["room"]), everything=False)
    assert "media were looked at." in likely


def test_one_search_of_an_officer_at_a_time(as_ida: Client, ida: Officer, held: dict[str, str]) -> None:
    first, second = draw(ida, held["room"]), draw(ida, held["other"])
    begun, go = threading.Event(), threading.Event()

    def slow(*_given: object) -> object:
        begun.set()
        go.wait(30)
        return {"matches": [], "compared": 0, "held": 5, "notes": []}

    about = searching.about(first, everything=False)
    searching.desk(ida.pk).begin(holdings.catalogue(), about, slow)
    assert begun.wait(30)
    as_ida.post(f"/region/{second.pk}/elsewhere/begin/")
    page = as_ida.get(f"/region/{second.pk}/elsewhere/").content.decode()
    assert f"Your search for #{first.pk} is under way" in page
    assert "One search at a time" in page
    as_ida.post(f"/region/{second.pk}/elsewhere/stop/")
    go.set()
    assert f"#{first.pk} is under way" not in as_ida.get(f"/region/{second.pk}/elsewhere/").content.decode()


SPOTS = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@given(st.lists(SPOTS, min_size=4, max_size=4))
def test_an_outline_is_cut_at_the_edges_of_the_picture(place: list[tuple[float, float]]) -> None:
    corners = searching.clipped(place)
    assert all(-1e-9 <= x <= 1 + 1e-9 and -1e-9 <= y <= 1 + 1e-9 for x, y in corners)
    assert 0 <= searching.share_of(place) <= 1 + 1e-6 or corners


def test_an_outline_inside_stays_as_it_is() -> None:
    inside = [(0.1, 0.1), (0.5, 0.2), (0.4, 0.6), (0.2, 0.5)]
    assert searching.clipped(inside) == inside
    assert searching.shape_at(inside) == "polygon=percent:10,10 50,20 40,60 20,50"
    assert searching.shape_at([(-1, -1), (2, -1), (2, 2), (-1, 2)]).startswith("polygon=percent:")
