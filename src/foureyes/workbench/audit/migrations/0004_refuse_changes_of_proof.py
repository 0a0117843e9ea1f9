"""What proves the record is append-only as well, and entries of before are searched as all others."""

import json

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = {
    "audit_checkpoint": "id = NEW.id OR size = NEW.size",
    "audit_departure": "id = NEW.id OR (checkpoint_id = NEW.checkpoint_id AND place = NEW.place)",
    "audit_tile": "id = NEW.id OR (level = NEW.level AND number = NEW.number)",
    "audit_mention": "id = NEW.id OR (thing = NEW.thing AND entry_id = NEW.entry_id)",
}
"""Table to what a row in the way of a new one has in common with it."""

SQLITE = [
    """
    CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
    BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END
    """,
    """
    CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END
    """,
    """
    CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
    BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END
    """,
]

POSTGRESQL = [
    """
    CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()
    """,
    """
    CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()
    """,
]


def protect(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for table, same in TABLES.items():
        for statement in statements:
            schema_editor.execute(statement.format(table=table, same=same))


def mention(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    entries = apps.get_model("audit", "Entry").objects.exclude(detail="").order_by("id")
    mentions = apps.get_model("audit", "Mention")
    waiting = []
    for entry in entries.iterator(chunk_size=2000):
        detail = json.loads(entry.detail)
        found = set()
        for kind in ("series", "media"):
            value = detail.get(kind, ())
            names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
            found |= {f"{kind}:{name}"[:200] for name in names if name}
        waiting += [mentions(entry_id=entry.id, thing=thing) for thing in found - {entry.thing}]
        if len(waiting) >= 2000:
            mentions.objects.bulk_create(waiting)
            waiting = []
    mentions.objects.bulk_create(waiting)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_proof")]
    operations = [
        migrations.RunPython(mention, elidable=False),
        migrations.RunPython(protect, elidable=False),
    ]
