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
            model_name="unitimage",
            name="folder",
            field=models.CharField(db_default="", default="", max_length=80),
        ),
    ]
