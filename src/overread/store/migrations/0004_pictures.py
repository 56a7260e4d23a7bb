"""Rows have several pictures, each named by a column of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0005_privacy")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="lateral_column",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="job",
            name="prior_column",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
    ]
