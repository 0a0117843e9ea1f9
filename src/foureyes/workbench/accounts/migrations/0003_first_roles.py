"""Gives roles to officers who were made before there were any."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    del schema_editor
    officers = apps.get_model("accounts", "Officer").objects.filter(roles_held__isnull=True)
    held = apps.get_model("accounts", "RoleHeld")
    for officer in officers.select_related("unit"):
        roles = ["expert", "coordinator", "exchange"] if officer.unit.holds_workspace else ["expert"]
        held.objects.bulk_create(held(officer=officer, role=role) for role in roles)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_roleheld")]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
