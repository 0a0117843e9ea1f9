"""The database refuses to rewrite a proposal, to answer it twice, and to name a unit that is not the officer's."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIXED = (
    "id",
    "kind",
    "edition_id",
    "series",
    "asked",
    "reason",
    "other_unit",
    "proposer_id",
    "proposer_unit_id",
    "proposed_at",
)
"""What stands as it was proposed."""
UNIT_OF = "(SELECT unit_id FROM accounts_officer WHERE id = NEW.{})"
LIES_WHERE_ANOTHER_UNIT_CONFIRMS = """EXISTS (
    SELECT 1 FROM access_placed p JOIN access_edition e ON e.id = p.edition_id
    WHERE p.series = NEW.series AND e.other_unit_confirms AND e.closed_at IS NULL
      AND {day} BETWEEN e.opens AND e.closes
)"""

SQLITE = [
    """
    CREATE TRIGGER proposal_no_delete BEFORE DELETE ON editions_proposal
    BEGIN SELECT RAISE(ABORT, 'a proposal stands for good'); END
    """,
    # INSERT OR REPLACE deletes the row in its way without firing delete triggers (recursive_triggers is off).
    """
    CREATE TRIGGER proposal_no_replace BEFORE INSERT ON editions_proposal
    WHEN EXISTS (SELECT 1 FROM editions_proposal WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a proposal stands for good'); END
    """,
    """
    CREATE TRIGGER proposal_begins_open BEFORE INSERT ON editions_proposal
    WHEN NEW.state <> 'open'
    BEGIN SELECT RAISE(ABORT, 'a proposal begins open'); END
    """,
    f"""
    CREATE TRIGGER proposal_unit_of_proposer BEFORE INSERT ON editions_proposal
    WHEN NEW.proposer_unit_id IS NOT {UNIT_OF.format("proposer_id")}
    BEGIN SELECT RAISE(ABORT, 'the unit is not the officer''s'); END
    """,
    f"""
    CREATE TRIGGER proposal_other_unit BEFORE INSERT ON editions_proposal
    WHEN NOT NEW.other_unit AND {LIES_WHERE_ANOTHER_UNIT_CONFIRMS.format(day="substr(NEW.proposed_at, 1, 10)")}
    BEGIN SELECT RAISE(ABORT, 'the edition says that another unit confirms'); END
    """,
    """
    CREATE TRIGGER proposal_answered_once BEFORE UPDATE ON editions_proposal
    WHEN OLD.state <> 'open'
    BEGIN SELECT RAISE(ABORT, 'a proposal is answered once'); END
    """,
    f"""
    CREATE TRIGGER proposal_as_proposed BEFORE UPDATE ON editions_proposal
    WHEN {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)}
    BEGIN SELECT RAISE(ABORT, 'a proposal stands as it was proposed'); END
    """,
    f"""
    CREATE TRIGGER proposal_unit_of_confirmer BEFORE UPDATE ON editions_proposal
    WHEN NEW.confirmer_id IS NOT NULL AND NEW.confirmer_unit_id IS NOT {UNIT_OF.format("confirmer_id")}
    BEGIN SELECT RAISE(ABORT, 'the unit is not the officer''s'); END
    """,
]

POSTGRESQL = [
    f"""
    CREATE FUNCTION editions_proposal_made() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state <> 'open' THEN
            RAISE EXCEPTION 'a proposal begins open';
        END IF;
        IF NEW.proposer_unit_id IS DISTINCT FROM {UNIT_OF.format("proposer_id")} THEN
            RAISE EXCEPTION 'the unit is not the officer''s';
        END IF;
        IF NOT NEW.other_unit AND {
        LIES_WHERE_ANOTHER_UNIT_CONFIRMS.format(day="(NEW.proposed_at AT TIME ZONE 'UTC')::date")
    } THEN
            RAISE EXCEPTION 'the edition says that another unit confirms';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE FUNCTION editions_proposal_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state <> 'open' THEN
            RAISE EXCEPTION 'a proposal is answered once';
        END IF;
        IF {" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED)} THEN
            RAISE EXCEPTION 'a proposal stands as it was proposed';
        END IF;
        IF NEW.confirmer_id IS NOT NULL
           AND NEW.confirmer_unit_id IS DISTINCT FROM {UNIT_OF.format("confirmer_id")} THEN
            RAISE EXCEPTION 'the unit is not the officer''s';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION editions_proposal_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a proposal stands for good'; END $$
    """,
    """
    CREATE TRIGGER proposal_made BEFORE INSERT ON editions_proposal
    FOR EACH ROW EXECUTE FUNCTION editions_proposal_made()
    """,
    """
    CREATE TRIGGER proposal_changed BEFORE UPDATE ON editions_proposal
    FOR EACH ROW EXECUTE FUNCTION editions_proposal_changed()
    """,
    """
    CREATE TRIGGER proposal_no_delete BEFORE DELETE ON editions_proposal
    FOR EACH ROW EXECUTE FUNCTION editions_proposal_stands()
    """,
    """
    CREATE TRIGGER proposal_no_truncate BEFORE TRUNCATE ON editions_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION editions_proposal_stands()
    """,
]


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("editions", "0002_answers"), ("access", "0002_editions")]
    operations = [migrations.RunPython(protect, elidable=False)]
