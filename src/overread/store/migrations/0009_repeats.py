from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_worth"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="repeat_share",
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name="job",
            name="repeat_hours",
            field=models.PositiveIntegerField(default=168),
        ),
        migrations.AddField(
            model_name="participation",
            name="repeated_to",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="page",
            name="again",
            field=models.TextField(db_default="[]", default="[]"),
        ),
        migrations.RemoveConstraint(
            model_name="judgment",
            name="only_test_questions_come_again",
        ),
        migrations.AddConstraint(
            model_name="judgment",
            constraint=models.CheckConstraint(
                condition=models.Q(("attempt__lte", 1), ("test__isnull", False), _connector="OR"),
                name="work_comes_again_once",
            ),
        ),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                condition=models.Q(("attempt__gt", 0), ("test__isnull", True)),
                fields=["participation"],
                name="repeats_by",
            ),
        ),
    ]
