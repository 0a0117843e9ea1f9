"""What became of each decision of the engine, as the record knows it; a row stands for good."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "series_handed"
SQLITE = [
    *(
        f"CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'this stands for good'); END"
        for act in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE deletes the row in its way without firing delete triggers.
    f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE "
    "id = NEW.id OR entry_id = NEW.entry_id OR (decision = NEW.decision AND what = NEW.what)) "
    "BEGIN SELECT RAISE(ABORT, 'this stands for good'); END",
]
POSTGRESQL = [
    f"CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION series_stands()",
    f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION series_stands()",
]


def protect(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("series", "0005_review"), ("audit", "0004_refuse_changes_of_proof")]
    operations = [
        migrations.CreateModel(
            name="Handed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("decision", models.BigIntegerField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("ruling", "Ruling"),
                            ("withdrawal", "Withdrawal"),
                            ("dropped", "Dropped"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handed",
                        to="audit.entry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["ruling", "withdrawal", "dropped"])),
                        name="handed_is_known",
                    ),
                    models.UniqueConstraint(fields=("decision", "what"), name="handed_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("what__in", ["ruling", "dropped"])),
                        fields=("decision",),
                        name="made_or_dropped",
                    ),
                ]
            },
        ),
        migrations.RunPython(protect, elidable=False),
    ]
