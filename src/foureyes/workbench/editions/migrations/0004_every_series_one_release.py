"""Another unit confirms where any series of a proposal says so; what was confirmed to leave leaves once."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LIES_WHERE_ANOTHER_UNIT_CONFIRMS = """EXISTS (
    SELECT 1 FROM access_placed p JOIN access_edition e ON e.id = p.edition_id
    WHERE (p.series = NEW.series OR p.series IN ({others})) AND e.other_unit_confirms AND e.closed_at IS NULL
      AND {day} BETWEEN e.opens AND e.closes
)"""
UNIT_OF_PROPOSER = "(SELECT unit_id FROM accounts_officer WHERE id = NEW.proposer_id)"
IN_SQLITE = LIES_WHERE_ANOTHER_UNIT_CONFIRMS.format(
    others="SELECT value FROM json_each(NEW.asked, '$.series')", day="substr(NEW.proposed_at, 1, 10)"
)
IN_POSTGRESQL = LIES_WHERE_ANOTHER_UNIT_CONFIRMS.format(
    others="SELECT jsonb_array_elements_text(CASE WHEN jsonb_typeof(NEW.asked -> 'series') = 'array' "
    "THEN NEW.asked -> 'series' ELSE '[]'::jsonb END)",
    day="(NEW.proposed_at AT TIME ZONE 'UTC')::date",
)
CONFIRMED = """EXISTS (
    SELECT 1 FROM editions_proposal WHERE id = NEW.proposal_id AND kind = 'export' AND state = 'confirmed'
)"""
TWICE = "EXISTS (SELECT 1 FROM editions_release WHERE proposal_id = NEW.proposal_id OR id = NEW.id)"

SQLITE = [
    "DROP TRIGGER proposal_other_unit",
    f"""
    CREATE TRIGGER proposal_other_unit BEFORE INSERT ON editions_proposal
    WHEN NOT NEW.other_unit AND {IN_SQLITE}
    BEGIN SELECT RAISE(ABORT, 'the edition says that another unit confirms'); END
    """,
    f"""
    CREATE TRIGGER release_confirmed BEFORE INSERT ON editions_release WHEN NOT {CONFIRMED}
    BEGIN SELECT RAISE(ABORT, 'no confirmed proposal lets this leave'); END
    """,
    f"""
    CREATE TRIGGER release_once BEFORE INSERT ON editions_release WHEN {TWICE}
    BEGIN SELECT RAISE(ABORT, 'what was confirmed leaves once'); END
    """,
    *(
        f"""
        CREATE TRIGGER release_no_{act.lower()} BEFORE {act} ON editions_release
        BEGIN SELECT RAISE(ABORT, 'a release stands for good'); END
        """
        for act in ("UPDATE", "DELETE")
    ),
]

POSTGRESQL = [
    f"""
    CREATE OR REPLACE FUNCTION editions_proposal_made() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a proposal begins open';
        END IF;
        IF NEW.proposer_unit_id IS DISTINCT FROM {UNIT_OF_PROPOSER} THEN
            RAISE EXCEPTION 'the unit is not the officer''s';
        END IF;
        IF NOT NEW.other_unit AND {IN_POSTGRESQL} THEN
            RAISE EXCEPTION 'the edition says that another unit confirms';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION editions_release_made() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT {CONFIRMED} THEN RAISE EXCEPTION 'no confirmed proposal lets this leave'; END IF;
        IF {TWICE} THEN RAISE EXCEPTION 'what was confirmed leaves once'; END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION editions_release_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a release stands for good'; END $$
    """,
    """
    CREATE TRIGGER release_made BEFORE INSERT ON editions_release
    FOR EACH ROW EXECUTE FUNCTION editions_release_made()
    """,
    """
    CREATE TRIGGER release_no_change BEFORE UPDATE OR DELETE ON editions_release
    FOR EACH ROW EXECUTE FUNCTION editions_release_stands()
    """,
    """
    CREATE TRIGGER release_no_truncate BEFORE TRUNCATE ON editions_release
    FOR EACH STATEMENT EXECUTE FUNCTION editions_release_stands()
    """,
]


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("editions", "0003_four_eyes"), ("audit", "0004_refuse_changes_of_proof")]
    operations = [
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="audit.entry"
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="release",
                        to="editions.proposal",
                    ),
                ),
            ],
        ),
        migrations.RunPython(protect, elidable=False),
    ]
