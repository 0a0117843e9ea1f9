"""Steps that bring an older catalogue to this version's tables; run whenever a catalogue is opened.

Alembic runs them in one transaction. They never change what was committed, only where it is kept.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection


def upgrade(connection: Connection) -> None:
    """Bring the database of this connection to the newest tables, inside its open transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
