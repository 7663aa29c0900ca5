"""How far a delivery is: being read, to be dealt with, done."""

from __future__ import annotations

from chunfeng.apps.intake.models import Delivery, Extract, SentFile

_TO_DO = (Extract.State.NEEDS_MAPPING, Extract.State.READ, Extract.State.HELD)
_BEING_READ = (SentFile.State.WAITING, SentFile.State.READING)


def refresh(delivery_id: int) -> None:
    """Bring the state of a delivery in line with its files and extracts, in the current scope and transaction."""
    if SentFile.objects.filter(delivery=delivery_id, state__in=_BEING_READ).exists():
        state = Delivery.State.READING
    elif Extract.objects.filter(delivery=delivery_id, state__in=_TO_DO).exists():
        state = Delivery.State.OPEN
    else:
        state = Delivery.State.CLOSED
    Delivery.objects.filter(pk=delivery_id).exclude(state=state).update(state=state)
