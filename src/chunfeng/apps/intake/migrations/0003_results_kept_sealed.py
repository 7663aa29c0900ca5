from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("intake", "0002_deliveries"),)

    operations = (
        migrations.AddField(
            model_name="run",
            name="kept",
            field=models.JSONField(default=dict, help_text="part → name of its sealed file, see results"),
        ),
    )
