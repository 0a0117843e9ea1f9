"""The database refuses an identified series, and a large ruling, that no second person confirmed; steps stand for good."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

IDENTIFIED = """NEW.identified_by_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM editions_proposal
    WHERE id = NEW.identified_by_id AND kind = 'identified' AND state = 'confirmed' AND series = NEW.series
)"""
RULED = """NEW.proposal_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM editions_proposal
    WHERE id = NEW.proposal_id AND kind IN ('merge', 'split') AND state = 'confirmed'
)"""
RULING_CHANGED = (
    "OLD.decision IS NOT NULL OR NEW.kind <> OLD.kind OR NEW.largest_side <> OLD.largest_side "
    "OR NEW.proposal_id IS NOT OLD.proposal_id"
)
"""The number of the decision is written once, after the engine gave it."""
NOT_IDENTIFIED = "no confirmed proposal closes this series as identified"
NOT_RULED = "no confirmed proposal merges or splits this"


def _sqlite() -> list[str]:
    made = []
    for event in ("INSERT", "UPDATE"):
        for table, condition, said in (
            ("series_standing", IDENTIFIED, NOT_IDENTIFIED),
            ("series_ruling", RULED, NOT_RULED),
        ):
            made.append(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
    for table, changed in (("series_ruling", RULING_CHANGED), ("series_step", "TRUE")):
        made.append(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {changed} "
            "BEGIN SELECT RAISE(ABORT, 'this stands for good'); END"
        )
        made.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'this stands for good'); END"
        )
        # INSERT OR REPLACE deletes the row in its way without firing delete triggers.
        made.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'this stands for good'); END"
        )
    return made


def _postgresql() -> list[str]:
    made = [
        """
        CREATE FUNCTION series_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this stands for good'; END $$
        """
    ]
    for table, condition, said in (
        ("series_standing", IDENTIFIED, NOT_IDENTIFIED),
        ("series_ruling", RULED, NOT_RULED),
    ):
        made += [
            f"""
            CREATE FUNCTION {table}_checked() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {condition} THEN RAISE EXCEPTION '{said}'; END IF;
                RETURN NEW;
            END $$
            """,
            f"CREATE TRIGGER {table}_checked BEFORE INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_checked()",
        ]
    for table, changed in (("series_ruling", RULING_CHANGED), ("series_step", "TRUE")):
        changed = changed.replace("IS NOT", "IS DISTINCT FROM").replace(
            "IS DISTINCT FROM NULL", "IS NOT NULL"
        )
        made += [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION series_stands()",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION series_stands()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION series_stands()",
        ]
    return made


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor]():
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("series", "0002_standing"), ("editions", "0003_four_eyes")]
    operations = [migrations.RunPython(protect, elidable=False)]
