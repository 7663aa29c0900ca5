"""What the planner must know to stop at the first fifty: a kind of mark and its code go together."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("registry", "0002_one_open_inquiry"),)
    operations = (
        migrations.RunSQL(
            "CREATE STATISTICS mark_of_kind (mcv) ON kind, code FROM registry_mark",
            "DROP STATISTICS mark_of_kind",
        ),
    )
