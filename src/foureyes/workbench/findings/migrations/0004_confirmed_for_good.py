"""The database binds a confirmation to the one assessment that it was given for, and keeps its row and clues."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ASSESSMENT_OF = {
    "sqlite": "json_extract(p.asked, '$.assessment')",
    "postgresql": "(p.asked ->> 'assessment')::bigint",
}
OF_ITSELF = """EXISTS (
    SELECT 1 FROM editions_proposal p WHERE p.id = NEW.proposal_id AND p.series = NEW.series AND {} = NEW.id
)"""
CONFIRMED = (
    "EXISTS (SELECT 1 FROM findings_assessment WHERE id = {}.assessment_id AND confirmed_at IS NOT NULL)"
)
ANOTHER = "the proposal is about another assessment"
STANDS = "an assessment stands as it was proposed"

SQLITE = [
    # INSERT OR REPLACE deletes the row in its way without firing delete triggers (recursive_triggers is off).
    """
    CREATE TRIGGER assessment_no_replace BEFORE INSERT ON findings_assessment
    WHEN EXISTS (SELECT 1 FROM findings_assessment WHERE id = NEW.id OR proposal_id = NEW.proposal_id)
    BEGIN SELECT RAISE(ABORT, 'an assessment stands for good'); END
    """,
    *(
        f"""
        CREATE TRIGGER assessment_of_its_proposal_{event.lower()} BEFORE {event} ON findings_assessment
        WHEN NEW.confirmed_at IS NOT NULL AND NOT {OF_ITSELF.format(ASSESSMENT_OF["sqlite"])}
        BEGIN SELECT RAISE(ABORT, '{ANOTHER}'); END
        """
        for event in ("INSERT", "UPDATE")
    ),
    *(
        f"""
        CREATE TRIGGER assessment_clues_{event.lower()} BEFORE {event} ON findings_assessment_clues
        WHEN {CONFIRMED.format("OLD" if event == "DELETE" else "NEW")}
        BEGIN SELECT RAISE(ABORT, '{STANDS}'); END
        """
        for event in ("INSERT", "DELETE")
    ),
    f"""
    CREATE TRIGGER assessment_clues_update BEFORE UPDATE ON findings_assessment_clues
    WHEN {CONFIRMED.format("NEW")} OR {CONFIRMED.format("OLD")}
    BEGIN SELECT RAISE(ABORT, '{STANDS}'); END
    """,
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION findings_assessment_of_its_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.confirmed_at IS NOT NULL AND NOT {OF_ITSELF.format(ASSESSMENT_OF["postgresql"])} THEN
            RAISE EXCEPTION '{ANOTHER}';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER assessment_of_its_proposal BEFORE INSERT OR UPDATE ON findings_assessment
    FOR EACH ROW EXECUTE FUNCTION findings_assessment_of_its_proposal()
    """,
    """
    CREATE TRIGGER assessment_no_truncate BEFORE TRUNCATE ON findings_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION findings_assessment_stands()
    """,
    f"""
    CREATE FUNCTION findings_assessment_clues_stand() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND {CONFIRMED.format("OLD")} THEN
            RAISE EXCEPTION '{STANDS}';
        END IF;
        IF TG_OP <> 'DELETE' AND {CONFIRMED.format("NEW")} THEN
            RAISE EXCEPTION '{STANDS}';
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER assessment_clues_stand BEFORE INSERT OR UPDATE OR DELETE ON findings_assessment_clues
    FOR EACH ROW EXECUTE FUNCTION findings_assessment_clues_stand()
    """,
    """
    CREATE TRIGGER assessment_clues_no_truncate BEFORE TRUNCATE ON findings_assessment_clues
    FOR EACH STATEMENT EXECUTE FUNCTION findings_assessment_stands()
    """,
]


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("findings", "0003_assessment_by_four_eyes")]
    operations = [migrations.RunPython(protect, elidable=False)]
