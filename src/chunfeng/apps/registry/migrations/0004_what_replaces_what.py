"""A later deed may take a row from whom an earlier one gave it to; a merge says which record it merged away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("registry", "0003_statistics_of_marks"),)

    operations = (
        migrations.AddField(
            "decision", "absorbed", models.BigIntegerField(null=True, verbose_name="并入的记录")
        ),
        migrations.AddField(
            "decision", "replaced_by", models.UUIDField(null=True, verbose_name="被哪次决定替换")
        ),
        migrations.RemoveConstraint("decision", "one_person_per_row"),
        migrations.RemoveConstraint("decision", "one_decision_per_row_and_person"),
        migrations.AddConstraint(
            "decision",
            models.UniqueConstraint(
                fields=("county", "fingerprint"),
                condition=models.Q(undone_at=None) & models.Q(action="confirm", replaced_by=None),
                name="one_person_per_row",
                violation_error_message="这一行已经归给别人。",
            ),
        ),
        migrations.AddConstraint(
            "decision",
            models.UniqueConstraint(
                fields=("county", "fingerprint", "person"),
                condition=models.Q(undone_at=None) & models.Q(replaced_by=None),
                name="one_decision_per_row_and_person",
                violation_error_message="这一行与此人已经有决定。",
            ),
        ),
    )
