from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("audit", "0002_history"),)

    operations = (
        migrations.AddField(
            model_name="exportrequest",
            name="capabilities",
            field=ArrayField(base_field=models.CharField(max_length=40), default=list, size=None),
        ),
    )
