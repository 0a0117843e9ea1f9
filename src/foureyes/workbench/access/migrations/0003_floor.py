"""The database refuses a series below the floor of its edition, whichever of the two is changed."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PLACE = "NEW.handling_code < (SELECT handling_code FROM access_edition WHERE id = NEW.edition_id)"
FLOOR = """EXISTS (
    SELECT 1 FROM access_placed WHERE edition_id = NEW.id AND handling_code < NEW.handling_code
)"""
SAID = "a series lies below the floor of its edition"

SQLITE = [
    f"CREATE TRIGGER access_placed_{event.lower()} BEFORE {event} ON access_placed WHEN {PLACE} "
    f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
    for event in ("INSERT", "UPDATE")
] + [
    f"CREATE TRIGGER access_edition_floor BEFORE UPDATE ON access_edition WHEN {FLOOR} "
    f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
]

POSTGRESQL = [
    f"""
    CREATE FUNCTION {table}_floor() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {condition} THEN RAISE EXCEPTION '{SAID}'; END IF;
        RETURN NEW;
    END $$
    """
    for table, condition in (("access_placed", PLACE), ("access_edition", FLOOR))
] + [
    f"CREATE TRIGGER {table}_floor BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_floor()"
    for table, events in (("access_placed", "INSERT OR UPDATE"), ("access_edition", "UPDATE"))
]


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("access", "0002_editions")]
    operations = [migrations.RunPython(protect, elidable=False)]
