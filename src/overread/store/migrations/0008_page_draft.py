import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0006_duplicates"),
    ]

    operations = [
        migrations.CreateModel(
            name="PageDraft",
            fields=[
                (
                    "participation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="draft",
                        serialize=False,
                        to="store.participation",
                    ),
                ),
                ("places", models.JSONField(default=dict)),
                ("saved_at", models.BigIntegerField()),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.page",
                    ),
                ),
            ],
        ),
    ]
