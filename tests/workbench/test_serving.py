"""How a workspace comes to be served: first officer, refusals in words, files that only the owner reads."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.cast import PASSWORD

# isort: split
from foureyes.engine.catalogue import Workspace
from foureyes.engine.errors import UsageError
from foureyes.workbench import serving
from foureyes.workbench.accounts.models import Officer

pytest_plugins = ["workbench.stage"]

PREPARE = "import sys; from pathlib import Path; from foureyes.workbench import serving; serving.prepare(Path(sys.argv[1]))"


def answers(*given: str) -> tuple[serving.Ask, list[str]]:
    """Somebody at the terminal who answers in this order, and what they were asked."""
    asked: list[str] = []
    left: Iterator[str] = iter(given)

    def answer(question: str) -> str:
        asked.append(question)
        return next(left)

    return answer, asked


@pytest.mark.usefixtures("db")
def test_the_first_officer_is_asked_for_on_the_terminal() -> None:
    said: list[str] = []
    ask, _ = answers("ida", "ida", "ida")
    ask_secret, asked = answers("short", "short", PASSWORD, "another password", PASSWORD, PASSWORD)
    serving.make_first_officer(ask=ask, ask_secret=ask_secret, say=said.append)
    assert "too short" in said[1]
    assert "differ" in said[2]
    assert said[-1] == "Officer ida made."
    assert len(asked) == 6
    assert PASSWORD not in " ".join(said)
    officer = Officer.objects.get()
    assert officer.check_password(PASSWORD)
    assert officer.unit.holds_workspace


@pytest.mark.usefixtures("db")
def test_a_given_name_is_not_asked_and_nobody_is_asked_twice() -> None:
    ask_secret, _ = answers(PASSWORD, PASSWORD)
    ask, asked = answers()
    serving.make_first_officer("ida", ask=ask, ask_secret=ask_secret, say=lambda _: None)
    serving.make_first_officer(ask=ask, ask_secret=ask_secret)
    assert asked == []
    assert Officer.objects.count() == 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("name", "password"), [("ida", "short"), ("ida and otto", PASSWORD), ("ida", "password1234")]
)
def test_a_bad_first_officer_is_refused_in_words(name: str, password: str) -> None:
    with pytest.raises(UsageError, match="first officer was not made"):
        serving.make_first_officer((name, password))
    assert not Officer.objects.exists()


@pytest.mark.usefixtures("db")
def test_without_a_terminal_it_says_what_to_do() -> None:
    def nobody(_: str) -> str:
        raise EOFError

    with pytest.raises(UsageError, match="start `foureyes serve` once by hand"):
        serving.make_first_officer(ask=nobody, say=lambda _: None)


def test_no_workspace_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="foureyes init"):
        serving.prepare(tmp_path / "nothing")


def test_listening_everywhere_needs_a_host_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOUREYES_HOSTS", raising=False)
    assert serving._hosts("127.0.0.1") == "127.0.0.1"
    assert serving._hosts("::1") == "[::1]"
    for everywhere in serving.EVERYWHERE:
        with pytest.raises(UsageError, match="FOUREYES_HOSTS"):
            serving._hosts(everywhere)
    monkeypatch.setenv("FOUREYES_HOSTS", "work.example, other.example")
    assert {serving._hosts(everywhere) for everywhere in serving.EVERYWHERE} == {"work.example,other.example"}
    assert serving._hosts("10.0.0.1") == "work.example,other.example,10.0.0.1"


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="--port"):
        serving.listen("127.0.0.1", taken.getsockname()[1])


def test_preparing_twice_keeps_key_and_database_to_their_owner(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    keys = set()
    for _ in range(2):
        done = prepared(workspace.path)
        assert done.returncode == 0, done.stderr
        keys.add((workspace.path / "workbench.key").read_text(encoding="ascii"))
    assert len(keys) == 1
    for name in ("workbench.key", "workbench.sqlite"):
        assert (workspace.path / name).stat().st_mode & 0o077 == 0
    (workspace.path / "workbench.key").chmod(0o644)
    refused = prepared(workspace.path)
    assert refused.returncode != 0
    assert "The workbench cannot start: workbench.key may be read by others" in refused.stderr


def prepared(workspace: Path) -> subprocess.CompletedProcess[str]:
    """Prepare in a process of its own: Django is set up once per process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PREPARE, str(workspace)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
