import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0003_intake_preview"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="traces",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="image",
            name="look",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="unitimage",
            name="folder",
            field=models.CharField(db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="unitimage",
            name="compared",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="unitimage",
            index=models.Index(
                condition=models.Q(("compared", False)), fields=["unit"], name="uncompared"
            ),
        ),
        migrations.CreateModel(
            name="Resemblance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agreement", models.FloatField()),
                ("mirrored", models.BooleanField(default=False)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("both", "Both"), ("first", "First"), ("second", "Second")],
                        max_length=10,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.unit",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resembles",
                        to="store.unit",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="resemblance",
            constraint=models.UniqueConstraint(
                fields=("first", "second"), name="one_resemblance_per_pair"
            ),
        ),
    ]
