"""Keep `Mark` and `CommonDepartment` in step with the persons of a county: a few statements, whatever the number of persons.

The difference is found from what the persons' arrays say now, not from what a run changed: whoever changed them, it holds.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from chunfeng.apps.intake.models import Run
from chunfeng.apps.places.numbers import Reach
from chunfeng.apps.places.scope import current
from chunfeng.apps.registry.models import CommonDepartment

ANY = "*"
"""Stands for any code of the kind: who is in some category is marked once more with this."""
FEW = 10
"""A department that knows more than one in so many persons is common: its persons are met soon on any page."""

_KNOWN = """
    CREATE TEMPORARY TABLE known_at ON COMMIT DROP AS
    SELECT place, known.by AS code, count(*) AS persons FROM registry_person, unnest(departments) AS known(by)
    WHERE county = %(county)s GROUP BY place, known.by
"""
_FEW = """
    SELECT code FROM known_at GROUP BY code
    HAVING sum(persons) * %(times)s <= (SELECT count(*) FROM registry_person WHERE county = %(county)s)
"""
_COMMON_GONE = """
    DELETE FROM registry_commondepartment c WHERE c.county = %(county)s AND (c.code = ANY(%(few)s)
        OR NOT EXISTS (SELECT FROM known_at k WHERE k.place = c.place AND k.code = c.code))
"""
_COMMON_COME = """
    INSERT INTO registry_commondepartment (county, place, code)
    SELECT %(county)s, place, code FROM known_at WHERE code <> ALL(%(few)s) ON CONFLICT (county, place, code) DO NOTHING
"""
_OF_PERSON = "key AS person_id, place, hukou_place, stay_place"
_WANTED = f"""
    CREATE TEMPORARY TABLE wanted_mark ON COMMIT DROP AS
    SELECT {_OF_PERSON}, 'yes'::varchar AS kind, unnest(categories || '*'::varchar) AS code
    FROM registry_person WHERE county = %(county)s AND categories <> '{{}}'
    UNION ALL
    SELECT {_OF_PERSON}, 'unknown', unnest(open_categories || '*'::varchar)
    FROM registry_person WHERE county = %(county)s AND open_categories <> '{{}}'
    UNION ALL
    SELECT {_OF_PERSON}, 'target', unnest(targets) FROM registry_person WHERE county = %(county)s AND targets <> '{{}}'
    UNION ALL
    SELECT {_OF_PERSON}, 'department', known.by FROM registry_person, unnest(departments) AS known(by)
    WHERE county = %(county)s AND known.by = ANY(%(few)s)
"""
_SAME = "m.county = %(county)s AND m.person_id = w.person_id AND m.kind = w.kind AND m.code = w.code"
_GONE = f"""
    DELETE FROM registry_mark m WHERE m.county = %(county)s AND NOT EXISTS (SELECT FROM wanted_mark w WHERE {_SAME})
"""
_MOVED = f"""
    UPDATE registry_mark m SET place = w.place, hukou_place = w.hukou_place, stay_place = w.stay_place
    FROM wanted_mark w WHERE {_SAME}
        AND (m.place, m.hukou_place, m.stay_place) IS DISTINCT FROM (w.place, w.hukou_place, w.stay_place)
"""
_COME = f"""
    INSERT INTO registry_mark (person_id, county, place, hukou_place, stay_place, kind, code)
    SELECT w.person_id, %(county)s, w.place, w.hukou_place, w.stay_place, w.kind, w.code
    FROM wanted_mark w WHERE NOT EXISTS (SELECT FROM registry_mark m WHERE {_SAME})
    ORDER BY w.kind, w.code, w.place, w.person_id
    ON CONFLICT (person_id, kind, code) DO NOTHING
"""


def load(county: str, out: Path, run: Run) -> dict[str, int]:
    """After a run: the marks of the county's persons. Returns how many went and how many came or moved."""
    return refresh(county)


def refresh(county: str) -> dict[str, int]:
    """Make the marks of a county those its persons' arrays say; in the current scope and transaction."""
    current()
    given = {"county": county, "times": FEW}
    with connection.cursor() as cursor:

        def do(statement: str) -> int:
            cursor.execute(statement, given)
            return int(cursor.rowcount)

        do(_KNOWN)
        do(_FEW)
        given["few"] = [name for (name,) in cursor.fetchall()]
        do(_COMMON_GONE)
        do(_COMMON_COME)
        do(_WANTED)
        do("ANALYZE wanted_mark")
        # whoever loads may not analyse the table of marks; taking it for small, the planner would look up one by one
        do("SET LOCAL enable_nestloop = off")
        gone, moved, come = do(_GONE), do(_MOVED), do(_COME)
        do("SET LOCAL enable_nestloop = on")
        do("DROP TABLE known_at, wanted_mark")
    return {"mark.deleted": gone, "mark.changed": moved + come}


def is_marked(department: str, where: Reach) -> bool:
    """Whether everybody in `where` whom a department knows is marked so, be it nobody. In the current scope; one query."""
    inside = CommonDepartment.objects.filter(code=department, place__gte=where.low, place__lt=where.high)
    return not inside.exists()
