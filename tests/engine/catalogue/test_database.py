"""What a disk or a database says reaches people in words that help, and never as a number of the system."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.errors import StorageFull, WorkspaceError


def test_a_database_that_cannot_be_written_to_is_told_of_as_the_workspace(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    sqlite3.connect(path).close()
    engine = sa.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with (
        pytest.raises(WorkspaceError, match=r"^The workspace cannot be written to, .* another account\.$"),
        engine_errors(),
        engine.connect() as connection,
    ):
        connection.execute(sa.text("CREATE TABLE one (id INTEGER)"))
    engine.dispose()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO])
def test_a_file_that_cannot_be_used_is_named_without_the_number(number: int) -> None:
    with pytest.raises(WorkspaceError) as raised, engine_errors():
        raise OSError(number, os.strerror(number), "/seized/workspace/off.json")
    assert str(raised.value).endswith(f": {os.strerror(number)} (/seized/workspace/off.json).")
    assert "Errno" not in str(raised.value)


def test_a_full_disk_is_told_as_one() -> None:
    with pytest.raises(StorageFull, match="What was committed stands"), engine_errors():
        raise OSError(errno.ENOSPC, "no")
