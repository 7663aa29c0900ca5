"""How often something may be done in a while: one atomic statement a time, so that two at once are counted as two."""

from __future__ import annotations

from django.db import connection
from django.utils.crypto import salted_hmac

_HIT = """
INSERT INTO gate_counter AS c (name, count, ends) VALUES (%(name)s, 1, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE SET
  count = CASE WHEN c.ends <= clock_timestamp() THEN 1 ELSE c.count + 1 END,
  ends = CASE WHEN c.ends <= clock_timestamp() THEN excluded.ends ELSE c.ends END
RETURNING count
"""


def hit(what: str, who: object, limit: int, seconds: int) -> bool:
    """Count one more `what` of `who`, and whether that is still within `limit` in `seconds`.

    `who` is kept as a keyed digest only. A count that belongs to work rolled back is rolled back with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HIT, {"name": _name(what, who), "seconds": seconds})
        return bool(cursor.fetchone()[0] <= limit)


def spent(what: str, who: object, limit: int) -> bool:
    """Whether `limit` of these were counted already and their while is not over; counts nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count >= %s FROM gate_counter WHERE name = %s AND ends > clock_timestamp()",
            [limit, _name(what, who)],
        )
        found = cursor.fetchone()
    return bool(found and found[0])


def give_back(what: str, who: object) -> None:
    """Take one of these back: it came to a good end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE gate_counter SET count = count - 1 WHERE name = %s AND count > 0", [_name(what, who)]
        )


def clear(what: str, who: object) -> None:
    """Begin to count anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM gate_counter WHERE name = %s", [_name(what, who)])


def _name(what: str, who: object) -> str:
    return f"{what}:{salted_hmac('limit', f'{what}:{who}', algorithm='sha256').hexdigest()[:32]}"
