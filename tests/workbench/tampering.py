"""What somebody with every right on the database does to the record. Works on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection

from foureyes.workbench.audit.chain import START, hash_of
from foureyes.workbench.audit.models import Checkpoint, Entry, Tile
from foureyes.workbench.audit.trees import record_of

TABLES = ("audit_entry", "audit_checkpoint", "audit_departure", "audit_tile", "audit_mention")
SECOND = 2


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def take_protection_away() -> None:
    """Drop every trigger of the record."""
    for table in TABLES:
        if connection.vendor == "postgresql":
            sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            for trigger in ("no_update", "no_delete", "no_replace"):
                sql(f"DROP TRIGGER {table}_{trigger}")


def rebuild_chain() -> None:
    """Number all entries anew and make every hash fit: the chain alone shows nothing any more."""
    entries = list(Entry.objects.order_by("id"))
    sql("DELETE FROM audit_entry")
    previous = START
    for number, entry in enumerate(entries, 1):
        entry.id, entry.previous = number, previous
        entry.hash = previous = hash_of(record_of(entry), previous)
    Entry.objects.bulk_create(entries)
    Tile.objects.all().delete()


def alter() -> None:
    sql("UPDATE audit_entry SET officer = 'otto' WHERE id = 2")


def delete() -> None:
    sql("DELETE FROM audit_entry WHERE id = 2")


def insert() -> None:
    """Put an entry between 1 and 2."""
    sql("UPDATE audit_entry SET id = id + 1000000 WHERE id >= 2")
    forged = Entry.objects.get(id=1)
    forged.id, forged.previous, forged.hash, forged.thing = SECOND, "f" * 64, "e" * 64, "series:S-FORGED"
    Entry.objects.bulk_create([forged])


def swap() -> None:
    sql("UPDATE audit_entry SET id = 9000000 WHERE id = 2")
    sql("UPDATE audit_entry SET id = 2 WHERE id = 3")
    sql("UPDATE audit_entry SET id = 3 WHERE id = 9000000")


def cut_off() -> None:
    """Take away the last entry that was signed and all after it."""
    last = Checkpoint.objects.order_by("-size").values_list("size", flat=True)[0]
    sql("DELETE FROM audit_entry WHERE id >= %s", last)


def delete_checkpoints() -> None:
    sql("DELETE FROM audit_departure")
    sql("DELETE FROM audit_checkpoint")


REBUILT: dict[str, Callable[[], None]] = {"alter": alter, "delete": delete, "insert": insert, "swap": swap}
"""Done before the whole chain is rebuilt. Each changes what stands as entry 2."""
STATEMENTS = [
    *(f"DELETE FROM {table}" for table in TABLES),  # noqa: S608 - our own names
    "UPDATE audit_entry SET officer = 'otto' WHERE id = 2",
    "UPDATE audit_checkpoint SET root = 'x'",
    "UPDATE audit_tile SET root = 'x'",
    "UPDATE audit_departure SET place = 'x'",
    "UPDATE audit_mention SET thing = 'x'",
]
ON_SQLITE = [
    f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} ORDER BY id LIMIT 1"  # noqa: S608 - as above
    for table in TABLES
]
ON_POSTGRESQL = [f"TRUNCATE {table} CASCADE" for table in TABLES]
