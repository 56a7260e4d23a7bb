"""A snapshot of what readers drew on an image."""

from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_repeats"),
    ]

    operations = [
        migrations.AddField(
            model_name="consensus",
            name="marks",
            field=models.JSONField(db_default=Value([], models.JSONField()), default=list),
        ),
    ]
