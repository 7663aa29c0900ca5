from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0004_when_lists_came"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedmapping",
            name="titled",
            field=models.TextField(blank=True, default="", verbose_name="标题所指的种类"),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(
            model_name="savedmapping",
            name="one_mapping_per_sender_and_header",
        ),
        migrations.AddConstraint(
            model_name="savedmapping",
            constraint=models.UniqueConstraint(
                fields=("place", "organisation", "fingerprint", "titled"),
                name="one_mapping_per_sender_and_header",
                nulls_distinct=False,
            ),
        ),
    ]
