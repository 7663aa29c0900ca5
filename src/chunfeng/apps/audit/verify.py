"""Check the chain of seals: every link, every event; and say what is not sealed yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone

from chunfeng.apps.audit.models import SealedBatch
from chunfeng.apps.audit.seals import GENESIS, LATE, chained, events, leaf
from chunfeng.apps.places.scope import use, whole_province

_LEAF = 32


@dataclass
class Report:
    """`broken`: batches whose link or digest does not fit; `changed`, `missing`: ids of events; `slipped`: events that
    stand among sealed ones and in no batch, too old to be late; `unsealed`: events waiting for the sealer."""

    batches: int = 0
    events: int = 0
    head: str = GENESIS
    broken: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    slipped: list[int] = field(default_factory=list)
    unsealed: int = 0
    unsealed_since: datetime | None = None
    head_found: bool = True

    @property
    def sound(self) -> bool:
        return not (self.broken or self.changed or self.missing or self.slipped) and self.head_found


def verify(head: str | None = None) -> Report:
    """Recompute everything. `head`: a digest noted down earlier, which must be in the chain: whoever rewrites the whole
    chain cannot know it."""
    report = Report(head_found=head is None)
    with use(whole_province("verify", "核对审计链")):
        for batch in SealedBatch.objects.order_by("pk").iterator(50):
            _check(batch, report)
            report.head_found = report.head_found or batch.digest == head
        _count_unsealed(report)
    return report


def _check(batch: SealedBatch, report: Report) -> None:
    ranges = [(each.lower, each.upper - 1) for each in batch.ids]
    ids = [key for low, high in ranges for key in range(low, high + 1)]
    leaves = bytes(batch.leaves)
    whole = (
        batch.previous == report.head
        and batch.digest == chained(batch.previous, ranges, leaves)
        and len(ids) == batch.count == len(leaves) // _LEAF
    )
    if not whole:
        report.broken.append(batch.pk)
    found = {event["id"]: leaf(event) for event in events(ids)}
    for number, key in enumerate(ids):
        if key not in found:
            report.missing.append(key)
        elif found[key] != leaves[number * _LEAF : (number + 1) * _LEAF]:
            report.changed.append(key)
    report.batches += 1
    report.events += len(ids)
    report.head = batch.digest


_OUTSIDE = """
WITH sealed AS (SELECT range_agg(r) AS ids, max(upper(r)) AS top FROM audit_sealedbatch, unnest(ids) r)
SELECT e.id, e.at, e.id < COALESCE(s.top, 0) AND e.at < %s FROM audit_event e, sealed s
WHERE s.ids IS NULL OR NOT s.ids @> e.id ORDER BY e.id
"""


def _count_unsealed(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OUTSIDE, [timezone.now() - LATE])
        for key, at, old in cursor:
            if old:
                report.slipped.append(key)
            else:
                report.unsealed += 1
                report.unsealed_since = min(at, report.unsealed_since or at)
