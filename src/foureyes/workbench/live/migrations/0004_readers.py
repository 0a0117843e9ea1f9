"""An event says who may be told of it, where not all are who see its series."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("live", "0003_officer_may_be_nobody"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="concerned",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="event",
            name="handling_code",
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AddField(
            model_name="event",
            name="units",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
