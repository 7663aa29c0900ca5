"""Where departments are known that too many are known to to be marked: what was told so far by the lack of any mark."""

from django.db import migrations, models

_FILL = """
    ALTER TABLE registry_person NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE registry_mark NO FORCE ROW LEVEL SECURITY;
    INSERT INTO registry_commondepartment (county, place, code)
    SELECT DISTINCT p.county, p.place, known.by FROM registry_person p, unnest(p.departments) AS known(by)
    WHERE (p.county, known.by) NOT IN (SELECT m.county, m.code FROM registry_mark m WHERE m.kind = 'department');
    ALTER TABLE registry_person FORCE ROW LEVEL SECURITY;
    ALTER TABLE registry_mark FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = (("registry", "0004_what_replaces_what"),)
    operations = (
        migrations.CreateModel(
            name="CommonDepartment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "place",
                    models.BigIntegerField(help_text="place number, see places.numbers", verbose_name="地区"),
                ),
                ("county", models.CharField(max_length=6, verbose_name="登记县")),
                ("code", models.CharField(max_length=20, verbose_name="部门")),
            ],
            options={
                "verbose_name": "常见部门",
                "verbose_name_plural": "常见部门",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["code", "place"], name="common_department_by_place")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "place", "code"), name="one_common_department_of_a_place"
                    )
                ],
            },
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    )
