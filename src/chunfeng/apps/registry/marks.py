"""Keep `Mark` in step with the persons of a county: three statements, whatever the number of persons."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry.models import Mark

ANY = "*"
"""Stands for any code of the kind: who is in some category is marked once more with this."""
FEW = 10
"""A department that knows more than one in so many persons is not marked: its persons are met soon on any page."""

_WANTED = """
    SELECT key AS person_id, 'yes' AS kind, unnest(categories || '*'::varchar) AS code FROM here WHERE categories <> '{}'
    UNION ALL
    SELECT key, 'unknown', unnest(open_categories || '*'::varchar) FROM here WHERE open_categories <> '{}'
    UNION ALL
    SELECT key, 'target', unnest(targets) FROM here
    UNION ALL
    SELECT key, 'department', name FROM here, unnest(departments) AS name WHERE name = ANY(%(few)s)
"""
_HERE = "SELECT * FROM registry_person WHERE county = %(county)s"
_FEW = """
    SELECT name FROM registry_person, unnest(departments) AS name WHERE county = %(county)s
    GROUP BY name HAVING count(*) * %(times)s <= (SELECT count(*) FROM registry_person WHERE county = %(county)s)
"""
_GONE = f"""
    WITH here AS NOT MATERIALIZED ({_HERE})
    DELETE FROM registry_mark m WHERE county = %(county)s AND NOT EXISTS (
        SELECT FROM ({_WANTED}) w WHERE w.person_id = m.person_id AND w.kind = m.kind AND w.code = m.code
    )
"""
_COME = f"""
    WITH here AS NOT MATERIALIZED ({_HERE})
    INSERT INTO registry_mark (person_id, county, kind, code, place, hukou_place, stay_place)
    SELECT DISTINCT person_id, county, kind, code, place, hukou_place, stay_place
    FROM ({_WANTED}) w JOIN registry_person p ON p.key = w.person_id
    ON CONFLICT (person_id, kind, code) DO UPDATE
    SET place = excluded.place, hukou_place = excluded.hukou_place, stay_place = excluded.stay_place
    WHERE (registry_mark.place, registry_mark.hukou_place, registry_mark.stay_place)
        IS DISTINCT FROM (excluded.place, excluded.hukou_place, excluded.stay_place)
"""


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """After a run: the marks of the county's persons. Returns how many went and how many came or moved."""
    return refresh(county)


def refresh(county: str) -> dict[str, int]:
    """Make the marks of a county those its persons' arrays say; in the current scope and transaction."""
    current()
    given = {"county": county, "times": FEW}
    with connection.cursor() as cursor:
        cursor.execute(_FEW, given)
        given["few"] = [name for (name,) in cursor.fetchall()]
        cursor.execute(_GONE, given)
        gone = cursor.rowcount
        cursor.execute(_COME, given)
        return {"mark.deleted": gone, "mark.changed": cursor.rowcount}


def is_marked(department: str) -> bool:
    """Whether persons known to a department are marked so within the current scope. One query."""
    return Mark.objects.mine().filter(kind=Mark.Kind.DEPARTMENT, code=department).exists()
