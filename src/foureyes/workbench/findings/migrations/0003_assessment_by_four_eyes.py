"""The database lets no assessment stand without its confirmed proposal, and changes none that was proposed."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIXED = (
    "series",
    "officer_id",
    "unit_id",
    "handling_code",
    "countries",
    "source",
    "information",
    "reasoning",
)
CONFIRMED = """EXISTS (
    SELECT 1 FROM editions_proposal p
    WHERE p.id = NEW.proposal_id AND p.kind = 'assessment' AND p.state = 'confirmed'
)"""
SQLITE = [
    f"""
    CREATE TRIGGER assessment_confirmed_new BEFORE INSERT ON findings_assessment
    WHEN NEW.confirmed_at IS NOT NULL AND NOT {CONFIRMED}
    BEGIN SELECT RAISE(ABORT, 'a second person confirms an assessment'); END
    """,
    f"""
    CREATE TRIGGER assessment_confirmed BEFORE UPDATE ON findings_assessment
    WHEN NEW.confirmed_at IS NOT NULL AND NOT {CONFIRMED}
    BEGIN SELECT RAISE(ABORT, 'a second person confirms an assessment'); END
    """,
    f"""
    CREATE TRIGGER assessment_as_proposed BEFORE UPDATE ON findings_assessment
    WHEN OLD.proposal_id IS NOT NULL
        AND (NEW.proposal_id IS NOT OLD.proposal_id OR {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in FIXED)})
    BEGIN SELECT RAISE(ABORT, 'an assessment stands as it was proposed'); END
    """,
    """
    CREATE TRIGGER assessment_no_delete BEFORE DELETE ON findings_assessment
    BEGIN SELECT RAISE(ABORT, 'an assessment stands for good'); END
    """,
]
POSTGRESQL = [
    f"""
    CREATE FUNCTION findings_assessment_checked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.confirmed_at IS NOT NULL AND NOT {CONFIRMED} THEN
            RAISE EXCEPTION 'a second person confirms an assessment';
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.proposal_id IS NOT NULL
            AND (NEW.proposal_id IS DISTINCT FROM OLD.proposal_id
                OR {" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in FIXED)}) THEN
            RAISE EXCEPTION 'an assessment stands as it was proposed';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER assessment_checked BEFORE INSERT OR UPDATE ON findings_assessment
    FOR EACH ROW EXECUTE FUNCTION findings_assessment_checked()
    """,
    """
    CREATE FUNCTION findings_assessment_stands() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'an assessment stands for good'; END $$
    """,
    """
    CREATE TRIGGER assessment_no_delete BEFORE DELETE ON findings_assessment
    FOR EACH ROW EXECUTE FUNCTION findings_assessment_stands()
    """,
]


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("findings", "0002_assessment"), ("editions", "0003_four_eyes")]
    operations = [migrations.RunPython(protect, elidable=False)]
