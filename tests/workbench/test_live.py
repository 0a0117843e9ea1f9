"""The live channel of really running servers: who hears what, and that nothing is lost or told twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from workbench.filled import Plan, fill
from workbench.prepared import with_database
from workbench.processes import python
from workbench.servers import Server, Stream, Visitor, serving

CAST = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from workbench.cast import give
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.access.models import Assignment
serving.add_officer("otto", "correct horse battery", "Other unit", "AT")
otto = Officer.objects.get(username="otto")
give(sys.argv[2], otto.unit)
"""
TAKE_AWAY = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from foureyes.workbench.access.models import Assignment
for one in Assignment.objects.all():
    one.delete()
"""
PLANS = (Plan("lake", 3, 1), Plan("market", 3, 1))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A workspace with Ida and Otto, to whom one series is given; gives what its servers are started with."""
    workspace = with_database(fill(tmp_path_factory.mktemp("live") / "workspace", PLANS).path)
    variables: dict[str, str] = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        name = server.create_database(request.getfixturevalue("prepared_on_postgresql"))
        variables["FOUREYES_WORKBENCH_DATABASE"] = server.url(name)
    with Catalogue.open(Workspace.open(workspace), EngineSettings()) as catalogue:
        given, kept = [one.id for one in catalogue.series_list()][:2]
    made = python(CAST, workspace, given, **variables)
    assert made.returncode == 0, made.stderr
    yield {"workspace": str(workspace), "given": given, "kept": kept, **variables}
    if request.param == "postgresql":
        server.drop_database(name)


def variables(stage: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in stage.items() if name.isupper()}


@pytest.fixture(scope="module")
def server(stage: dict[str, str]) -> Iterator[Server]:
    with serving(Path(stage["workspace"]), **variables(stage)) as running:
        yield running


