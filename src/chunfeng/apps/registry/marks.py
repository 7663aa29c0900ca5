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

_FEW = """
    SELECT known.by FROM registry_person, unnest(departments) AS known(by) WHERE county = %(county)s
    GROUP BY known.by HAVING count(*) * %(times)s <= (SELECT count(*) FROM registry_person WHERE county = %(county)s)
"""
_GONE = """
    DELETE FROM registry_mark m WHERE m.county = %(county)s AND NOT EXISTS (
        SELECT FROM registry_person p WHERE p.key = m.person_id AND CASE m.kind
            WHEN 'yes' THEN m.code = ANY(p.categories) OR m.code = '*' AND p.categories <> '{}'
            WHEN 'unknown' THEN m.code = ANY(p.open_categories) OR m.code = '*' AND p.open_categories <> '{}'
            WHEN 'target' THEN m.code = ANY(p.targets)
            ELSE m.code = ANY(p.departments) AND m.code = ANY(%(few)s)
        END
    )
"""
_COME = """
    INSERT INTO registry_mark (person_id, county, place, hukou_place, stay_place, kind, code)
    SELECT DISTINCT key, county, place, hukou_place, stay_place, said.kind, said.code
    FROM registry_person, LATERAL (
        SELECT 'yes' AS kind, unnest(categories || '*'::varchar) AS code WHERE categories <> '{}'
        UNION ALL
        SELECT 'unknown', unnest(open_categories || '*'::varchar) WHERE open_categories <> '{}'
        UNION ALL
        SELECT 'target', unnest(targets)
        UNION ALL
        SELECT 'department', known.by FROM unnest(departments) AS known(by) WHERE known.by = ANY(%(few)s)
    ) said
    WHERE county = %(county)s AND NOT EXISTS (
        SELECT FROM registry_mark m
        WHERE m.person_id = key AND m.kind = said.kind AND m.code = said.code AND m.place = registry_person.place
            AND m.hukou_place IS NOT DISTINCT FROM registry_person.hukou_place
            AND m.stay_place IS NOT DISTINCT FROM registry_person.stay_place
    )
    ON CONFLICT (person_id, kind, code) DO UPDATE
    SET place = excluded.place, hukou_place = excluded.hukou_place, stay_place = excluded.stay_place
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
