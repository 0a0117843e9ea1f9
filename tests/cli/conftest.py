from __future__ import annotations

import io
import sys

import pytest

from cli.typed import Ended, Run
from foureyes.cli import main


@pytest.fixture
def foureyes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process; `typed` is what it is given on standard input."""

    def command(*arguments: object, typed: str | io.StringIO = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["foureyes", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", typed if isinstance(typed, io.StringIO) else io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return command
