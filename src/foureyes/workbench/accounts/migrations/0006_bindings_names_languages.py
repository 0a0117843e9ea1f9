"""An officer is bound to one identity of the OpenID server; a language may never have been chosen."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_sign_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpenIDBinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="officerlanguage",
            name="language_is_two_letters",
        ),
        migrations.AlterField(
            model_name="officer",
            name="language",
            field=models.CharField(
                blank=True, choices=[("en", "English"), ("fr", "Français")], default="", max_length=2
            ),
        ),
        migrations.AlterField(
            model_name="officer",
            name="username",
            field=models.CharField(
                max_length=60,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[\\w.@+-]+\\Z", "Letters, digits and . @ + - _ only"
                    )
                ],
            ),
        ),
        migrations.AlterField(
            model_name="unit",
            name="country",
            field=models.CharField(
                blank=True,
                max_length=2,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Z]{2}\\Z", "Two letters of ISO 3166-1, such as NL"
                    )
                ],
            ),
        ),
        migrations.AddConstraint(
            model_name="officerlanguage",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[a-z]{2}\\Z")), name="language_is_two_letters"
            ),
        ),
        migrations.AddField(
            model_name="openidbinding",
            name="officer",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="openid",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="openidbinding",
            constraint=models.UniqueConstraint(
                fields=("issuer", "subject"), name="one_officer_per_openid_subject"
            ),
        ),
    ]
