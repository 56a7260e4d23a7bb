from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0004_pictures")]

    operations = [
        migrations.AddField(
            model_name="posterior", name="gain", field=models.FloatField(default=0.0)
        ),
    ]
