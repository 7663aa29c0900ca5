"""Seal audit events in batches chained by SM3, so that no event can be changed, taken out or slipped in unseen.

Ids are handed out before their transactions commit, so a smaller id may become visible after a greater one was sealed.
Two things make that harmless: only what is older than the oldest running transaction is sealed, and a batch says
exactly which ids it holds, so that whatever comes late goes into a later batch instead of being lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.db import connection
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.utils import timezone

from chunfeng.apps.audit.models import Event, SealedBatch
from chunfeng.apps.places.scope import use, whole_province

GENESIS = "0" * 64
"""The digest before the first batch."""
BATCH = 20_000
"""Events of one batch at most."""
LATE = timedelta(days=2)
"""How long a transaction may run and still have its events sealed."""
_LOCK = 51_120_223
_FIELDS = (
    "id",
    "at",
    "actor",
    "on_behalf_of",
    "role",
    "low",
    "high",
    "action",
    "purpose",
    "kind",
    "key",
    "person",
    "reason",
    "details",
    "address",
    "request",
)

_SETTLED = """
WITH recent AS (
  SELECT range_agg(r) AS ids, min(lower(r)) AS low, max(upper(r)) AS high
  FROM audit_sealedbatch b, unnest(b.ids) r WHERE b.sealed_at > %(late)s),
holes AS (SELECT unnest(int8multirange(int8range(low, high)) - ids) AS hole FROM recent WHERE low IS NOT NULL),
open AS (
  SELECT e.id, e.xmin FROM holes JOIN audit_event e ON e.id >= lower(hole) AND e.id < upper(hole)
  UNION ALL SELECT id, xmin FROM audit_event WHERE id > %(last)s)
SELECT id FROM open WHERE age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)
ORDER BY id LIMIT %(limit)s
"""


def seal() -> list[SealedBatch]:
    """Seal everything that is settled; the batches made. Nothing when another sealer is at work."""
    made = []
    while batch := _seal_one():
        made.append(batch)
    return made


def _seal_one() -> SealedBatch | None:
    with use(whole_province("seal", "封存审计")):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return None
            newest = SealedBatch.objects.order_by("-pk").only("digest").first()
            cursor.execute("SELECT COALESCE(max(last), 0) FROM audit_sealedbatch")
            cursor.execute(
                _SETTLED,
                {"last": cursor.fetchone()[0], "late": timezone.now() - LATE, "limit": BATCH},
            )
            ids = [key for (key,) in cursor]
        if not ids:
            return None
        leaves = b"".join(leaf(event) for event in events(ids))
        ranges = as_ranges(ids)
        previous = newest.digest if newest else GENESIS
        return SealedBatch.objects.create(
            first=ids[0],
            last=ids[-1],
            ids=[NumericRange(low, high + 1) for low, high in ranges],
            count=len(ids),
            leaves=leaves,
            digest=chained(previous, ranges, leaves),
            previous=previous,
            sealed_at=timezone.now(),
        )


def events(ids: list[int]) -> Iterator[dict[str, Any]]:
    """The events with these ids, in their order, as what is sealed of them."""
    return Event.objects.filter(pk__in=ids).order_by("pk").values(*_FIELDS).iterator(5_000)


def leaf(event: dict[str, Any]) -> bytes:
    """SM3 of one event's canonical JSON: keys sorted, UTF-8, no spaces, time in UTC with microseconds."""
    plain = event | {"at": event["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _sm3(text.encode())


def chained(previous: str, ranges: Iterable[tuple[int, int]], leaves: bytes) -> str:
    """The digest of a batch: SM3 of the digest before, the ids, and the digests of the events."""
    ids = ",".join(f"{low}-{high}" for low, high in ranges)
    return _sm3(bytes.fromhex(previous) + ids.encode() + b"\n" + leaves).hex()


def as_ranges(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as ranges, both ends included.

    >>> as_ranges([1, 2, 3, 7, 9, 10])
    [(1, 3), (7, 7), (9, 10)]
    """
    ranges: list[tuple[int, int]] = []
    for number in ids:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def _sm3(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()