Listen = Callable[..., Stream]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Opens channels that are closed when the test ends."""
    opened: list[Stream] = []

    def open_one(*arguments: Any) -> Stream:
        opened.append(Stream(*arguments))
        return opened[-1]

    yield open_one
    for stream in opened:
        stream.close()


def visitor(server: Server, name: str) -> Visitor:
    made = Visitor(server.port)
    made.sign_in(name)
    return made


def rename(visitor: Visitor, series: str, name: str) -> None:
    assert visitor.post(f"/series/{series}/name/", {"name": name}) == 302


def test_outsiders_find_no_channel(listen: Listen, server: Server, stage: dict[str, str]) -> None:
    otto, nobody = visitor(server, "otto"), Visitor(server.port)
    assert listen(otto, stage["given"]).status == 200
    for about in (stage["kept"], "nowhere"):
        assert listen(otto, about).status == 404
    for about in (stage["given"], "me"):
        assert listen(nobody, about).status == 404
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert otto.ask(f"/live/{stage['given']}/", headers=foreign)[0] == 404
    assert otto.ask(f"/live/{stage['given']}/", {})[0] == 404


def test_each_hears_what_is_theirs(listen: Listen, server: Server, stage: dict[str, str]) -> None:
    ida, otto = visitor(server, "ida"), visitor(server, "otto")
    of_otto, board = listen(otto, stage["given"]), listen(ida, "me")
    for stream in (of_otto, board):
        stream.next("ready")
    rename(ida, stage["kept"], "Kept from Otto")
    rename(ida, stage["given"], "Shown to Otto")
    heard = of_otto.next("change")[1]
    assert (heard["what"], heard["series"], heard["officer"]) == ("name", stage["given"], "ida")
    assert "Shown to Otto" not in str(heard), "pages ask for what it says"
    assert [board.next("change")[1]["series"] for _ in range(2)] == [stage["kept"], stage["given"]]


def test_a_page_that_comes_back_misses_nothing_and_hears_nothing_twice(
    listen: Listen, server: Server, stage: dict[str, str]
) -> None:
    ida = visitor(server, "ida")
    first = listen(ida, stage["given"])
    first.next("ready")
    rename(ida, stage["given"], "One")
    first.next("change")
    first.close()
    rename(ida, stage["given"], "Two")
    rename(ida, stage["kept"], "Of another series")
    rename(ida, stage["given"], "Three")
    back = listen(ida, stage["given"], first.last_id)
    # A slow machine may read the last change after the channel is ready: the order of these two says nothing.
    numbers, is_ready = [], False
    while len(numbers) < 2 or not is_ready:
        kind, _ = back.next("change", "ready")
        if kind == "change":
            numbers.append(int(back.last_id))
        else:
            is_ready = True
    assert numbers == [int(first.last_id) + 1, int(first.last_id) + 3]
    rename(ida, stage["given"], "Four")
    back.next("change")
    assert int(back.last_id) == int(first.last_id) + 4
    assert listen(ida, stage["given"], "999999").next("reload", "ready")[0] == "reload"


def test_a_page_comes_back_after_the_server_was_killed(listen: Listen, stage: dict[str, str]) -> None:
    with serving(Path(stage["workspace"]), **variables(stage)) as server:
        ida = visitor(server, "ida")
        stream = listen(ida, stage["given"])
        stream.next("ready")
        rename(ida, stage["given"], "Before the kill")
        stream.next("change")
        rename(ida, stage["given"], "Not heard of any more")
        server.kill()
    with serving(Path(stage["workspace"]), server.port, **variables(stage)) as server:
        back = listen(ida, stage["given"], stream.last_id)
        assert back.next("change")[1]["what"] == "name"
        back.next("ready")
        rename(ida, stage["given"], "After it")
        back.next("change")
        server.stop()
        assert back.next("closed") == ("closed", {"why": "restart"})


def test_rights_that_end_close_the_channel(listen: Listen, server: Server, stage: dict[str, str]) -> None:
    otto, ida = visitor(server, "otto"), visitor(server, "ida")
    streams = [listen(otto, stage["given"]), listen(ida, stage["given"])]
    for stream in streams:
        stream.next("ready")
    ida.post("/sign-out/", {})
    assert streams[1].next("closed")[1] == {"why": "rights"}
    assert python(TAKE_AWAY, stage["workspace"], **variables(stage)).returncode == 0
    if "FOUREYES_WORKBENCH_DATABASE" in stage:  # else another process is believed within a minute
        assert streams[0].next("closed")[1] == {"why": "rights"}
    assert listen(otto, stage["given"]).status == 404
    assert (
        python(
            CAST.replace("serving.make", "# ").replace("serving.add", "# "),
            stage["workspace"],
            stage["given"],
            **variables(stage),
        ).returncode
        == 0
    )


def test_two_processes_tell_each_other(listen: Listen, stage: dict[str, str]) -> None:
    workspace = Path(stage["workspace"])
    with serving(workspace, **variables(stage)) as one, serving(workspace, **variables(stage)) as two:
        ida, otto = visitor(one, "ida"), visitor(two, "otto")
        hears = listen(otto, stage["given"])
        hears.next("ready")
        rename(ida, stage["given"], "Said in the other process")
        assert hears.next("change")[1]["officer"] == "ida"
        if "FOUREYES_WORKBENCH_DATABASE" not in stage:
            return
        there = listen(ida, stage["given"])
        people = next_people(there)
        while "otto" not in people:
            people = next_people(there)
        came = next_people(hears)
        while "ida" not in came:
            came = next_people(hears)


def next_people(stream: Stream) -> list[str]:
    return [one["officer"] for one in stream.next("here")[1]["here"]]


def test_where_colleagues_look_is_told(listen: Listen, server: Server, stage: dict[str, str]) -> None:
    ida, otto = visitor(server, "ida"), visitor(server, "otto")
    stream = listen(ida, stage["given"])
    of_otto = listen(otto, stage["given"])
    hello = of_otto.next("hello")[1]
    place = {
        "series": stage["given"],
        "officer": "otto",
        "key": hello["key"],
        "part": "grid",
        "mark": "0" * 16,
    }
    assert otto.ask("/live/here/", place)[0] == 204
    told = stream.next("here")[1]["here"]
    while not [one for one in told if one["officer"] == "otto" and one["mark"] == "0" * 16]:
        told = stream.next("here")[1]["here"]
    assert ida.ask("/live/here/", place)[0] == 404, "a key is good for one session"
    assert otto.ask("/live/here/", {**place, "officer": "ida"})[0] == 404
    assert otto.ask("/live/here/", {**place, "series": stage["kept"]})[0] == 404
    assert otto.ask("/live/here/", {**place, "part": "<b>"})[0] == 400
    assert otto.ask("/live/here/", place, {"Sec-Fetch-Site": "cross-site"})[0] == 404
    assert otto.ask("/live/here/")[0] == 404
